import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CentralEvent } from "../../src/events/central-event.ts";
import { Feed } from "../../src/events/feed.ts";

const OPENED: CentralEvent = { kind: "listener-opened" };
const CLOSED: CentralEvent = { kind: "listener-closed" };

const unasked = (): never => assert.fail("nobody was asked");

describe("the feed of events", () => {
  it("gives every subscriber every event in its order, until the subscription ends", () => {
    const feed = new Feed();
    const taken: string[] = [];
    const end = feed.subscribe({ take: ({ kind }) => taken.push(`first ${kind}`) });
    feed.subscribe({ take: ({ kind }) => taken.push(`second ${kind}`) });
    feed.publish(OPENED);
    end();
    end();
    feed.publish(CLOSED);
    assert.deepEqual(taken, [
      "first listener-opened",
      "second listener-opened",
      "second listener-closed",
    ]);
  });

  it("hears no kind that all its subscribers ignore, and so none without a subscriber", () => {
    const feed = new Feed();
    assert.equal(feed.hears("batch-stored"), false);
    const taken: CentralEvent[] = [];
    const ignores = new Set(["batch-stored", "listener-opened"] as const);
    feed.subscribe({ take: (event) => taken.push(event), ignores });
    assert.equal(feed.hears("batch-stored"), false);
    assert.equal(feed.hears("drawn"), true);
    feed.publish(OPENED);
    feed.publish(CLOSED);
    assert.deepEqual(taken, [CLOSED]);
    feed.subscribe({ take: () => undefined });
    assert.equal(feed.hears("batch-stored"), true);
  });

  it("drops a subscriber that throws, tells the others, and harms no publisher", () => {
    const feed = new Feed();
    const taken: CentralEvent[] = [];
    let calls = 0;
    feed.subscribe({
      take() {
        calls++;
        throw new Error("it is broken");
      },
    });
    feed.subscribe({ take: (event) => taken.push(event) });
    feed.publish(OPENED);
    feed.publish(CLOSED);
    assert.equal(calls, 1);
    const failed = { kind: "subscriber-failed", error: "Error: it is broken" };
    assert.deepEqual(taken, [failed, OPENED, CLOSED]);
  });

  it("has written when all who write have, and says whether they could", async () => {
    const feed = new Feed();
    assert.equal(await feed.written(), true);
    feed.subscribe({ take: () => undefined });
    let write: (could: boolean) => void = unasked;
    const later = new Promise<boolean>((resolve) => {
      write = resolve;
    });
    feed.subscribe({ take: () => undefined, written: () => later });
    const written = feed.written();
    assert.equal(await Promise.race([written, Promise.resolve("not yet")]), "not yet");
    write(false);
    assert.equal(await written, false);
  });
});
