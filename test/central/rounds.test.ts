import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { Rounds, TURN_SHARES, type Turn, type TurnShares } from "../../src/central/rounds.ts";
import { seed, seedNote } from "../support/seed.ts";

/** A loop that turns when the test says so. */
class Loop {
  #soon: (() => void)[] = [];
  turns = 0;

  soon(callback: () => void): void {
    this.#soon.push(callback);
  }

  /** @returns whether anything was to be done */
  turn(): boolean {
    const callbacks = this.#soon.splice(0);
    this.turns++;
    for (const callback of callbacks) callback();
    return callbacks.length > 0;
  }
}

/** A session with numbered messages to do, each of one unit of work. */
class Worker {
  readonly turn: Turn;
  readonly #name: string;
  readonly #done: string[];
  #next = 0;
  left: number;
  /** The turn of the loop in which its last message was done. */
  finishedIn: number | undefined;
  readonly #loop: Loop;

  constructor(rounds: Rounds, loop: Loop, name: string, left: number, done: string[]) {
    this.turn = rounds.join(() => this.proceed());
    this.#name = name;
    this.#done = done;
    this.#loop = loop;
    this.left = left;
  }

  proceed(): void {
    while (this.left > 0) {
      if (!this.turn.lasts) return this.turn.wait();
      this.turn.use(1, 0);
      this.left--;
      this.#done.push(`${this.#name} ${this.#next++}`);
    }
    this.finishedIn ??= this.#loop.turns;
  }
}

const SHARES: TurnShares = {
  session: { work: 8, bytes: 1000 },
  all: { work: 32, bytes: 10_000 },
};

describe(`P9: turns of the event loop, ${seedNote}`, () => {
  it("give an honest session at least half of its fair share, whatever the others do", () => {
    const flooders = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(flooders, fc.integer({ min: 1, max: 100 }), (floods, honest) => {
        const loop = new Loop();
        const rounds = new Rounds(loop, SHARES);
        const done: string[] = [];
        const others = floods.map(
          (left, index) => new Worker(rounds, loop, `flooder ${index}`, left, done),
        );
        for (const other of others) other.proceed();
        const one = new Worker(rounds, loop, "honest", honest, done);
        one.proceed();
        while (one.left > 0) assert.ok(loop.turn(), "it waits and no turn comes");
        const finished = done.indexOf(`honest ${honest - 1}`) + 1;
        // Its own share and that of each other session, for as many rounds as needed, and one more
        // to begin.
        const shares = Math.ceil(honest / SHARES.session.work) + 1;
        assert.ok(finished <= 2 * shares * SHARES.session.work * (floods.length + 1));
      }),
      { seed, numRuns: 300 },
    );
  });

  it("come for every session, and keep the order of each session's messages", () => {
    const sessions = fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 60 });
    fc.assert(
      fc.property(sessions, (lefts) => {
        const loop = new Loop();
        const rounds = new Rounds(loop, SHARES);
        const done: string[] = [];
        const workers = lefts.map(
          (left, index) => new Worker(rounds, loop, `${index}`, left, done),
        );
        for (const worker of workers) worker.proceed();
        while (loop.turn());
        for (const [index, left] of lefts.entries()) {
          const own = done.filter((message) => message.startsWith(`${index} `));
          assert.deepEqual(
            own,
            Array.from({ length: left }, (_, number) => `${index} ${number}`),
          );
        }
      }),
      { seed, numRuns: 200 },
    );
  });

  it("never hold the loop for longer than the share of all sessions together", () => {
    const loop = new Loop();
    const rounds = new Rounds(loop, SHARES);
    const done: string[] = [];
    const workers = Array.from(
      { length: 1000 },
      (_, index) => new Worker(rounds, loop, `${index}`, 100, done),
    );
    for (const worker of workers) worker.proceed();
    for (let before = done.length; loop.turn(); before = done.length) {
      assert.ok(done.length - before <= SHARES.all.work);
    }
    assert.equal(done.length, 100_000);
  });

  it("count bytes in the same way as work", () => {
    const loop = new Loop();
    const rounds = new Rounds(loop, SHARES);
    const turn = rounds.join(() => undefined);
    turn.use(0, 999);
    assert.equal(turn.lasts, true);
    turn.use(0, 1);
    assert.equal(turn.lasts, false);
    loop.turn();
    assert.equal(turn.lasts, true);
  });

  it("are not counted for sessions that do little", () => {
    const loop = new Loop();
    const rounds = new Rounds(loop);
    for (let session = 0; session < 100; session++) rounds.join(() => undefined).use(20, 60_000);
    assert.equal(loop.turn(), false);
  });

  it("finish in one turn what an honest agency can have on its way", () => {
    const loop = new Loop();
    const rounds = new Rounds(loop, TURN_SHARES);
    const turn = rounds.join(() => assert.fail("it had to wait"));
    // Four reads of 64 KiB with eight batches each, and DONE.
    for (let read = 0; read < 4; read++) {
      turn.use(4, 64 * 1024);
      for (let batch = 0; batch < 8; batch++) {
        assert.equal(turn.lasts, true);
        turn.use(1, 0);
      }
    }
    assert.equal(turn.lasts, true);
  });

  it("do not come for a session that has ended", () => {
    const loop = new Loop();
    const rounds = new Rounds(loop, SHARES);
    const turn = rounds.join(() => assert.fail("it has left"));
    turn.wait();
    turn.leave();
    loop.turn();
  });
});
