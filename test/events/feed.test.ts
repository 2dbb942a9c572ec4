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

  it("calls each of several broken subscribers once, whatever they throw", () => {
    const feed = new Feed();
    const taken: string[] = [];
    let calls = 0;
    const broken = {
      take() {
        calls++;
        throw Object.create(null);
      },
    };
    feed.subscribe(broken);
    feed.subscribe(broken);
    feed.subscribe({ take: ({ kind }) => taken.push(kind) });
    feed.publish(OPENED);
    feed.publish(CLOSED);
    assert.equal(calls, 2);
    assert.equal(taken.filter((kind) => kind === "subscriber-failed").length, 2);
    assert.deepEqual(taken.slice(2), ["listener-opened", "listener-closed"]);
  });

  it("gives no event to a subscription that ended while the event was given to others", () => {
    const feed = new Feed();
    let taken = 0;
    let end: () => void = unasked;
    feed.subscribe({ take: () => end() });
    end = feed.subscribe({ take: () => taken++ });
    feed.publish(OPENED);
    assert.equal(taken, 0);
  });

  it("warns on standard error when its last subscriber is broken", async (t) => {
    const warn = t.mock.method(process, "emitWarning", () => undefined);
    const feed = new Feed();
    feed.subscribe({
      take() {
        throw new Error("it is broken");
      },
    });
    feed.publish(OPENED);
    assert.match(String(warn.mock.calls[0]?.arguments[0]), /threw Error: it is broken/);
  });

  it("P5 has not written what happens after a subscriber that writes has left", async () => {
    const feed = new Feed();
    const writes = { take: () => undefined, written: () => Promise.resolve(true) };
    const end = feed.subscribe(writes);
    const endOther = feed.subscribe(writes);
    end();
    assert.equal(await feed.written(), true);
    endOther();
    feed.subscribe({ take: () => undefined });
    assert.equal(await feed.written(), false);
    feed.subscribe(writes);
    assert.equal(await feed.written(), true);
  });

  it("has not written when a subscriber cannot say whether it has", async () => {
    const feed = new Feed();
    feed.subscribe({ take: () => undefined, written: () => Promise.reject(new Error("no")) });
    assert.equal(await feed.written(), false);
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
