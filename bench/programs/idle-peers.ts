import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { encodeClient } from "../../src/protocols/dialects/native/encode.ts";
import { PREFACE } from "../../src/protocols/dialects/native/wire.ts";
import { liveWithParent, tell } from "./child.ts";

// Agencies that greet and then say nothing: `idle-peers.js PORT FIRST_AGENCY COUNT`.

/** Greetings at a time: so many connections can wait to be accepted without being refused. */
const AT_ONCE = 100;
const NO_CREDENTIALS = Buffer.alloc(0);

const [port = 0, first = 0, count = 0] = process.argv.slice(2).map(Number);
liveWithParent();
const startMs = performance.now();
const sockets: Socket[] = [];
let next = 0;
await Promise.all(Array.from({ length: AT_ONCE }, greetSome));
tell({ kind: "connected", seconds: (performance.now() - startMs) / 1000 });

async function greetSome(): Promise<void> {
  while (next < count) {
    const agency = first + next++;
    const socket = connect({ host: "127.0.0.1", port });
    sockets.push(socket);
    const hello = encodeClient({ kind: "hello", agency, draw: "", credentials: NO_CREDENTIALS });
    socket.write(Buffer.concat([PREFACE, hello]));
    // WELCOME. After it nothing comes, and nothing is sent.
    await once(socket, "data");
    socket.on("close", () => {
      tell({ kind: "lost", agency });
    });
    socket.on("error", () => undefined);
  }
}
