import assert from "node:assert/strict";
import { type Duplex, duplexPair } from "node:stream";
import type { Bet } from "../../src/lottery/bet.ts";
import { type AgencyDialer, type Connect, LinkError } from "../../src/protocols/agency-link.ts";
import type { Dialect } from "../../src/protocols/dialect.ts";
import { CLAIM, dialContext } from "./dial-context.ts";
import type { MemoryDesk } from "./memory-desk.ts";
import { inBatches } from "./plain-bets.ts";
import { pieces } from "./seen.ts";
import { serveStream } from "./stream-peer.ts";

/** A network before a central: bytes come in pieces, and after so many it is gone. */
export function network(
  dialect: Dialect,
  desk: MemoryDesk,
  { size = 65_536, bytesMax = Infinity } = {},
): Connect {
  let bytes = 0;
  return () => {
    if (bytes >= bytesMax) return Promise.reject(new LinkError("CONNECT_FAILED", "gone"));
    const [agency, near] = duplexPair();
    const [far, central] = duplexPair();
    serveStream(central, dialect, desk);
    const relay = (from: Duplex, to: Duplex): void => {
      from.on("data", (chunk: Buffer) => {
        for (const piece of pieces(chunk, [size])) {
          if (bytes >= bytesMax) break;
          const rest = piece.subarray(0, bytesMax - bytes);
          bytes += rest.length;
          to.write(rest);
        }
        if (bytes >= bytesMax) for (const end of [agency, central]) end.destroy();
      });
      from.on("end", () => to.end());
    };
    relay(near, far);
    relay(far, near);
    return Promise.resolve(agency);
  };
}

export interface Run {
  readonly sent: readonly Bet[];
  readonly dialer: AgencyDialer;
  readonly connect: Connect;
  readonly agency?: number;
  /** Bets in a batch. */
  readonly size?: number;
}

/** A whole run of an agency, from its first bet. @returns its winners */
export async function run({
  sent,
  connect,
  dialer,
  agency = 1,
  size = 3,
}: Run): Promise<readonly string[] | undefined> {
  const link = await dialer.dial(dialContext(connect, agency));
  try {
    for (const batch of inBatches(sent, size)) {
      assert.deepEqual(await link.send(batch), { kind: "accepted" });
    }
    await link.done(CLAIM);
    return (await link.results())?.winners;
  } finally {
    await link.close();
  }
}
