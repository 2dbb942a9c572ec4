import type { Duplex } from "node:stream";
import type { Conversation, Desk, Peer } from "../../src/protocols/desk.ts";
import type { Dialect } from "../../src/protocols/dialect.ts";

/** Serves a dialect over a stream as a central's session does, without its limits. */
export function serveStream(stream: Duplex, dialect: Dialect, desk: Desk): Conversation {
  const peer: Peer = {
    address: "127.0.0.1",
    send: (bytes) => void stream.write(bytes),
    whenDrained: (callback) => {
      if (stream.writableNeedDrain) stream.once("drain", callback);
      else setImmediate(callback);
    },
    end: () => void stream.end(),
    log: () => undefined,
  };
  const conversation = dialect.serve({ peer, desk, limits: { frameBytesMax: 8192 } });
  stream.on("data", (chunk: Buffer) => {
    const steps = conversation.receive(chunk);
    while (steps.next().done !== true);
  });
  stream.on("end", () => conversation.ended());
  stream.on("close", () => conversation.closed());
  return conversation;
}
