import type { Overview } from "../events/central-event.ts";
import type { Feed } from "../events/feed.ts";
import type { Batch, UnnumberedBatch } from "../lottery/batch.ts";
import { type AgencyId, agencyId } from "../lottery/bet.ts";
import { type CalendarDay, calendarDay } from "../lottery/calendar-day.ts";
import { type BatchFlaw, FLAWS } from "../lottery/flaw.ts";
import { scanLines } from "../lottery/scan-lines.ts";
import type { DrawView } from "../protocols/counter.ts";
import type { Clock } from "../clock.ts";
import type { BetStore, DrawNews } from "../store/bet-store.ts";
import { DeskAdmitter, type Door } from "./admitter.ts";
import { Fence } from "./fence.ts";
import { Refusals } from "./refusals.ts";
import { RoomQueue } from "./room-queue.ts";
import type { Sender } from "./sender.ts";
import { Turnout } from "./turnout.ts";

export interface DrawDeskOptions {
  readonly store: BetStore;
  readonly events: Feed;
  readonly clock: Clock;
  /** Pause between the log line of the draw and the first winners [none]. */
  readonly drawMarginMs?: number;
  /** Called when something failed that must not fail: the central has to stop. */
  readonly onFault: (error: unknown) => void;
}

/** How long a date is used before it is read again: midnight is noticed this late at most. */
const DAY_CACHE_MS = 1000;

/**
 * How long the draw waits for its line to be out. A reader of the log that takes nothing for longer does
 * not hold up the draw: the line is written again at the next start.
 */
const LINE_OUT_WITHIN_MS = 250;

/**
 * What all counters of one draw share: its store, who holds which agency, who waits for room, what was
 * refused, who is done. It performs the draw.
 */
export class DrawDesk implements Door {
  readonly store: BetStore;
  readonly events: Feed;
  readonly clock: Clock;
  readonly onFault: (error: unknown) => void;
  readonly fence: Fence;
  readonly room: RoomQueue;
  readonly refusals = new Refusals();
  readonly turnout: Turnout;
  /** By agency, of all connections: the latest batch without a number that is not settled. */
  readonly latest = new Map<AgencyId, object>();
  readonly #drawMarginMs: number;
  #today: CalendarDay = 0;
  #todayUntilMs = Number.NEGATIVE_INFINITY;
  /** Submissions and DONEs that the store has not settled. */
  #pending = 0;
  #onSettled: (() => void)[] = [];
  #halted = false;
  #hurried = false;
  /** Ends the margin of a draw that is running. */
  #endMargin: () => void = () => undefined;

  constructor({ store, events, clock, drawMarginMs = 0, onFault }: DrawDeskOptions) {
    this.store = store;
    this.events = events;
    this.clock = clock;
    this.onFault = onFault;
    this.room = new RoomQueue(store);
    this.turnout = new Turnout(store.agencies);
    this.#drawMarginMs = drawMarginMs;
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

  /** Looks at what the store holds already. @throws StoreError */
  recall(): Promise<Overview> {
    return this.turnout.recall(this.store);
  }

  admitter(sender: Sender): DeskAdmitter {
    return new DeskAdmitter(this, sender);
  }

  async view(): Promise<DrawView> {
    const { draw, agencies } = this.store;
    return { name: draw, state: await this.store.state(), agencies };
  }

  /** The number a peer gives as an agency's, if it is one of the draw's. */
  known(agency: number): AgencyId | undefined {
    return agency <= this.store.agencies ? agencyId(agency) : undefined;
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
    if ((await this.store.state()) !== "sealed") return;
    await this.store.performDraw(
      (news) => this.#tell(news),
      () => this.#margin(),
    );
  }

  /** The central is stopping: no draw waits for its margin any more. */
  hurry(): void {
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

  /** Publishes the draw. @returns whether its line is out of this process */
  async #tell({ outcome, winners, recovered }: DrawNews): Promise<boolean> {
    const { events } = this;
    const { winningNumber } = outcome;
    const agencies = outcome.agencies.length;
    const bets = outcome.agencies.reduce((sum, agency) => sum + agency.bets, 0);
    events.publish({ kind: "drawn", winningNumber, agencies, bets, winners, recovered });
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
