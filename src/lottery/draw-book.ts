import type { Act } from "./act.ts";
import type { Batch } from "./batch.ts";
import { type AgencyId, DOCUMENT_DIGITS_MAX } from "./bet.ts";
import { FIRST_HEAD, HEAD_BYTES, nextHead } from "./chain.ts";
import { type ActEntry, type ActJudgement, DrawActs } from "./draw-acts.ts";
import type { DrawPlan } from "./draw-plan.ts";
import { Roster } from "./roster.ts";
import {
  firstSealOf,
  type Sealed,
  type SealedActs,
  type SealedAgency,
  sealedAgency,
  sealOf,
} from "./seal.ts";
import { FIRST_STANDING, type Standing, type Totals } from "./standing.ts";
import { NO_WINNERS, sumOfWinners, type WinnersSum } from "./winners.ts";

export type DrawState = "open" | "sealed" | "drawn" | "cancelled";

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
  /** The agency has said that it is done or was closed out, or the draw takes no bets any more. */
  | { readonly kind: "late" };

/** What the book decides about an agency's DONE. */
export type DoneEntry =
  | { readonly kind: "done" }
  /** It was done before, or it was closed out with exactly what it claims. */
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
  /** An operator does not wait for the agency any more. */
  closedOut: boolean;
  /** The chain head after every batch, one after the other: a repeated batch is compared with them. */
  heads: Buffer;
  /** The sums of the bets that win. The store has the bets themselves: there may be millions. */
  winners: WinnersSum;
}

/**
 * The state machine of one draw: what each agency has sent, which agencies are done, what operators and the
 * clock did, and `open → sealed → drawn`, or `open → cancelled`.
 *
 * It has no I/O: it decides, and the store that owns it makes the decision durable. One book has one owner.
 *
 * `weigh…` returns a verdict on what agencies may do wrong. `enter…` throws a RangeError at what only a
 * mistake in the program or a damaged file can cause: the draw must not go on then.
 */
export class DrawBook {
  readonly plan: DrawPlan;
  readonly roster: Roster;
  readonly #pages = new Map<AgencyId, Page>();
  readonly #acts: DrawActs;
  #state: DrawState = "open";
  #bets = 0;
  #batches = 0;
  /** Agencies that are done, and agencies that were closed out one by one. */
  #done = 0;
  #closedOut = 0;
  /** The draw was closed: whoever is not done is closed out. */
  #closed = false;
  /** The acts that the seal commits to. */
  #sealedActs: SealedActs | undefined;
  #seal: Buffer | undefined;
  #told = false;

  constructor(plan: DrawPlan) {
    this.plan = plan;
    this.roster = new Roster(plan.agencies);
    this.#acts = new DrawActs(plan);
  }

  get name(): string {
    return this.plan.name;
  }

  /** Undefined while nobody knows it. */
  get winningNumber(): number | undefined {
    return this.#acts.winningNumber;
  }

  /** How many agencies the draw waits for. */
  get agencies(): number {
    return this.roster.size;
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

  /** Agencies for which the draw still waits. */
  get missingCount(): number {
    return this.#closed ? 0 : this.agencies - this.#done - this.#closedOut;
  }

  /**
   * Whether the draw may be sealed: it was closed, or waits for no agency. A draw of no agencies is complete
   * only when it was closed.
   */
  get complete(): boolean {
    return this.#closed || (this.agencies > 0 && this.missingCount <= 0);
  }

  /** Whether the draw may be performed: sealed, its number known, and not held back for an operator. */
  get drawable(): boolean {
    return this.#state === "sealed" && this.winningNumber !== undefined && this.#acts.released;
  }

  /** What operators and the clock did, in this order. */
  get acts(): readonly Act[] {
    return this.#acts.list;
  }

  standing(agency: AgencyId): Standing {
    this.#expectKnown(agency);
    const page = this.#pages.get(agency);
    const closedOut = this.#isClosedOut(page) ? { closedOut: true } : undefined;
    if (page === undefined) return { ...FIRST_STANDING, ...closedOut };
    const { nextSequence, bets, done } = page;
    return { nextSequence, bets, head: headAfter(page, nextSequence - 1), done, ...closedOut };
  }

  /** The standings of the agencies that have begun, or without which the draw goes on. */
  standings(): Map<AgencyId, Standing> {
    const agencies = this.#closed ? this.roster : this.#pages.keys();
    return new Map(Array.from(agencies, (agency) => [agency, this.standing(agency)]));
  }

  /** The sums of all standings. */
  get totals(): Totals {
    return { bets: this.#bets, batches: this.#batches };
  }

  /** Weighs a batch; changes nothing. A repeated batch is a duplicate even when it comes too late. */
  weigh(batch: Batch): Entry {
    this.#expectKnown(batch.agency);
    const { agency, sequence, count, lines } = batch;
    const page = this.#pages.get(agency);
    const expected = page?.nextSequence ?? 1;
    if (sequence >= expected) {
      if (!this.#takesFrom(page)) return { kind: "late" };
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
    this.#bets += count;
    this.#batches++;
    if (winners.count > 0) page.winners = sumOfWinners(page.winners, winners);
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
    this.#bets += bets;
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
    if (standing.closedOut === true && claim !== undefined) return { kind: "already" };
    return this.#takesFrom(this.#pages.get(agency)) ? { kind: "done" } : { kind: "late" };
  }

  /** Enters a DONE that {@link weighDone} called done. @throws RangeError after a DONE or the seal */
  enterDone(agency: AgencyId): void {
    const page = this.#page(agency);
    if (!this.#takesFrom(page)) throw this.#tooLate(`that agency ${agency} is done`, page);
    page.done = true;
    this.#done++;
  }

  /** Weighs an act; changes nothing. */
  weighAct(act: Act): ActEntry {
    const verdict = this.#judge(act);
    if (verdict === "already") return { kind: "already" };
    if (verdict !== "new") return { kind: "refused", why: verdict };
    return { kind: "new", ...this.#acts.next(act) };
  }

  /** Enters an act that {@link weighAct} called new, with the head it gave. @throws RangeError otherwise */
  enterAct(act: Act, head: Uint8Array): void {
    const verdict = this.#judge(act);
    if (verdict !== "new") {
      throw new RangeError(
        `Cannot enter the act ${act.deed.kind} in a draw that is ${this.#state}: ${verdict}`,
      );
    }
    this.#acts.add(act, head);
    const { deed } = act;
    switch (deed.kind) {
      case "close":
        this.#closed = true;
        break;
      case "close-out":
        this.#page(deed.agency).closedOut = true;
        this.#closedOut++;
        break;
      case "cancel":
        this.#state = "cancelled";
        break;
      case "open":
      case "propose-number":
      case "tell-number":
      case "run":
        break;
    }
  }

  #judge({ deed, by }: Act): ActJudgement {
    const state = this.#state === "open" && this.complete ? "sealed" : this.#state;
    if (state === "cancelled") return deed.kind === "cancel" ? "already" : "cancelled";
    switch (deed.kind) {
      case "open":
        return state === "open" && this.#acts.list.length === 0 && this.#pages.size === 0
          ? "new"
          : "already";
      case "close":
        return state === "open" ? "new" : "already";
      case "close-out": {
        if (!this.roster.has(deed.agency)) return "unknown-agency";
        const page = this.#pages.get(deed.agency);
        if (page?.done === true || this.#isClosedOut(page)) return "already";
        return state === "open" ? "new" : "not-open";
      }
      case "cancel":
        return state === "open" ? "new" : "not-open";
      // Before the seal a number would be known while bets are taken.
      case "propose-number":
      case "tell-number":
        if (this.#state === "open") return "not-sealed";
        return this.#acts.judgeNumber(deed.kind, deed.number, by);
      case "run":
        return this.#state === "open" ? "not-sealed" : this.#acts.judgeRun();
      default:
        return deed satisfies never;
    }
  }

  /** All agencies of the draw by ascending number, also those that sent nothing. */
  sealedAgencies(): SealedAgency[] {
    return Array.from(this.roster, (agency) => sealedAgency(agency, this.standing(agency)));
  }

  /** What the seal commits to. @throws RangeError before the seal */
  sealed(): Sealed {
    if (this.#sealedActs === undefined) {
      throw new RangeError(`Cannot tell what was sealed of a draw that is ${this.#state}`);
    }
    return { draw: this.name, agencies: this.sealedAgencies(), acts: this.#sealedActs };
  }

  /** `open → sealed`. @returns the seal */
  enterSeal(): Buffer {
    if (this.#state !== "open" || !this.complete) {
      throw new RangeError(`Cannot seal a draw that is ${this.#state}, ${this.#done} done`);
    }
    this.#sealedActs = this.#acts.summary;
    const sealed = this.sealed();
    this.#seal =
      this.plan.sealVersion === 1 ? firstSealOf(sealed.draw, sealed.agencies) : sealOf(sealed);
    this.#state = "sealed";
    return this.#seal;
  }

  /** `sealed → drawn`. */
  enterDraw(): void {
    if (!this.drawable) {
      throw new RangeError(`Cannot draw a draw that is ${this.#state}: ${this.#holdUp()}`);
    }
    this.#state = "drawn";
  }

  #holdUp(): string {
    if (this.#state !== "sealed") return "it is not sealed";
    return this.winningNumber === undefined ? "its number is unknown" : "it waits for an operator";
  }

  /**
   * Enters the sums of an agency's winning bets, in a draw whose number was told after the seal: they could not
   * be counted as the bets came.
   */
  enterWinners(agency: AgencyId, winners: WinnersSum): void {
    if (this.plan.winningNumber !== undefined || this.winningNumber === undefined) {
      throw new RangeError("Cannot enter winners: they are counted as the bets come");
    }
    this.#page(agency).winners = winners;
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
    if (!this.roster.has(agency)) {
      throw new RangeError(
        `Cannot keep the book for agency ${agency as number}: the draw has ${this.roster.toString()}`,
      );
    }
  }

  /** Whether more of an agency may be entered: not after its DONE, and not after a close or the seal. */
  #takesFrom(page: Page | undefined): boolean {
    if (this.#state !== "open" || this.#closed) return false;
    return page === undefined || !(page.done || page.closedOut);
  }

  /** Whether the draw goes on without an agency, which may have no page. */
  #isClosedOut(page: Page | undefined): boolean {
    return page?.closedOut === true || (this.#closed && page?.done !== true);
  }

  #tooLate(what: string, page: Page): RangeError {
    const open = this.#state === "open" && !this.#closed;
    const state = this.#closed ? "closed" : this.#state;
    const over = page.done ? "done already" : "closed out";
    const why = open ? `the agency is ${over}` : `the draw is ${state}`;
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
        closedOut: false,
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

/** @param sequence 0 gives the head before the first batch */
function headAfter(page: Page | undefined, sequence: number): Buffer {
  if (page === undefined || sequence <= 0) return FIRST_HEAD;
  return page.heads.subarray((sequence - 1) * HEAD_BYTES, sequence * HEAD_BYTES);
}
