import type { Batch, UnnumberedBatch } from "../lottery/batch.ts";
import { type AgencyId, agencyId, type Bet } from "../lottery/bet.ts";
import { type CalendarDay, calendarDay } from "../lottery/calendar-day.ts";
import { parseLines } from "../lottery/canonical-line.ts";
import type { DoneClaim } from "../lottery/draw-book.ts";
import { type BatchFlaw, FLAWS } from "../lottery/flaw.ts";
import { scanLines } from "../lottery/scan-lines.ts";
import { drawPerformed } from "../log/lines.ts";
import type { ConfirmingLogger } from "../log/logger.ts";
import type {
  AgencyResults,
  Attendance,
  Desk,
  DeskVerdict,
  DrawView,
  Refusal,
  Sender,
} from "../protocols/desk.ts";
import type { BetStore, DoneVerdict, DrawNews, DrawOutcome } from "../store/bet-store.ts";
import { StoreError } from "../store/store-error.ts";
import { CentralError } from "./central-error.ts";
import type { Clock } from "../clock.ts";
import { DrawWaiters } from "./draw-waiters.ts";
import { Fence } from "./fence.ts";
import { type BatchId, logVerdict } from "./intake-log.ts";
import { PeerLog, type Source } from "./peer-log.ts";
import { Refusals } from "./refusals.ts";
import { type Overview, Turnout } from "./turnout.ts";

export interface DeskOptions {
  readonly store: BetStore;
  readonly logger: ConfirmingLogger;
  /** For lines that peers cause [one of its own]. */
  readonly log?: PeerLog;
  readonly clock: Clock;
  /** Pause between the log line of the draw and the first winners [none]. */
  readonly drawMarginMs?: number;
  /** Something failed that must not: the central has to stop rather than go on. */
  readonly onFault: (error: unknown) => void;
}

/** What is not to be sent again. A gap is: it lies behind a batch that was refused or put off. */
const REFUSED: ReadonlySet<DeskVerdict["kind"]> = new Set([
  "invalid",
  "conflict",
  "late",
  "unknown-agency",
]);

type Offered = (Batch | UnnumberedBatch) & { readonly single?: boolean };

function batchId(batch: Offered): BatchId {
  const { agency, count } = batch;
  return "sequence" in batch ? { agency, count, sequence: batch.sequence } : { agency, count };
}

/** A message whose sender is not known is nobody's. */
const NOBODY = "unknown";

/** How long a day of the calendar is believed: midnight is noticed this late at most. */
const DAY_CACHE_MS = 1000;

/**
 * How long the draw waits for its line to be out. A reader of the log that takes nothing for longer does
 * not hold up the draw: the line is written again at the next start.
 */
const LINE_OUT_WITHIN_MS = 250;

/** The desk over a store: validates, logs, fences, and performs the draw after the last DONE. */
export class CentralDesk implements Desk {
  readonly #store: BetStore;
  readonly #logger: ConfirmingLogger;
  readonly #log: PeerLog;
  readonly #clock: Clock;
  readonly #drawMarginMs: number;
  readonly #onFault: (error: unknown) => void;
  readonly #fence: Fence;
  readonly #waiters: DrawWaiters;
  readonly #refusals = new Refusals();
  readonly #turnout: Turnout;
  #today: CalendarDay = 0;
  #todayUntilMs = Number.NEGATIVE_INFINITY;
  /** Submissions and DONEs that the store has not settled. */
  #pending = 0;
  #onSettled: (() => void)[] = [];
  #halted = false;
  #hurried = false;
  /** Ends the margin of a draw that is running. */
  #endMargin: () => void = () => undefined;

  constructor({ store, logger, log, clock, drawMarginMs = 0, onFault }: DeskOptions) {
    this.#store = store;
    this.#logger = logger;
    this.#log = log ?? new PeerLog(logger, clock);
    this.#clock = clock;
    this.#drawMarginMs = drawMarginMs;
    this.#onFault = onFault;
    this.#waiters = new DrawWaiters(store);
    this.#turnout = new Turnout(store.agencies);
    this.#fence = new Fence((agency, former, newer) => {
      const by = newer?.address ?? NOBODY;
      former?.displaced(by);
      const ip = former?.address ?? NOBODY;
      const event = { action: "fence_agency", result: "success", ip, agency, by } as const;
      this.#log.log({ address: by, agency }, "warning", event);
    });
  }

  /** Looks at what the store holds already. @throws StoreError */
  recall(): Promise<Overview> {
    return this.#turnout.recall(this.#store);
  }

  /**
   * Performs a draw that is sealed; finishes one that a crash left sealed, or untold. @throws StoreError
   */
  async drawIfSealed(): Promise<void> {
    if ((await this.#store.state()) !== "sealed") return;
    await this.#store.performDraw(
      (news) => this.#tellDraw(news),
      () => this.#margin(),
    );
  }

  /** The central is stopping: no draw waits for its margin any more. */
  hurry(): void {
    this.#hurried = true;
    this.#endMargin();
  }

  /** Writes the draw's lines. @returns whether they are out of this process */
  async #tellDraw({ outcome, winners, recovered }: DrawNews): Promise<boolean> {
    this.#logger.log("info", drawPerformed(recovered));
    const bets = outcome.agencies.reduce((sum, agency) => sum + agency.bets, 0);
    this.#logger.log("info", {
      action: "draw_summary",
      result: "success",
      number: outcome.winningNumber,
      agencies: outcome.agencies.length,
      bets,
      winners,
    });
    const { over, cancel } = this.#within(LINE_OUT_WITHIN_MS);
    const written = await Promise.race([this.#logger.written(), over]);
    cancel();
    if (!written) {
      const reason =
        "the line of the draw has not left the process; the next start writes it again";
      this.#logger.log("warning", { action: "tell_draw", result: "in_progress", reason });
    }
    return written;
  }

  /**
   * Graders read the lines of all containers as one log and want the draw before the first winners. No
   * server can force the order of lines that come through two pipes; the pause makes it likely.
   */
  async #margin(): Promise<void> {
    if (this.#hurried || this.#drawMarginMs === 0) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(this.#drawMarginMs, resolve);
      this.#endMargin = () => {
        cancel();
        resolve();
      };
    });
  }

  #within(ms: number): { readonly over: Promise<false>; readonly cancel: () => void } {
    let end: (over: false) => void;
    const over = new Promise<false>((resolve) => {
      end = resolve;
    });
    return { over, cancel: this.#clock.after(ms, () => end(false)) };
  }

  async view(): Promise<DrawView> {
    const { draw, agencies } = this.#store;
    return { name: draw, state: await this.#store.state(), agencies };
  }

  known(agency: number): AgencyId | undefined {
    return agency <= this.#store.agencies ? agencyId(agency) : undefined;
  }

  async attend(agency: number, draw: string, sender?: Sender): Promise<Attendance | Refusal> {
    if (draw !== "" && draw !== this.#store.draw) {
      return this.#refuse(agency, { kind: "unknown-draw" }, sender);
    }
    const id = this.known(agency);
    if (id === undefined) return this.#refuse(agency, { kind: "unknown-agency" }, sender);
    sender?.speaksFor(id);
    const view = await this.view();
    const standing = await this.#store.standing(id);
    return {
      kind: "welcome",
      agency: id,
      draw: view,
      standing,
      hold: (onFenced) => this.#fence.hold(id, sender, onFenced),
    };
  }

  submit(
    batch: Batch & { readonly single?: boolean },
    settle: (verdict: DeskVerdict) => void,
    sender?: Sender,
  ): void {
    this.#submit(batch, settle, sender);
  }

  submitUnnumbered(
    batch: UnnumberedBatch & { readonly single?: boolean },
    settle: (verdict: DeskVerdict) => void,
    sender?: Sender,
  ): void {
    this.#submit(batch, settle, sender);
  }

  #submit(
    batch: Offered,
    settle: (verdict: DeskVerdict) => void,
    sender: Sender | undefined,
  ): void {
    // The sender's object is not kept: its bytes, perhaps itself, are used again for the next batch.
    const id = batchId(batch);
    const refusal = this.#judge(batch);
    if (refusal !== undefined) {
      if (refusal.kind !== "unknown-agency") this.#refusals.note(id.agency, refusal);
      this.#logVerdict(id, refusal, undefined, sender);
      settle(refusal);
      return;
    }
    sender?.speaksFor(id.agency);
    const bet = batch.single === true ? this.#betToLog(batch.lines) : undefined;
    this.#pending++;
    try {
      this.#store.submit(batch, (verdict) => {
        if (this.#halted) return;
        this.#refusals.note(id.agency, verdict);
        this.#logVerdict(id, verdict, bet, sender);
        settle(verdict);
        this.#settled();
      });
    } catch (error) {
      this.#onFault(error);
      throw error;
    }
  }

  async done(
    agency: AgencyId,
    claim?: DoneClaim,
    sender?: Sender,
  ): Promise<DoneVerdict | Extract<Refusal, { kind: "unknown-agency" }>> {
    if (this.known(agency) === undefined) {
      const event = { action: "register_done", result: "fail", agency } as const;
      this.#log.log({ address: sender?.address ?? NOBODY }, "warning", event);
      sender?.refused();
      return { kind: "unknown-agency" };
    }
    sender?.speaksFor(agency);
    this.#pending++;
    try {
      const verdict = await this.#store.done(agency, claim);
      this.#logDone(agency, verdict, sender);
      if (verdict.kind === "done") await this.#warnOfNothing(agency, sender);
      if (verdict.kind === "done") await this.drawIfSealed();
      return verdict;
    } catch (error) {
      // The store itself reports a failure of storage; anything else is a broken invariant.
      if (!(error instanceof StoreError)) this.#onFault(error);
      throw error;
    } finally {
      this.#settled();
    }
  }

  async results(agency: AgencyId, signal: AbortSignal, sender?: Sender): Promise<AgencyResults> {
    const leave = sender?.awaitsDraw(agency);
    try {
      return await this.#resultsOf(agency, await this.#waiters.wait(signal));
    } finally {
      leave?.();
    }
  }

  async resultsNow(agency: AgencyId): Promise<AgencyResults | undefined> {
    if ((await this.#store.state()) !== "drawn") return undefined;
    return this.#resultsOf(agency, await this.#store.whenDrawn());
  }

  get congested(): boolean {
    return this.#store.congested;
  }

  whenRoom(callback: () => void): void {
    this.#store.whenRoom(callback);
  }

  /** Resolves when the store has settled everything that was submitted, at once after {@link halt}. */
  settled(): Promise<void> {
    if (this.#pending === 0 || this.#halted) return Promise.resolve();
    return new Promise((resolve) => this.#onSettled.push(resolve));
  }

  /** From here on nothing is confirmed to anybody: storage has failed. */
  halt(): void {
    this.#halted = true;
    this.#tellSettled();
  }

  /** Turns away who still waits for the draw. */
  close(): void {
    this.#waiters.reject(
      new CentralError("CENTRAL_STOPPING", "Cannot wait for the draw: the central is stopping"),
    );
  }

  /** What the desk itself says to a batch; undefined for one that goes to the store. */
  #judge(batch: Offered): DeskVerdict | undefined {
    if (this.known(batch.agency) === undefined) return { kind: "unknown-agency" };
    const flaw: BatchFlaw | undefined =
      batch.count < 1
        ? { ...FLAWS.missing, index: 0 }
        : scanLines(batch.lines, batch.agency, batch.count, this.#todaysDay());
    return flaw === undefined ? undefined : { kind: "invalid", flaw };
  }

  #refuse(agency: number, refusal: Refusal, sender: Sender | undefined): Refusal {
    const { kind: reason } = refusal;
    const event = { action: "attend", result: "fail", agency, reason } as const;
    this.#log.log({ address: sender?.address ?? NOBODY }, "warning", event);
    return refusal;
  }

  #logVerdict(
    id: BatchId,
    verdict: DeskVerdict,
    bet: Bet | undefined,
    sender: Sender | undefined,
  ): void {
    if (REFUSED.has(verdict.kind)) sender?.refused();
    // An agency that is none of the draw's is a number of the peer's: it tells nobody apart.
    const agency = verdict.kind === "unknown-agency" ? undefined : id.agency;
    const source: Source = { address: sender?.address ?? NOBODY, agency };
    logVerdict({ logger: this.#logger, log: this.#log }, source, id, verdict, bet);
  }

  #logDone(agency: AgencyId, verdict: DoneVerdict, sender: Sender | undefined): void {
    const action = "register_done";
    if (verdict.kind !== "done") {
      const event = { action, result: "fail", agency, reason: verdict.kind } as const;
      this.#log.log({ address: sender?.address ?? NOBODY, agency }, "warning", event);
    } else if (this.#turnout.record(agency)) {
      const turnout = this.#turnout.describe();
      this.#logger.log("info", { action, result: "success", agency, ...turnout });
    } else {
      const event = { action, result: "success", agency } as const;
      this.#log.log({ address: sender?.address ?? NOBODY, agency }, "debug", event);
    }
  }

  /** Such an agency takes part with nothing, perhaps because something is wrong here: say so. */
  async #warnOfNothing(agency: AgencyId, sender: Sender | undefined): Promise<void> {
    const refused = this.#refusals.take(agency);
    if (refused === 0 || (await this.#store.standing(agency)).bets > 0) return;
    this.#log.log({ address: sender?.address ?? NOBODY, agency }, "warning", {
      action: "register_done",
      result: "success",
      agency,
      stored_bets: 0,
      refused_batches: refused,
      reason:
        "it is done, and every batch of it was refused: look at their reasons, and at the clock",
    });
  }

  /** Read before the batch is handed over: its bytes may be gone when it is settled. */
  #betToLog(lines: Uint8Array): Bet | undefined {
    return this.#logger.enabled("info") ? parseLines(lines)[0] : undefined;
  }

  #todaysDay(): CalendarDay {
    const nowMs = this.#clock.nowMs();
    if (nowMs >= this.#todayUntilMs) {
      this.#today = calendarDay(this.#clock.date());
      this.#todayUntilMs = nowMs + DAY_CACHE_MS;
    }
    return this.#today;
  }

  async #resultsOf(agency: AgencyId, outcome: DrawOutcome): Promise<AgencyResults> {
    const { draw, winningNumber, seal } = outcome;
    return {
      outcome: { draw, winningNumber, seal },
      winners: await this.#store.winners(agency),
    };
  }

  #settled(): void {
    this.#pending--;
    if (this.#pending === 0 && this.#onSettled.length > 0) this.#tellSettled();
  }

  #tellSettled(): void {
    const callbacks = this.#onSettled;
    this.#onSettled = [];
    for (const callback of callbacks) callback();
  }
}
