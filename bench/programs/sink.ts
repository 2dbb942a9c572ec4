import { createServer, type Socket } from "node:net";
import { encodeCentral } from "../../src/protocols/dialects/native/encode.ts";
import {
  CENTRAL_TYPES,
  CLIENT_TYPES,
  PREFACE,
  WINDOW,
} from "../../src/protocols/dialects/native/wire.ts";
import { liveWithParent, tell } from "./child.ts";

// The ceiling of any central in Node. It speaks only the part of the native protocol that is needed to send
// batches, does not read them, stores nothing, and acknowledges at once. Like the central it writes one
// answer for all batches of a chunk.

const HEADER_BYTES = 5;
const ZERO_HEAD = Buffer.alloc(32);

const server = createServer({ noDelay: true }, serve);
server.listen({ host: "127.0.0.1", port: 0, backlog: 511 }, () => {
  const address = server.address();
  if (typeof address === "object" && address !== null) {
    tell({ kind: "listening", port: address.port });
  }
});
liveWithParent();

function serve(socket: Socket): void {
  // Ignore errors: clients may end their connections at any time.
  socket.on("error", () => undefined);
  const ack = encodeCentral({ kind: "ack", sequence: 0, head: ZERO_HEAD, done: false });
  if (ack[4] !== CENTRAL_TYPES.ack) throw new Error("An ACK's sequence is not where it was");
  let sequence = 0;
  /** Bytes until the next frame begins, when a chunk ends within a frame's body. */
  let skip = PREFACE.length;
  /** Whether the frame of these bytes is a batch. */
  let inBatch = false;
  /** The beginning of a frame's header, when a chunk ends within it. */
  let rest: Buffer | undefined;
  socket.on("data", (data) => {
    const chunk = rest === undefined ? data : Buffer.concat([rest, data]);
    rest = undefined;
    let at = skip;
    let batches = 0;
    if (inBatch && at <= chunk.length) {
      batches++;
      inBatch = false;
    }
    while (at + HEADER_BYTES <= chunk.length) {
      const type = chunk[at + 4];
      at += 4 + chunk.readUInt32BE(at);
      if (type === CLIENT_TYPES.hello) socket.write(WELCOME);
      if (type !== CLIENT_TYPES.batch) continue;
      if (at <= chunk.length) batches++;
      else inBatch = true;
    }
    skip = Math.max(0, at - chunk.length);
    if (at < chunk.length) rest = Buffer.from(chunk.subarray(at));
    if (batches === 0) return;
    sequence += batches;
    ack.writeUInt32BE(sequence, HEADER_BYTES + 4);
    socket.write(Buffer.from(ack));
  });
}

const WELCOME = encodeCentral({
  kind: "welcome",
  draw: "sink",
  state: "open",
  done: false,
  chainKnown: true,
  nextSequence: 1,
  bets: 0,
  head: ZERO_HEAD,
  window: WINDOW,
  frameBytesMax: 8192,
});
