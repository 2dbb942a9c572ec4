import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DrawDesk } from "../../src/central/draw-desk.ts";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { encodeLines } from "../../src/lottery/canonical-line.ts";
import { FakePeer } from "../protocols/fake-peer.ts";
import { bet } from "./line-peer.ts";
import { memoryStore } from "../stores/memory-store.ts";
import { eventsTo } from "../support/events-to.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { memoryLogger, writtenLines } from "../support/memory-logger.ts";
import { counterAt } from "./counter-at.ts";
import { doorTo } from "./door-to.ts";

const onFault = (error: unknown): never => assert.fail(String(error));
const unexpected = (): never => assert.fail("nobody takes over");

function setUp(agencies = 5) {
  const store = memoryStore({ agencies });
  const logger = memoryLogger();
  const clock = new FakeClock();
  const desk = new DrawDesk({ store, events: eventsTo(logger), clock, onFault });
  return { store, logger, clock, desk };
}

describe("admission", () => {
  it("is given to the draw's agencies, with the draw's name or without a name", () => {
    const { desk } = setUp(2);
    const admitter = doorTo(desk).admitter(new FakePeer());
    const admitted = (agency: number, draw: string): string =>
      admitter.admit({ agency, draw }).kind;
    assert.equal(admitted(2, ""), "counter");
    assert.equal(admitted(1, "1"), "counter");
    assert.equal(admitted(1, "2"), "unknown-draw");
    for (const stranger of [0, 3, -1, 1.5, Number.NaN, 2 ** 32]) {
      assert.equal(admitted(stranger, ""), "unknown-agency", String(stranger));
    }
  });

  it("gives a connection the same counter while it names the same agency", () => {
    const { desk } = setUp();
    const peer = new FakePeer();
    const admitter = doorTo(desk).admitter(peer);
    const counter = admitter.admit({ agency: 2, draw: "" });
    assert.equal(admitter.admit({ agency: 2, draw: "1" }), counter);
    assert.notEqual(admitter.admit({ agency: 1, draw: "" }), counter);
    assert.deepEqual(peer.agencies, [2, 1]);
  });

  it("gives a counter that reports the agency's standing and the draw", async () => {
    const { desk, store } = setUp(2);
    const lines = encodeLines([bet(2, "100")]);
    const counter = counterAt(desk, 2);
    await new Promise((resolve) => counter.submit({ sequence: 1, count: 1, lines }, resolve));
    assert.equal(store.batches.length, 1);
    assert.equal((await counterAt(desk, 2).standing()).nextSequence, 2);
    assert.equal((await counterAt(desk, 1).standing()).nextSequence, 1);
    assert.deepEqual(await counter.draw(), { name: "1", state: "open", agencies: 2 });
  });

  it("logs a refusal as a refusal of what the peer wanted, and counts it against the peer", () => {
    const { desk, logger } = setUp(1);
    const peer = new FakePeer();
    const admitter = doorTo(desk).admitter(peer);
    for (const wants of ["attend", "register_done", "query_winners", { bets: 7 }] as const) {
      assert.equal(admitter.admit({ agency: 9, draw: "", wants }).kind, "unknown-agency");
    }
    const from = "| result: fail | ip: 172.25.125.3 | agency: 9 | reason: unknown-agency";
    assert.deepEqual(writtenLines(logger), [
      `WARNING  action: attend ${from}`,
      `WARNING  action: register_done ${from}`,
      `WARNING  action: query_winners ${from}`,
      "WARNING  action: apuesta_recibida | result: fail | cantidad: 7",
      "WARNING  action: refuse_batch | result: fail | agency: 9 | count: 7 | code: UNKNOWN_AGENCY",
    ]);
    assert.equal(peer.refusals, 3);
  });

  it("does not log a refusal if no log line is asked for", () => {
    const { desk, logger } = setUp(1);
    doorTo(desk).admitter(new FakePeer()).admit({ agency: 9, draw: "" });
    assert.equal(logger.render("central"), "");
  });
});

describe("an agency's one connection", () => {
  it("is the newest one that wants to be it", () => {
    const { desk } = setUp();
    const fenced: string[] = [];
    const peers = Array.from({ length: 3 }, () => new FakePeer());
    const [first, second, third] = peers.map((peer) => counterAt(desk, 1, peer));
    const other = counterAt(desk, 2);
    first?.hold(() => fenced.push("first"));
    other.hold(() => fenced.push("other"));
    second?.hold(() => fenced.push("second"));
    assert.deepEqual(fenced, ["first"]);
    // The fenced connection ends, and this changes nothing for its successor.
    peers[0]?.gone();
    third?.hold(() => fenced.push("third"));
    assert.deepEqual(fenced, ["first", "second"]);
  });

  it("does not fence itself, or a connection that is gone", () => {
    const { desk } = setUp();
    const peer = new FakePeer();
    const counter = counterAt(desk, 1, peer);
    counter.hold(unexpected);
    counter.hold(unexpected);
    peer.gone();
    counterAt(desk, 1).hold(() => undefined);
    // A connection that is gone does not take over either.
    counter.hold(unexpected);
    counterAt(desk, 2, peer).hold(() => undefined);
  });
});

it("a batch without a number leaves nothing behind when its connection ends before it is settled", async () => {
  const { desk, store } = setUp();
  const peer = new FakePeer();
  const lines = encodeLines([bet(1, "100")]);
  store.hold();
  counterAt(desk, 1, peer).submitUnnumbered({ count: 1, lines, place: "alone" }, unexpected);
  assert.equal(desk.latest.size, 1);
  peer.gone();
  store.release();
  await store.done(1 as AgencyId);
  assert.equal(desk.latest.size, 0);
});
