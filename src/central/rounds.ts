import type { Clock } from "../clock.ts";

/**
 * What may be done in one turn of the event loop, by one session and by all of them together.
 *
 * Work is counted in messages. That a session goes on, which takes a look at its socket and a write to it,
 * counts as four more: so much does it cost beside a bet that is only checked and copied.
 *
 * A session: about as much as an honest agency can have on its way. The native protocol allows 64 batches
 * without an answer, in frames of 8 KiB: a full window of small batches takes two turns. In the other
 * protocols each message waits for an answer. Cheap messages take about 5 µs, so a session holds the loop
 * for a third of a millisecond.
 *
 * All together: sixty agencies with a full window each, or about 20 ms of cheap messages. A new connection, a
 * stop or an answer from the disk waits so long at the most.
 */
export const TURN_SHARES: TurnShares = {
  session: { work: 64, bytes: 512 * 1024 },
  all: { work: 4096, bytes: 32 * 1024 * 1024 },
};

/** What going on with a session counts beside its messages. */
export const GOING_ON = 4;

export interface Share {
  readonly work: number;
  readonly bytes: number;
}

export interface TurnShares {
  readonly session: Share;
  readonly all: Share;
}

/**
 * Divides the event loop among sessions that always have more to do, so that none of them can keep it
 * from the others, from new connections or from a stop.
 *
 * A session works when its bytes come in, until its share is used up. What is left waits in one queue
 * with that of the others, and in each turn of the loop the queue is served once, the longest wait first.
 * A session that waits reads nothing: what it keeps is at most one chunk.
 *
 * Turns of the loop are only counted while it matters: when half of a share is used up the next turn is
 * asked for, which makes all shares whole again: one callback for several batches.
 */
export class Rounds {
  readonly #clock: Pick<Clock, "soon">;
  readonly #shares: TurnShares;
  readonly #waiting = new Set<Turn>();
  readonly #used: Used = { work: 0, bytes: 0 };
  #round = 0;
  #asked = false;

  constructor(clock: Pick<Clock, "soon">, shares: TurnShares = TURN_SHARES) {
    this.#clock = clock;
    this.#shares = shares;
  }

  /** @param proceed goes on with what waits */
  join(proceed: () => void): Turn {
    return new Turn(this, proceed);
  }

  /** Counts the round; what was used before does not count any more. For {@link Turn}. */
  get round(): number {
    return this.#round;
  }

  /** Whether a session that has used this much may go on. For {@link Turn}. */
  allows(used: Share): boolean {
    return isBelow(used, this.#shares.session, 1) && isBelow(this.#used, this.#shares.all, 1);
  }

  /** For {@link Turn}. */
  use(used: Used, work: number, bytes: number): void {
    used.work += work;
    used.bytes += bytes;
    this.#used.work += work;
    this.#used.bytes += bytes;
    if (this.#asked) return;
    const { session, all } = this.#shares;
    if (!isBelow(used, session, 0.5) || !isBelow(this.#used, all, 0.5)) this.#ask();
  }

  /** For {@link Turn}. */
  wait(turn: Turn): void {
    this.#waiting.add(turn);
    this.#ask();
  }

  /** For {@link Turn}. */
  leave(turn: Turn): void {
    this.#waiting.delete(turn);
  }

  #ask(): void {
    if (this.#asked) return;
    this.#asked = true;
    this.#clock.soon(() => this.#begin());
  }

  #begin(): void {
    this.#asked = false;
    this.#round++;
    this.#used.work = 0;
    this.#used.bytes = 0;
    // Those that come back to the queue meanwhile are for the next round.
    let left = this.#waiting.size;
    for (const turn of this.#waiting) {
      if (left-- === 0 || !isBelow(this.#used, this.#shares.all, 1)) break;
      this.#waiting.delete(turn);
      turn.proceed();
    }
    if (this.#waiting.size > 0) this.#ask();
  }
}

/** One session's turns. */
export class Turn {
  readonly #rounds: Rounds;
  readonly proceed: () => void;
  readonly #used: Used = { work: 0, bytes: 0 };
  #round = 0;

  constructor(rounds: Rounds, proceed: () => void) {
    this.#rounds = rounds;
    this.proceed = proceed;
  }

  /** Whether it is still this session's turn. */
  get lasts(): boolean {
    this.#renew();
    return this.#rounds.allows(this.#used);
  }

  /** Counts what was done. */
  use(work: number, bytes: number): void {
    this.#renew();
    this.#rounds.use(this.#used, work, bytes);
  }

  /** Has `proceed` called when it is this session's turn again. */
  wait(): void {
    this.#rounds.wait(this);
  }

  /** Waits no longer. */
  leave(): void {
    this.#rounds.leave(this);
  }

  #renew(): void {
    const { round } = this.#rounds;
    if (this.#round === round) return;
    this.#round = round;
    this.#used.work = 0;
    this.#used.bytes = 0;
  }
}

interface Used {
  work: number;
  bytes: number;
}

function isBelow(used: Share, share: Share, part: number): boolean {
  return used.work < share.work * part && used.bytes < share.bytes * part;
}
