import type { Duplex } from "node:stream";
import type { Door } from "../../src/central/admitter.ts";
import type { Dialect, ServeContext } from "../../src/protocols/dialect.ts";
import { systemClock } from "../../src/clock.ts";
import { Driven } from "./driven.ts";
import { type PlayedPeer, serveContext } from "./serve-context.ts";

/** Serves a dialect over a stream as a central's session does, without its limits. */
export function serveStream(
  stream: Duplex,
  dialect: Pick<Dialect, "serve">,
  door: Door,
  others: Partial<Pick<ServeContext, "limits" | "clock">> = {},
): Driven {
  let steps: Iterator<void> | undefined;
  let peerEnded = false;
  const advance = (): void => {
    while (steps !== undefined) {
      if (conversation.mustWait) {
        stream.pause();
        return;
      }
      if (steps.next().done === true) steps = undefined;
    }
    if (peerEnded) conversation.ended();
    else stream.resume();
  };
  const endings: (() => void)[] = [];
  const over = (): void => endings.forEach((callback) => callback());
  const peer: PlayedPeer = {
    address: "127.0.0.1",
    send: (bytes) => void stream.write(bytes),
    whenDrained: (callback) => {
      if (stream.writableNeedDrain) stream.once("drain", callback);
      else setImmediate(callback);
    },
    onOver: (callback) => void endings.push(callback),
    end() {
      over();
      stream.end();
      // As a session does: the peer's own end is only seen by reading up to it.
      stream.resume();
    },
    proceed: () => advance(),
    report: () => undefined,
    speaksFor: () => undefined,
    refused: () => undefined,
    displaced: () => undefined,
    dismiss: () => undefined,
    distrust: () => undefined,
    heldBack: () => undefined,
    awaitsDraw: () => () => undefined,
  };
  const context = serveContext(peer, door, { clock: systemClock, ...others });
  const conversation = new Driven(dialect.serve(context));
  stream.on("data", (chunk: Buffer) => {
    const shared = Buffer.from(chunk);
    steps = conversation.receive(shared);
    advance();
    if (steps !== undefined) conversation.retain();
    // As if another connection had been read to the same memory.
    shared.fill(0xee);
  });
  stream.on("end", () => {
    peerEnded = true;
    if (steps === undefined) conversation.ended();
  });
  stream.on("close", () => {
    over();
    conversation.closed();
  });
  return conversation;
}
