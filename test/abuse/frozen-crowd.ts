import { once } from "node:events";
import { createConnection, type Socket } from "node:net";

/** What {@link ./frozen.ts} has a process of its own say, to stop that process afterwards. */
export interface FrozenCrowd {
  readonly port: number;
  /** A connection for each: base64 of what it says. */
  readonly says: readonly string[];
}

// Not a module of the tests but a program of theirs: it connects, says what it is told, and stays.
const sockets: Socket[] = [];
process.once("message", (message) => {
  void fill(message as FrozenCrowd).then(() => process.send?.("ready"));
});
process.once("disconnect", () => process.exit());

async function fill({ port, says }: FrozenCrowd): Promise<void> {
  for (const text of says) {
    const socket = createConnection({ host: "127.0.0.1", port, allowHalfOpen: true });
    socket.on("error", () => undefined);
    // What it leaves unread makes the system reset the connection when this process is killed; one that
    // had read everything would end in order, and be found gone by keep-alive only, a minute later.
    socket.pause();
    await once(socket, "connect");
    if (text !== "") socket.write(Buffer.from(text, "base64"));
    sockets.push(socket);
  }
}
