import { type AgencyId, agencyId, type Bet } from "../../src/lottery/bet.ts";
import { FIRST_HEAD } from "../../src/lottery/chain.ts";
import { type DoneClaim, DrawBook } from "../../src/lottery/draw-book.ts";
import { scanLines } from "../../src/lottery/scan-lines.ts";
import { winnersIn } from "../../src/lottery/winners.ts";
import { parseLine } from "../../src/lottery/canonical-line.ts";
import type { Standing } from "../../src/lottery/standing.ts";
import {
  type AgencyDialer,
  type AgencyLink,
  type Answer,
  type DialContext,
  type LinkDraw,
  LinkError,
  type OutgoingBatch,
} from "../../src/protocols/agency-link.ts";
import { enterBatch } from "../support/enter-batch.ts";

/** What goes wrong at one step of a conversation. */
export type Fault =
  | "none"
  /** The connection ends before the central has seen the message. */
  | "lost-before"
  /** The connection ends after the central has acted, before its answer. */
  | "lost-after"
  /** The central ends the connection instead of looking at the message. */
  | "ended"
  /** The central has no room for the moment. */
  | "busy";

export type Step = "dial" | "batch" | "done" | "results";

export const TODAY = 20260101;
export const AGENCY: AgencyId = agencyId(1) ?? fail("no agency");

export interface FakeCentralOptions {
  /** The windows of the links, in turn and from the start again. */
  readonly windows?: readonly number[];
  /** Asked at every step of every conversation; for a batch, with its sequence. */
  readonly fault?: (step: Step, sequence: number) => Fault;
  /**
   * Whether links report the agency's standing and chain heads. Links that do not are of a dialect
   * without numbers: a batch is the next one on its connection, and the window is 1.
   */
  readonly tells?: boolean;
  /** How a dialect without numbers refuses a batch [answer]. */
  readonly refusal?: "answer" | "answer-and-end" | "end";
  /** Another agency is missing: the draw never comes. */
  readonly staysOpen?: boolean;
  /** The dialect has no draw. */
  readonly drawless?: boolean;
  readonly winningNumber?: number;
  /** Forges the head of an answer. */
  readonly forge?: (head: Buffer) => Buffer;
}

/**
 * A central without a network: a real draw book, and links that fail on command. It keeps every
 * line it has stored, so that tests can compare them with the agency's file.
 */
export class FakeCentral {
  readonly options: FakeCentralOptions;
  book: DrawBook;
  readonly stored: string[] = [];
  dials = 0;
  dones = 0;
  openLinks = 0;
  /** Most batches that were ever unanswered on one link. */
  unansweredMax = 0;
  readonly sentSequences: number[] = [];
  /** Set for a draw that has to wait for something. */
  drawn: Promise<void> = Promise.resolve();
  #forgottenBets = 0;

  constructor(options: FakeCentralOptions = {}) {
    this.options = options;
    this.book = this.#openBook();
  }

  #openBook(): DrawBook {
    const { winningNumber = 7574 } = this.options;
    return new DrawBook({ name: "1", winningNumber, agencies: 1 });
  }

  get standing(): Standing {
    const standing = this.book.standing(AGENCY);
    return { ...standing, bets: standing.bets + this.#forgottenBets };
  }

  /** A restart of a central whose store keeps bets but not batches. */
  restartForgetful(): void {
    this.#forgottenBets = this.standing.bets;
    this.book = this.#openBook();
  }

  fault(step: Step, sequence = 0): Fault {
    return this.options.fault?.(step, sequence) ?? "none";
  }

  readonly dialer: AgencyDialer = {
    measure: { overheadBytes: 15, betBytes: (_bet, lineBytes) => lineBytes },
    dial: async (context) => {
      this.dials++;
      await turn();
      context.signal.throwIfAborted();
      const fault = this.fault("dial");
      if (fault === "busy") throw new LinkError("CENTRAL_BUSY", "busy", { retryAfterMs: 700 });
      if (fault !== "none") throw new LinkError("CONNECT_FAILED", "nobody there");
      return new FakeLink(this, context);
    },
  };

  decide({ sequence, lines, bets }: OutgoingBatch): Answer {
    const count = bets.length;
    const flaw = scanLines(lines, AGENCY, count, TODAY);
    const batch = { agency: AGENCY, sequence, count, lines };
    const entry = this.book.weigh(batch);
    if (flaw !== undefined && entry.kind !== "gap") {
      return { kind: "rejected", code: "INVALID", ...flaw };
    }
    switch (entry.kind) {
      case "new":
        enterBatch(this.book, batch, entry.head);
        this.stored.push(...Buffer.from(lines).toString().split("\r\n").slice(0, -1));
        return this.#accepted(entry.head);
      case "duplicate":
        return this.#accepted(entry.head);
      case "gap":
        return { kind: "skipped" };
      case "conflict":
        return { kind: "rejected", code: "CONFLICT", reason: "another batch" };
      case "late":
        return { kind: "rejected", code: "LATE", reason: "the agency is done" };
      default:
        return fail(entry satisfies never);
    }
  }

  /** @throws RangeError before the draw */
  winners(): string[] {
    this.book.winners(AGENCY);
    const lines = Buffer.from(this.stored.map((line) => `${line}\r\n`).join(""));
    return winnersIn(lines, this.book.winningNumber ?? 0).map((line) => parseLine(line).document);
  }

  #accepted(head: Buffer): Answer {
    const { tells = true, forge = (honest) => honest } = this.options;
    return tells ? { kind: "accepted", head: forge(Buffer.from(head)) } : { kind: "accepted" };
  }

  recordDone(claim: DoneClaim): void {
    const bets = claim.bets - this.#forgottenBets;
    const { tells = true } = this.options;
    const entry = this.book.weighDone(AGENCY, tells ? { ...claim, bets } : undefined);
    if (entry.kind === "done") {
      this.book.enterDone(AGENCY);
      this.dones++;
      if (this.options.staysOpen === true) return;
      this.book.enterSeal();
      this.book.enterDraw();
    } else if (entry.kind !== "already") {
      throw new LinkError("REFUSED", `DONE is a ${entry.kind}`);
    }
  }
}

class FakeLink implements AgencyLink {
  readonly standing: Standing | undefined;
  readonly draw?: LinkDraw;
  readonly chainKnown: boolean;
  readonly window: number;
  readonly #central: FakeCentral;
  readonly #signal: AbortSignal;
  #failure: Error | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #unanswered = 0;
  #closed = false;
  /** The number that the next batch gets in a dialect without numbers. */
  #counted = 1;
  readonly #gone: Promise<never>;
  #lose: (error: Error) => void = () => undefined;

  constructor(central: FakeCentral, context: DialContext) {
    const { tells = true, windows = [4] } = central.options;
    this.#central = central;
    this.#signal = context.signal;
    this.standing = tells ? central.standing : undefined;
    if (tells) this.draw = { name: central.book.name, state: central.book.state };
    const { nextSequence, bets, head } = central.standing;
    this.chainKnown = !(bets > 0 && nextSequence === 1 && Buffer.compare(head, FIRST_HEAD) === 0);
    this.window = tells ? (windows[(central.dials - 1) % windows.length] ?? 1) : 1;
    central.openLinks++;
    this.#gone = new Promise((_resolve, reject) => {
      this.#lose = reject;
    });
    this.#gone.catch(() => undefined);
    this.#signal.addEventListener("abort", this.#onAbort);
  }

  readonly #onAbort = (): void => {
    const { reason } = this.#signal;
    this.#fail(reason instanceof Error ? reason : new Error(String(reason)));
  };

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#lose(this.#failure);
  }

  /** One message after the other, each with its chance to go wrong. */
  #step<T>(step: Step, sequence: number, act: (fault: Fault) => T): Promise<T> {
    const result = this.#turn.then(async () => {
      await turn();
      this.#signal.throwIfAborted();
      if (this.#failure !== undefined) throw this.#failure;
      const fault = this.#central.fault(step, sequence);
      if (fault === "ended") this.#fail(new LinkError("CONNECTION_ENDED", "ended"));
      if (fault === "lost-before") this.#fail(new LinkError("CONNECTION_LOST", "cut"));
      if (this.#failure !== undefined) throw this.#failure;
      const done = act(fault);
      if (fault === "lost-after") this.#fail(new LinkError("CONNECTION_LOST", "cut"));
      if (this.#failure !== undefined) throw this.#failure;
      return done;
    });
    this.#turn = result.catch(() => undefined);
    return result;
  }

  send(batch: OutgoingBatch): Promise<Answer> {
    const central = this.#central;
    this.#unanswered++;
    central.unansweredMax = Math.max(central.unansweredMax, this.#unanswered);
    central.sentSequences.push(batch.sequence);
    return this.#step("batch", batch.sequence, (fault): Answer => {
      this.#unanswered--;
      if (fault === "busy") return { kind: "busy", retryAfterMs: 40 };
      if (this.standing !== undefined) return central.decide(batch);
      const answer = central.decide({ ...batch, sequence: this.#counted });
      if (answer.kind === "accepted") this.#counted++;
      else this.#endAfterRefusal();
      return answer;
    });
  }

  #endAfterRefusal(): void {
    const { refusal = "answer" } = this.#central.options;
    const ended = new LinkError("CONNECTION_ENDED", "ended");
    if (refusal === "end") this.#fail(ended);
    else if (refusal === "answer-and-end") setImmediate(() => this.#fail(ended));
  }

  sendSingle(batch: OutgoingBatch): Promise<Answer> {
    return this.send(batch);
  }

  async done(claim: DoneClaim): Promise<void> {
    if (this.#central.options.drawless === true) return;
    await this.#step("done", 0, () => this.#central.recordDone(claim));
  }

  async results() {
    if (this.#central.options.drawless === true) return undefined;
    const { drawn, options } = this.#central;
    await Promise.race(options.staysOpen === true ? [this.#gone] : [drawn, this.#gone]);
    const winners = await this.#step("results", 0, () => this.#central.winners());
    return { winners };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#signal.removeEventListener("abort", this.#onAbort);
    this.#fail(new LinkError("CONNECTION_LOST", "closed"));
    this.#central.openLinks--;
    await turn();
  }
}

/** A bet that is the same in the agency's file and in the central's store. */
export function sampleBet(index: number, overrides: Partial<Bet> = {}): Bet {
  return {
    agency: AGENCY,
    firstName: `Ana ${index}`,
    lastName: index % 3 === 0 ? 'Núñez, "la Ñata"' : "Ibáñez",
    document: String(30_000_000 + index),
    birthdate: "1999-03-17",
    number: index % 7 === 0 ? 7574 : index % 10_000,
    ...overrides,
  };
}

/** @returns so many of them, each another */
export function sampleBets(count: number): Bet[] {
  return Array.from({ length: count }, (_, index) => sampleBet(index));
}

/** Lets everything that is ready run. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function fail(what: string): never {
  throw new Error(what);
}
