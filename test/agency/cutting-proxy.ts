import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** Passes connections on to a central, and cuts them. */
export interface CuttingProxy {
  readonly port: number;
  readonly cuts: number;
  close(): Promise<void>;
}

/**
 * @param cutAfterBytes the bytes, of both directions together, after which the first, second …
 * connection is cut; later connections are not cut. The cut comes in the middle of the bytes that
 * arrive then.
 */
export async function startCuttingProxy(
  centralPort: number,
  cutAfterBytes: readonly number[],
): Promise<CuttingProxy> {
  const lives = [...cutAfterBytes];
  const open = new Set<Socket>();
  let cuts = 0;
  const server = createServer((agency) => {
    const central = connect(centralPort, "127.0.0.1");
    let leftBytes = lives.shift() ?? Number.POSITIVE_INFINITY;
    const end = (): void => {
      agency.destroy();
      central.destroy();
    };
    for (const [from, to] of [
      [agency, central],
      [central, agency],
    ] as const) {
      open.add(from);
      from.setNoDelay(true);
      from.on("error", end);
      from.on("close", () => {
        open.delete(from);
        end();
      });
      from.on("data", (chunk) => {
        if (chunk.length <= leftBytes) {
          leftBytes -= chunk.length;
          to.write(chunk);
          return;
        }
        if (leftBytes < 0) return;
        cuts++;
        to.write(chunk.subarray(0, leftBytes), end);
        leftBytes = -1;
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return {
    port: address.port,
    get cuts() {
      return cuts;
    },
    async close() {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, "close");
    },
  };
}
