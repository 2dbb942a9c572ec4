import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FIRST_STANDING } from "../../../src/lottery/standing.ts";
import type { Counter } from "../../../src/protocols/counter.ts";
import { type DecodedBatch, Intake, recordDone } from "../../../src/protocols/kit/intake.ts";
import type { Turn, TurnHost } from "../../../src/protocols/kit/turns.ts";
import { encodeLines } from "../../../src/lottery/canonical-line.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { counterAt } from "../../central/counter-at.ts";
import { bet } from "../plain-bets.ts";
import { FakePeer } from "../fake-peer.ts";
import { ScriptedDesk, turn } from "../scripted-desk.ts";
import { WatchedDesk } from "../watched-desk.ts";

/** A conversation of batches only. */
class Host implements TurnHost {
  readonly #ending = new AbortController();
  readonly #turns: ((turn: Turn) => void)[] = [];
  readonly #failures: ((error: unknown) => void)[] = [];

  get over(): AbortSignal {
    return this.#ending.signal;
  }

  get isOver(): boolean {
    return this.over.aborted;
  }

  end(reason: Error): void {
    this.#ending.abort(reason);
  }

  hold(): void {}

  answered(turn: Turn): void {
    this.#turns.shift()?.(turn);
  }

  failed(error: unknown): void {
    this.#failures.shift()?.(error);
  }

  /** @returns whether the batch is stored */
  submit(intake: Intake, counter: Counter, batch: DecodedBatch): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#turns.push((answer) => resolve(answer === "next"));
      this.#failures.push(reject);
      assert.equal(
        intake.submit(counter, batch, this, (stored) => (stored ? "next" : "end")),
        "due",
      );
    });
  }
}

interface Opened {
  readonly desk: WatchedDesk;
  readonly clock: FakeClock;
  readonly host: Host;
  readonly peer: FakePeer;
  readonly submit: (batch: DecodedBatch) => Promise<boolean>;
}

/** One connection of agency 1. */
function open(first: "run-start" | "connection-start", desk = new WatchedDesk(2)): Opened {
  const host = new Host();
  const peer = new FakePeer();
  const intake = new Intake(first);
  const counter = counterAt(desk, 1, peer);
  const submit = (batch: DecodedBatch): Promise<boolean> => host.submit(intake, counter, batch);
  return { desk, clock: desk.clock, host, peer, submit };
}

describe("the batches of one connection", () => {
  const good = { count: 1, lines: encodeLines([bet()]), single: false };
  const bad = { ...good, lines: encodeLines([bet({ number: 10_000 })]) };

  for (const first of ["run-start", "connection-start"] as const) {
    it(`have their places: ${first}, then following; single bets are alone`, async () => {
      const { desk, submit } = open(first);
      assert.equal(await submit({ ...good, single: true }), true);
      for (let count = 0; count < 3; count++) await submit(good);
      assert.deepEqual(
        desk.offers.map(({ place }) => place),
        ["alone", first, "following", "following"],
      );
    });
  }

  it("begin with the first that is stored: one that is refused leaves no trace", async () => {
    const { desk, submit } = open("connection-start");
    assert.equal(await submit(bad), false);
    assert.equal(await submit(good), true);
    await submit(good);
    assert.deepEqual(
      desk.offers.map(({ place }) => place),
      ["connection-start", "connection-start", "following"],
    );
  });

  it("count as stored when they come again", async () => {
    const { desk, submit } = open("connection-start");
    desk.verdict = { kind: "duplicate", head: Buffer.alloc(32) };
    assert.equal(await submit(good), true);
  });

  it("are not heard of any more once the conversation is over", async () => {
    const { host, submit } = open("connection-start");
    let heard = false;
    void submit(good).then(() => (heard = true));
    host.end(new Error("over"));
    await turn();
    await turn();
    assert.equal(heard, false);
  });

  it("wait while there is no room, and are stored with the same bytes", async () => {
    const { desk, clock, submit } = open("connection-start");
    desk.busy = 2;
    let stored: boolean | undefined;
    const submitted = submit(good).then((answer) => (stored = answer));
    for (let pauses = 0; pauses < 2; pauses++) {
      await turn();
      clock.advance(4);
      await turn();
      assert.equal(stored, undefined, "not before the store has asked for it");
      clock.advance(1);
    }
    assert.equal(await submitted, true);
    assert.equal(desk.lines, good.lines.toString());
  });

  it("wait for room no longer than their connection lasts", async () => {
    const { desk, clock, peer, submit } = open("connection-start");
    desk.busy = 1;
    void submit(good);
    await turn();
    assert.equal(clock.timers, 1);
    peer.gone();
    assert.equal(clock.timers, 0);
    assert.equal(desk.lines, "");
  });

  it("make way, while they wait for room, for what their agency sends on another connection", async () => {
    const { desk, clock, submit } = open("connection-start");
    const other = open("connection-start", desk);
    desk.busy = 1;
    const submitted = submit(good);
    await turn();
    assert.equal(await other.submit(good), true);
    clock.advance(5);
    await assert.rejects(submitted, { name: "AbortError" });
    assert.equal(desk.lines, good.lines.toString());
  });
});

it("DONE is recorded again while there is no room, and one that does not agree is known", async () => {
  const desk = new ScriptedDesk();
  const clock = new FakeClock();
  const { signal } = new AbortController();
  const counter = counterAt(desk, 1);
  const done = recordDone(counter, clock, signal);
  await desk.recordDone({ kind: "busy", retryAfterMs: 10 });
  clock.advance(10);
  await turn();
  await desk.recordDone({ kind: "done" });
  assert.equal(await done, true);
  const wrong = recordDone(counter, clock, signal);
  await desk.recordDone({ kind: "mismatch", standing: FIRST_STANDING });
  assert.equal(await wrong, false);
});
