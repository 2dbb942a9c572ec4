import type { Batch } from "./batch.ts";
import { type AgencyId, DOCUMENT_DIGITS_MAX } from "./bet.ts";
import { FIRST_HEAD, HEAD_BYTES, nextHead } from "./chain.ts";
import { type SealedAgency, sealedAgency, sealOf } from "./seal.ts";
import { FIRST_STANDING, type Standing } from "./standing.ts";
import { NO_WINNERS, type WinnersSum } from "./winners.ts";

export type DrawState = "open" | "sealed" | "drawn";

/** What the book decides about a batch. */
export type Entry =
  /** New: enter it with {@link DrawBook.enterSummary} and this head. */
  | { readonly kind: "new"; readonly head: Buffer }
  /** The very same batch was accepted before. */
  | { readonly kind: "duplicate"; readonly head: Buffer }
  /** Another batch was accepted under this sequence. */
  | { readonly kind: "conflict" }
  /** The agency's next batch must have the sequence `expected`, which is lower. */
  | { readonly kind: "gap"; readonly expected: number }
  /** The agency has said that it is done, or the draw is sealed. */
  | { readonly kind: "late" };

/** What the book decides about an agency's DONE. */
export type DoneEntry =
  | { readonly kind: "done" }
  | { readonly kind: "already" }
  /** The agency's claim differs from the book. */
  | { readonly kind: "mismatch"; readonly standing: Standing }
  | { readonly kind: "late" };

/** What an agency says it has sent. It is compared with the book before its DONE counts. */
export interface DoneClaim {
  readonly batches: number;
  readonly bets: number;
  readonly head: Uint8Array;
}

interface Page {
  nextSequence: number;
  bets: number;
  done: boolean;
  /** The chain head after every batch, one after the other: a repeated batch is compared with them. */
  heads: Buffer;
  /** The sums of the bets that win. The store has the bets themselves: there may be millions. */
  winners: WinnersSum;
}

/**
 * The state machine of one draw: what each agency has sent, which agencies are done, and
 * `open → sealed → drawn`.
 *
 * It has no I/O: it decides, and the store that owns it makes the decision durable. One book has one owner.
 *
 * `weigh…` returns a verdict on what agencies may do wrong. `enter…` throws a RangeError at what only a
 * mistake in the program or a damaged file can cause: the draw must not go on then.
 */
export class DrawBook {
  readonly name: string;
  readonly winningNumber: number;
  /** How many agencies must be done before the seal; they are numbered 1 to this. */
  readonly agencies: number;
  readonly #pages = new Map<AgencyId, Page>();
  #state: DrawState = "open";
  #done = 0;
  #seal: Buffer | undefined;
  #told = false;

  constructor(options: { name: string; winningNumber: number; agencies: number }) {
    this.name = options.name;
    this.winningNumber = options.winningNumber;
    this.agencies = options.agencies;
  }

  get state(): DrawState {
    return this.#state;
  }

  /** The seal, once the draw is sealed. */
  get seal(): Buffer | undefined {
    return this.#seal;
  }

  /** Whether a record says that the draw's log line is out. */
  get told(): boolean {
    return this.#told;
  }

  /** Agencies that are done. */
  get doneCount(): number {
    return this.#done;
  }

  /** Whether all agencies are done, so that the draw may be sealed. A draw of no agencies never is. */
  get complete(): boolean {
    return this.agencies > 0 && this.#done >= this.agencies;
  }

  standing(agency: AgencyId): Standing {
    this.#expectKnown(agency);
    const page = this.#pages.get(agency);
    if (page === undefined) return FIRST_STANDING;
    return {
      nextSequence: page.nextSequence,
      bets: page.bets,
      head: headAfter(page, page.nextSequence - 1),
      done: page.done,
    };
  }

  /** Weighs a batch; changes nothing. A repeated batch is a duplicate even when it comes too late. */
  weigh(batch: Batch): Entry {
    this.#expectKnown(batch.agency);
    const { agency, sequence, count, lines } = batch;
    const page = this.#pages.get(agency);
    const expected = page?.nextSequence ?? 1;
    if (sequence >= expected) {
      if (this.#state !== "open" || page?.done === true) return { kind: "late" };
      if (sequence > expected) return { kind: "gap", expected };
    }
    const head = nextHead(headAfter(page, sequence - 1), sequence, count, lines);
    if (sequence === expected) return { kind: "new", head };
    // A repeated batch gives the head that is stored after it; a batch with other bets gives another head.
    return head.equals(headAfter(page, sequence))
      ? { kind: "duplicate", head }
      : { kind: "conflict" };
  }

  /**
   * Whether the agency's stored batch number `sequence` has exactly these bets.
   *
   * @throws RangeError when there is no such batch
   */
  holds({ agency, count, lines }: Omit<Batch, "sequence">, sequence: number): boolean {
    const page = this.#pages.get(agency);
    if (page === undefined || !(sequence >= 1 && sequence < page.nextSequence)) {
      throw new RangeError(
        `Cannot compare with batch ${sequence} of agency ${agency}: it has none`,
      );
    }
    const head = nextHead(headAfter(page, sequence - 1), sequence, count, lines);
    return head.equals(headAfter(page, sequence));
  }

  /**
   * Enters a batch: one that {@link weigh} called new, or one that a store has on record. It takes counts
   * instead of the bets, because a store's summary file has no more.
   *
   * @param head the chain head after it
   * @param winners as `sumWinners` gives them
   * @throws RangeError when the batch cannot be the agency's next
   */
  enterSummary(
    agency: AgencyId,
    sequence: number,
    count: number,
    head: Uint8Array,
    winners: WinnersSum,
  ): void {
    const page = this.#page(agency);
    if (!this.#takesFrom(page)) throw this.#tooLate(`batch ${sequence} of agency ${agency}`, page);
    if (sequence !== page.nextSequence) {
      throw new RangeError(
        `Cannot enter batch ${sequence} of agency ${agency}: ${page.nextSequence} is next`,
      );
    }
    if (!isPossible(count, winners)) throw impossible(`batch ${sequence}`, agency, count, winners);
    if (head.length !== HEAD_BYTES) {
      throw new RangeError(
        `Cannot enter batch ${sequence} of agency ${agency}: its head has ${head.length} bytes, not ${HEAD_BYTES}`,
      );
    }
    const end = sequence * HEAD_BYTES;
    if (end > page.heads.length) {
      const grown = Buffer.alloc(Math.max(end, page.heads.length * 2));
      grown.set(page.heads);
      page.heads = grown;
    }
    page.heads.set(head, end - HEAD_BYTES);
    page.nextSequence = sequence + 1;
    page.bets += count;
    if (winners.count > 0) page.winners = sumOf(page.winners, winners);
  }

  /**
   * Enters bets of an earlier process when only their number is known: the agency goes on after them, with
   * sequence 1. For stores that keep bets but not batches.
   *
   * @param winners as `sumWinners` gives them
   * @throws RangeError when the agency has begun, or cannot begin
   */
  resumeBets(agency: AgencyId, bets: number, winners: WinnersSum): void {
    const page = this.#page(agency);
    if (!this.#takesFrom(page)) throw this.#tooLate(`bets of agency ${agency}`, page);
    if (page.bets > 0) throw new RangeError(`Cannot resume agency ${agency}: it has bets already`);
    if (!isPossible(bets, winners)) throw impossible("bets", agency, bets, winners);
    page.bets = bets;
    page.winners = winners;
  }

  /** Weighs an agency's DONE; changes nothing. A DONE without a claim is not compared with the book. */
  weighDone(agency: AgencyId, claim?: DoneClaim): DoneEntry {
    this.#expectKnown(agency);
    const standing = this.standing(agency);
    if (claim !== undefined) {
      const agrees =
        claim.batches === standing.nextSequence - 1 &&
        claim.bets === standing.bets &&
        Buffer.compare(claim.head, standing.head) === 0;
      if (!agrees) return { kind: "mismatch", standing };
    }
    if (standing.done) return { kind: "already" };
    return this.#state === "open" ? { kind: "done" } : { kind: "late" };
  }

  /** Enters a DONE that {@link weighDone} called done. @throws RangeError after a DONE or the seal */
  enterDone(agency: AgencyId): void {
    const page = this.#page(agency);
    if (!this.#takesFrom(page)) throw this.#tooLate(`that agency ${agency} is done`, page);
    page.done = true;
    this.#done++;
  }

  /** All agencies of the draw by ascending number, also those that sent nothing. */
  sealedAgencies(): SealedAgency[] {
    return Array.from({ length: this.agencies }, (_, index) => {
      const agency = (index + 1) as AgencyId;
      return sealedAgency(agency, this.standing(agency));
    });
  }

  /** `open → sealed`. @returns the seal */
  enterSeal(): Buffer {
    if (this.#state !== "open" || !this.complete) {
      throw new RangeError(`Cannot seal a draw that is ${this.#state}, ${this.#done} done`);
    }
    this.#seal = sealOf(this.name, this.sealedAgencies());
    this.#state = "sealed";
    return this.#seal;
  }

  /** `sealed → drawn`. */
  enterDraw(): void {
    if (this.#state !== "sealed") {
      throw new RangeError(`Cannot draw a draw that is ${this.#state}`);
    }
    this.#state = "drawn";
  }

  /** Enters that the draw's log line is out: once, after the draw. @throws RangeError otherwise */
  enterTold(): void {
    if (this.#state !== "drawn" || this.#told) {
      const state = this.#told ? "logged already" : this.#state;
      throw new RangeError(`Cannot enter that the draw was logged: it is ${state}`);
    }
    this.#told = true;
  }

  /** The sums of an agency's bets that won. @throws RangeError before the draw */
  winners(agency: AgencyId): WinnersSum {
    this.#expectKnown(agency);
    if (this.#state !== "drawn") {
      throw new RangeError(`Cannot tell winners of a draw that is ${this.#state}`);
    }
    return this.#pages.get(agency)?.winners ?? NO_WINNERS;
  }

  /** The store's owner refuses unknown agencies before this: one in the book would be missing in the seal. */
  #expectKnown(agency: AgencyId): void {
    if (!(Number.isInteger(agency) && agency >= 1 && agency <= this.agencies)) {
      throw new RangeError(
        `Cannot keep the book for agency ${agency}: the draw has ${this.agencies}`,
      );
    }
  }

  /** Whether more of an agency may be entered: not after its DONE, and not after the seal. */
  #takesFrom(page: Page): boolean {
    return this.#state === "open" && !page.done;
  }

  #tooLate(what: string, page: Page): RangeError {
    const open = this.#state === "open";
    const why = open && page.done ? "the agency is done already" : `the draw is ${this.#state}`;
    return new RangeError(`Cannot enter ${what}: ${why}`);
  }

  #page(agency: AgencyId): Page {
    this.#expectKnown(agency);
    let page = this.#pages.get(agency);
    if (page === undefined) {
      page = {
        nextSequence: 1,
        bets: 0,
        done: false,
        heads: Buffer.alloc(HEAD_BYTES * 4),
        winners: NO_WINNERS,
      };
      this.#pages.set(agency, page);
    }
    return page;
  }
}

/** Whether these counts are possible, with at least one bet and documents of 1 to 10 digits. */
function isPossible(bets: number, { count, documentBytes }: WinnersSum): boolean {
  return (
    Number.isSafeInteger(bets) &&
    bets >= 1 &&
    count >= 0 &&
    count <= bets &&
    documentBytes >= count &&
    documentBytes <= count * DOCUMENT_DIGITS_MAX
  );
}

function impossible(
  what: string,
  agency: AgencyId,
  bets: number,
  { count, documentBytes }: WinnersSum,
): RangeError {
  return new RangeError(
    `Cannot enter ${what} of agency ${agency}: count is ${bets}, with ${count} winners in ${documentBytes} bytes`,
  );
}

function sumOf(a: WinnersSum, b: WinnersSum): WinnersSum {
  return { count: a.count + b.count, documentBytes: a.documentBytes + b.documentBytes };
}

/** @param sequence 0 gives the head before the first batch */
function headAfter(page: Page | undefined, sequence: number): Buffer {
  if (page === undefined || sequence <= 0) return FIRST_HEAD;
  return page.heads.subarray((sequence - 1) * HEAD_BYTES, sequence * HEAD_BYTES);
}
