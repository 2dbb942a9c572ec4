import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { it } from "node:test";
import { Channel } from "../../../src/protocols/kit/channel.ts";

it("a channel waits for no answer on a connection that fails within a write", () => {
  const duplex = new Duplex({
    read: () => undefined,
    write(_chunk, _encoding, done) {
      this.emit("error", new Error("reset"));
      done();
    },
  });
  let timers = 0;
  const failures: string[] = [];
  const channel = new Channel<never>({
    duplex,
    context: { answerTimeoutMs: 1000, signal: new AbortController().signal },
    decoder: { push: () => [], end: () => undefined, midFrame: false },
    // An owner that does not look at the failure, as one of a PING.
    listener: {
      message: assert.fail,
      awaiting: true,
      failed: ({ code }) => failures.push(code),
    },
    startTimer: () => {
      timers++;
      return () => timers--;
    },
  });
  channel.send(Buffer.from("ping"));
  assert.deepEqual(failures, ["CONNECTION_LOST"]);
  assert.equal(timers, 0);
});
