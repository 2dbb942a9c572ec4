import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { startFixture } from "./fixture.ts";
import { batchOf, bet } from "./line-peer.ts";
import { memoryStore } from "../stores/memory-store.ts";
import { until } from "../support/turns.ts";

describe("central: a failure of storage", () => {
  it("makes the central confirm nothing more, cut all connections and say why", async (t) => {
    const { central, store, logger, clock, greet } = await startFixture(t);
    const [betting, done, idle] = [await greet(), await greet(), await greet()];
    betting.write(batchOf(1, 1, [bet(1, "100")]));
    assert.equal(await betting.line(), "SETTLED 1 stored");
    idle.write("PING a\n");
    await idle.line();
    store.hold();
    betting.write(batchOf(1, 2, [bet(1, "200")]));
    await until(() => store.pendingBytes > 0);
    done.write("DONE 2\nPING a\n");
    assert.equal(await done.line(), "PONG a");

    store.fail();
    const stopped = await central.stopped;
    assert.ok(stopped.reason === "failed" && stopped.error instanceof Error);
    assert.equal(stopped.error.message, "Cannot write: the disk is gone");
    for (const peer of [betting, done, idle]) {
      await peer.ended;
      assert.equal(peer.unread, "");
    }
    assert.equal(store.batches.length, 1);
    assert.equal(logger.of("apuesta_recibida").length, 1);
    assert.deepEqual(
      logger.events.filter(({ event }) => event.action === "stop"),
      [
        {
          level: "critical",
          event: {
            action: "stop",
            result: "fail",
            error: "STORE_FAILED: Cannot write: the disk is gone",
          },
        },
      ],
    );
    const closings = logger.of("close_session").map(({ result, reason }) => `${result}: ${reason}`);
    assert.deepEqual(closings, Array(3).fill("fail: central failed"));
    assert.equal(logger.of("close_listener").length, 1);
    assert.equal(clock.timers, 0);
    await central.stop("SIGTERM");
    assert.equal(logger.of("stop").length, 1);
  });

  it("ends a stop that is under way, as a failure", async (t) => {
    const { central, store, greet, logger } = await startFixture(t);
    const peer = await greet();
    store.hold();
    peer.write(batchOf(1, 1, [bet(1, "100")]));
    await until(() => store.pendingBytes > 0);
    const stop = central.stop("SIGTERM");
    store.fail();
    await stop;
    assert.equal((await central.stopped).reason, "failed");
    await peer.ended;
    assert.equal(peer.unread, "");
    assert.deepEqual(
      logger.of("stop").map(({ result }) => result),
      ["fail"],
    );
  });
});

describe("central: a store that breaks its promises", () => {
  it("stops the central rather than lie", async (t) => {
    const store = memoryStore();
    const broken = {
      ...store,
      submit: () => {
        throw new RangeError("Cannot enter batch 1 of agency 1: 2 is next");
      },
    };
    const { central, greet, logger } = await startFixture(t, { memory: broken });
    const peer = await greet();
    peer.write(batchOf(1, 1, [bet(1, "100")]));
    assert.equal((await central.stopped).reason, "failed");
    await peer.ended;
    assert.equal(peer.unread, "");
    assert.equal(
      logger.of("stop")[0]?.["error"],
      "RangeError: Cannot enter batch 1 of agency 1: 2 is next",
    );
  });
});
