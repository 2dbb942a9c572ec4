import { once } from "node:events";
import { createConnection, type Socket } from "node:net";

/** What {@link ./frozen.ts} lets another process send, before it stops that process. */
export interface FrozenCrowd {
  readonly port: number;
  /** One connection for each: what it sends, in base64. */
  readonly says: readonly string[];
}

// Not a module but a program that the tests start: it connects, sends what it is told, and stays.
const sockets: Socket[] = [];
process.once("message", (message) => {
  void fill(message as FrozenCrowd).then(() => process.send?.("ready"));
});
process.once("disconnect", () => process.exit());

async function fill({ port, says }: FrozenCrowd): Promise<void> {
  for (const text of says) {
    const socket = createConnection({ host: "127.0.0.1", port, allowHalfOpen: true });
    socket.on("error", () => undefined);
    // Because of the unread bytes the system resets the connection when this process is killed. If
    // everything were read, the connection would end in order, and only keep-alive would notice it,
    // a minute later.
    socket.pause();
    await once(socket, "connect");
    if (text !== "") socket.write(Buffer.from(text, "base64"));
    sockets.push(socket);
  }
}
