import { type Act, BY_CLOCK, type Deed } from "../lottery/act.ts";
import type { Overview } from "../events/central-event.ts";
import type { Feed } from "../events/feed.ts";
import type { Batch, UnnumberedBatch } from "../lottery/batch.ts";
import type { AgencyId } from "../lottery/bet.ts";
import { type CalendarDay, calendarDay } from "../lottery/calendar-day.ts";
import type { DrawState } from "../lottery/draw-book.ts";
import { type BatchFlaw, FLAWS } from "../lottery/flaw.ts";
import { SealProofs } from "../lottery/seal-proofs.ts";
import { scanLines } from "../lottery/scan-lines.ts";
import type { DrawView } from "../protocols/counter.ts";
import { type Clock, pauseIfAlive } from "../clock.ts";
import type { ActVerdict, BetStore, DrawNews } from "../store/bet-store.ts";
import { StoreError } from "../store/store-error.ts";
import { Fence } from "./fence.ts";
import { Presence } from "./presence.ts";
import { Refusals } from "./refusals.ts";
import { RoomQueue } from "./room-queue.ts";
import { Turnout } from "./turnout.ts";
import { WatchedClock } from "./watched-clock.ts";

export interface DrawDeskOptions {
  readonly store: BetStore;
  readonly events: Feed;
  readonly clock: Clock;
  /** Pause between the log line of the draw and the first winners [none]. */
  readonly drawMarginMs?: number;
  /** For a draw that closes at a time of day [its own]. */
  readonly watched?: WatchedClock;
  /** Called when something failed that must not fail: the central has to stop. */
  readonly onFault: (error: unknown) => void;
}

/** How long a date is used before it is read again: midnight is noticed this late at most. */
const DAY_CACHE_MS = 1000;

/** How often a draw looks whether its time has come, also when no batch comes. */
const WATCH_MS = 250;
/** When a batch that is held back is to come again. */
const CLOSING_RETRY_MS = 20;
const DOUBTFUL_RETRY_MS = 1000;

/**
 * How long the draw waits for its line to be out. A reader of the log that takes nothing for longer does
 * not hold up the draw: the line is written again at the next start.
 */
const LINE_OUT_WITHIN_MS = 250;

/**
 * What all counters of one draw share: its store, who holds which agency, who waits for room, what was
 * refused, who is done. It performs the draw.
 */
export class DrawDesk {
  readonly store: BetStore;
  readonly events: Feed;
  readonly clock: Clock;
  readonly onFault: (error: unknown) => void;
  readonly fence: Fence;
  readonly room: RoomQueue;
  readonly refusals = new Refusals();
  readonly turnout: Turnout;
  readonly presence: Presence;
  /** By agency, of all connections: the latest batch without a number that is not settled. */
  readonly latest = new Map<AgencyId, object>();
  readonly #drawMarginMs: number;
  readonly #watched: WatchedClock;
  /** `timed` while the draw waits for its time, `closing` until that it was closed is on stable storage. */
  #closing: "no" | "timed" | "closing";
  #stopWatch: () => void = () => undefined;
  /** As it was when the desk looked last. */
  #state: DrawState | undefined;
  #today: CalendarDay = 0;
  #todayUntilMs = Number.NEGATIVE_INFINITY;
  /** Submissions and DONEs that the store has not settled. */
  #pending = 0;
  #onSettled: (() => void)[] = [];
  #halted = false;
  #hurried = false;
  /** A promise, because all agencies may ask before it is there. */
  #sealProofs: Promise<SealProofs> | undefined;
  /** Ends the margin of a draw that is running. */
  #endMargin: () => void = () => undefined;

  constructor(options: DrawDeskOptions) {
    const { store, events, clock, drawMarginMs = 0, onFault } = options;
    const { watched = new WatchedClock(clock, () => undefined) } = options;
    this.store = store;
    this.events = events;
    this.clock = clock;
    this.onFault = onFault;
    this.room = new RoomQueue(store);
    this.turnout = new Turnout(store.roster);
    this.presence = new Presence(() => clock.date());
    this.#drawMarginMs = drawMarginMs;
    this.#watched = watched;
    this.#closing = store.plan.closesAtMs === undefined ? "no" : "timed";
    this.fence = new Fence((agency, former, newer) => {
      const { address } = newer;
      former.displaced(address);
      const from = { address, agency };
      this.events.publish({ kind: "agency-fenced", from, agency, former: former.address });
    });
  }

  get draw(): string {
    return this.store.draw;
  }

  /** Whether it takes bets, as far as is known here. */
  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Whether there will be no draw: nobody is served any more, or waits for it. */
  get isCancelled(): boolean {
    return this.#state === "cancelled";
  }

  /** Whether nothing of it changes any more. */
  get isOver(): boolean {
    return this.#state === "drawn" || this.#state === "cancelled";
  }

  /** Looks at what the store holds already, and begins to wait for the draw's time. @throws StoreError */
  async recall(): Promise<Overview> {
    const overview = await this.turnout.recall(this.store);
    this.#state = overview.state;
    if (overview.state !== "open") this.#closing = "no";
    if (this.#closing === "timed") this.#watchTime();
    return overview;
  }

  /**
   * Whether a batch must come again later, because the time of the close has come and the close is not on
   * stable storage yet, or because the clock has jumped and it is not known whether it has come.
   *
   * @returns milliseconds until then; undefined when the store decides
   */
  heldBack(): number | undefined {
    if (this.#closing === "no") return undefined;
    if (this.#closing === "timed") {
      const { closesAtMs = Number.POSITIVE_INFINITY } = this.store.plan;
      const { earliestMs, latestMs } = this.#watched.read();
      if (latestMs < closesAtMs) return undefined;
      if (earliestMs < closesAtMs) return DOUBTFUL_RETRY_MS;
      this.#closing = "closing";
      void this.#closeByClock();
    }
    return CLOSING_RETRY_MS;
  }

  /**
   * Records what an operator or the clock does, and performs the draw if it may be performed now.
   *
   * @throws StoreError
   */
  async act(deed: Deed, by: string, reason: string): Promise<ActVerdict> {
    const act = { deed, atMs: this.clock.date().getTime(), by, reason };
    return this.decide(async () => {
      const verdict = await this.store.act(act);
      if (verdict.kind === "done") this.#acted(act);
      // Also when it was so already: a crash may have come between the act and the draw.
      if (verdict.kind === "done" || verdict.kind === "already") await this.drawIfSealed();
      return verdict;
    });
  }

  /** Waits for a decision of the store, which a stop waits for too. @throws what `work` throws */
  async decide<T>(work: () => Promise<T>): Promise<T> {
    this.begin();
    try {
      return await work();
    } catch (error) {
      // The store itself reports a failure of storage; anything else is a broken invariant.
      if (!(error instanceof StoreError)) this.onFault(error);
      throw error;
    } finally {
      this.end();
    }
  }

  async view(): Promise<DrawView> {
    const { draw, roster } = this.store;
    return { name: draw, state: await this.store.state(), agencies: roster.size };
  }

  /**
   * What shows agencies that the seal has their batches. It is computed for the first one that asks.
   *
   * @returns undefined when the seal is of the first form, which proves nothing to one agency
   * @throws RangeError before the draw; StoreError
   */
  async sealProofs(): Promise<SealProofs | undefined> {
    const { store } = this;
    if ((await store.state()) !== "drawn") {
      throw new RangeError(`Cannot prove the seal of draw ${store.draw}: it is not drawn`);
    }
    if (store.plan.sealVersion === 1) return undefined;
    this.#sealProofs ??= store.whenDrawn().then((outcome) => new SealProofs(outcome));
    return this.#sealProofs;
  }

  /** The number a peer gives as an agency's, if it is one of the draw's. */
  known(agency: number): AgencyId | undefined {
    return this.store.roster.has(agency) ? agency : undefined;
  }

  /** Checks a batch before it goes to the store. */
  flawIn({ lines, agency, count }: Batch | UnnumberedBatch): BatchFlaw | undefined {
    if (count < 1) return { ...FLAWS.missing, index: 0 };
    return scanLines(lines, agency, count, this.#todaysDay());
  }

  /**
   * Performs a draw that is sealed; finishes one that a crash left sealed, or untold. @throws StoreError
   */
  async drawIfSealed(): Promise<void> {
    this.#state = await this.store.state();
    if (this.#state !== "sealed") return;
    await this.store.performDraw(
      (news) => this.#tell(news),
      () => this.#margin(),
    );
    this.#state = await this.store.state();
  }

  /** The central is stopping: no draw waits for its margin any more, and none closes by the clock. */
  hurry(): void {
    this.#stopWatch();
    this.#hurried = true;
    this.#endMargin();
  }

  /** Whether nothing is confirmed any more. */
  get halted(): boolean {
    return this.#halted;
  }

  /** Something was given to the store, and {@link end} follows. */
  begin(): void {
    this.#pending++;
  }

  /** What was begun is settled. */
  end(): void {
    this.#pending--;
    if (this.#pending === 0 && this.#onSettled.length > 0) this.#tellSettled();
  }

  /** Resolves when the store has settled everything that was begun, at once after {@link halt}. */
  settled(): Promise<void> {
    if (this.#pending === 0 || this.#halted) return Promise.resolve();
    return new Promise((resolve) => this.#onSettled.push(resolve));
  }

  /** From here on nothing is confirmed to anybody: storage has failed. */
  halt(): void {
    this.#halted = true;
    this.#tellSettled();
  }

  #watchTime(): void {
    if (this.#hurried) return;
    this.#stopWatch = this.clock.every(WATCH_MS, () => void this.heldBack());
    void this.heldBack();
  }

  /** Closes the draw at its time. On a full disk it waits for room; batches are held back meanwhile. */
  async #closeByClock(): Promise<void> {
    this.#stopWatch();
    try {
      for (;;) {
        const verdict = await this.act({ kind: "close" }, BY_CLOCK, "its time has come");
        if (verdict.kind !== "busy") break;
        await pauseIfAlive(this.clock, verdict.retryAfterMs);
      }
      this.#closing = "no";
    } catch {
      // It is reported already.
    }
  }

  /** Takes over what an act has changed, and publishes it. */
  #acted(act: Act): void {
    const { turnout, events } = this;
    const { deed } = act;
    const closedOut = deed.kind === "close" ? turnout.missing : undefined;
    if (deed.kind === "close") turnout.closeOutAll();
    if (deed.kind === "close-out") turnout.closeOut(deed.agency);
    if (deed.kind === "close" || deed.kind === "cancel") {
      this.#closing = "no";
      this.#stopWatch();
    }
    events.publish({ kind: "act-recorded", draw: this.draw, act, closedOut });
  }

  /** Publishes the draw. @returns whether its line is out of this process */
  async #tell({ outcome, winners, recovered }: DrawNews): Promise<boolean> {
    const { events } = this;
    const { winningNumber } = outcome;
    const agencies = outcome.agencies.length;
    const bets = outcome.agencies.reduce((sum, agency) => sum + agency.bets, 0);
    events.publish({
      kind: "drawn",
      draw: outcome.draw,
      winningNumber,
      agencies,
      bets,
      winners,
      recovered,
    });
    const { over, cancel } = this.#within(LINE_OUT_WITHIN_MS);
    const written = await Promise.race([events.written(), over]);
    cancel();
    if (!written) events.publish({ kind: "draw-line-late" });
    return written;
  }

  /**
   * Graders read the lines of all containers as one log and want the draw before the first winners. No
   * server can force the order of lines that come through two pipes; the pause makes it likely.
   */
  async #margin(): Promise<void> {
    if (this.#hurried || this.#drawMarginMs === 0) return;
    await new Promise<void>((resolve) => {
      const cancel = this.clock.after(this.#drawMarginMs, resolve);
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
    return { over, cancel: this.clock.after(ms, () => end(false)) };
  }

  #todaysDay(): CalendarDay {
    const nowMs = this.clock.nowMs();
    if (nowMs >= this.#todayUntilMs) {
      this.#today = calendarDay(this.clock.date());
      this.#todayUntilMs = nowMs + DAY_CACHE_MS;
    }
    return this.#today;
  }

  #tellSettled(): void {
    const callbacks = this.#onSettled;
    this.#onSettled = [];
    for (const callback of callbacks) callback();
  }
}
