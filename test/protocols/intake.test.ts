import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { type DecodedBatch, Intake, recordDone } from "../../src/protocols/kit/intake.ts";
import type { Turn, TurnHost } from "../../src/protocols/kit/turns.ts";
import { encodeLines } from "../../src/lottery/canonical-line.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { bet } from "./plain-bets.ts";
import { FakePeer } from "./fake-peer.ts";
import { ScriptedDesk, turn } from "./scripted-desk.ts";
import { WatchedDesk } from "./watched-desk.ts";

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

  async hold(): Promise<void> {}

  answered(turn: Turn): void {
    this.#turns.shift()?.(turn);
  }

  failed(error: unknown): void {
    this.#failures.shift()?.(error);
  }

  /** @returns whether the batch is stored */
  submit(intake: Intake, batch: DecodedBatch): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#turns.push((answer) => resolve(answer === "next"));
      this.#failures.push(reject);
      assert.equal(
        intake.submit(batch, this, (stored) => (stored ? "next" : "end")),
        "due",
      );
    });
  }
}

function open(first: "run-start" | "connection-start"): {
  context: ConstructorParameters<typeof Intake>[0];
  desk: WatchedDesk;
  clock: FakeClock;
  host: Host;
  submit: (batch: DecodedBatch) => Promise<boolean>;
} {
  const desk = new WatchedDesk(2);
  const clock = new FakeClock();
  const host = new Host();
  const context = { desk, peer: new FakePeer(), clock, newest: new Map() };
  const batches = new Intake(context, first);
  return { context, desk, clock, host, submit: (batch) => host.submit(batches, batch) };
}

describe("the batches of one connection", () => {
  const good = { agency: 1, count: 1, lines: encodeLines([bet()]), single: false };
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
    assert.equal(await submit({ ...good, agency: 99 }), false);
    assert.deepEqual(
      desk.offers.map(({ place, agency }) => [place, agency]),
      [
        ["connection-start", 1],
        ["connection-start", 1],
        ["following", 99],
      ],
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

  it("are submitted again while there is no room, with the same bytes and in the same place", async () => {
    const { desk, clock, submit } = open("connection-start");
    desk.busy = 2;
    const submitted = submit(good);
    for (let pauses = 0; pauses < 2; pauses++) {
      await turn();
      await turn();
      clock.advance(4);
      await turn();
      assert.equal(desk.offers.length, pauses + 1, "not before the store has asked for it");
      clock.advance(1);
    }
    assert.equal(await submitted, true);
    assert.deepEqual(
      desk.offers.map(({ place }) => place),
      ["connection-start", "connection-start", "connection-start"],
    );
    assert.equal(desk.lines, good.lines.toString());
  });

  it("wait for room no longer than the conversation", async () => {
    const { desk, clock, host, submit } = open("connection-start");
    desk.busy = 1;
    const submitted = submit(good);
    await turn();
    await turn();
    assert.equal(clock.timers, 1);
    host.end(new Error("over"));
    await assert.rejects(submitted, { message: "over" });
    assert.equal(clock.timers, 0);
  });

  it("make way, while they wait for room, for what their agency sends on another connection", async () => {
    const { context, desk, clock, submit } = open("connection-start");
    const other = new Host();
    desk.busy = 1;
    const submitted = submit(good);
    await turn();
    await turn();
    const again = new Intake(context, "connection-start");
    assert.equal(await other.submit(again, good), true);
    clock.advance(5);
    await assert.rejects(submitted, { name: "AbortError" });
    assert.equal(desk.offers.length, 2);
  });
});

it("DONE is recorded again while there is no room, and strangers are known", async () => {
  const desk = new ScriptedDesk();
  const clock = new FakeClock();
  const peer = new FakePeer();
  const { signal } = new AbortController();
  const done = recordDone({ desk, peer, clock }, 1 as AgencyId, signal);
  await desk.recordDone({ kind: "busy", retryAfterMs: 10 });
  clock.advance(10);
  await turn();
  await desk.recordDone({ kind: "done" });
  assert.equal(await done, true);
  const stranger = recordDone({ desk, peer, clock }, 9 as AgencyId, signal);
  await desk.recordDone({ kind: "unknown-agency" });
  assert.equal(await stranger, false);
});
