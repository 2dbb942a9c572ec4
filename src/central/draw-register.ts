import type { Act, Deed } from "../lottery/act.ts";
import { type DrawPlan, samePlan } from "../lottery/draw-plan.ts";
import type { Overview } from "../events/central-event.ts";
import type { Feed } from "../events/feed.ts";
import type { ActVerdict, BetStore } from "../store/bet-store.ts";
import type { Clock } from "../clock.ts";
import { type DeskFinder, type Door, RegisterAdmitter } from "./admitter.ts";
import { DrawDesk } from "./draw-desk.ts";
import type { Sender } from "./sender.ts";
import { type TimeOfDay, WatchedClock } from "./watched-clock.ts";

/** So many draws that are over, and were opened while a central ran, are served to agencies that ask late. */
export const DRAWS_OVER_MAX = 16;

/** Opens the store of a draw: a new one with this plan, or the one that there is. */
export type OpenDraw = (plan: DrawPlan) => Promise<BetStore>;

export interface DrawRegisterOptions {
  readonly events: Feed;
  readonly clock: Clock;
  readonly drawMarginMs: number;
  /** The draw that peers mean who name none, when not exactly one is open [none]. */
  readonly told?: string | undefined;
  /** Opens further draws [there is no way to]. */
  readonly openDraw?: OpenDraw | undefined;
  /** Something failed that must not fail: the central has to stop. */
  readonly onFault: (error: unknown) => void;
}

/** What became of an operator's wish to open a draw, or to cancel one that is scheduled. */
export type OpenVerdict = ActVerdict | { readonly kind: "refused"; readonly why: OpenRefusal };

export type OpenRefusal =
  /** This central opens no draws while it runs. */
  | "no-way"
  /** The draw is scheduled. */
  | "not-open-yet"
  /** There is a draw of that name, with another plan. */
  | "other-plan"
  | "closes-in-past";

/** A draw that the timetable will open. */
export interface ScheduledDraw {
  readonly plan: DrawPlan;
  readonly opensAtMs: number;
}

/** All draws of a central: each has its store and its desk. */
export class DrawRegister implements Door, DeskFinder {
  readonly events: Feed;
  readonly #options: DrawRegisterOptions;
  readonly #desks = new Map<string, DrawDesk>();
  /** Draws that are being opened: a draw is opened once. */
  readonly #opening = new Map<string, Promise<OpenVerdict>>();
  #scheduled: readonly ScheduledDraw[] = [];
  readonly #watched: WatchedClock;
  readonly #unused: BetStore[] = [];
  /** Stores of draws that were let go, until they are closed. */
  readonly #leaving = new Set<Promise<void>>();
  #stopped = false;
  #halted = false;

  constructor(options: DrawRegisterOptions) {
    this.#options = options;
    this.events = options.events;
    this.#watched = new WatchedClock(options.clock, (byMs) =>
      options.events.publish({ kind: "clock-jumped", byMs }),
    );
  }

  /**
   * The draw for peers that name none: the only open one, or the one that the central was told. It is never
   * silently one that is finished.
   */
  get current(): DrawDesk | undefined {
    const open = this.#open();
    if (open.length === 1) return open[0];
    return this.#options.told === undefined ? undefined : this.#desks.get(this.#options.told);
  }

  /** The time of day by which draws open and close. */
  time(): TimeOfDay {
    return this.#watched.read();
  }

  find(draw: string): DrawDesk | undefined {
    return this.#desks.get(draw);
  }

  /** In the order in which the central took them. */
  all(): readonly DrawDesk[] {
    return [...this.#desks.values()];
  }

  admitter(sender: Sender): RegisterAdmitter {
    return new RegisterAdmitter(this, sender);
  }

  /**
   * Takes a store, and finishes what a crash left of its draw. The store is the register's from here on.
   *
   * @throws StoreError
   */
  async take(store: BetStore): Promise<{ readonly desk: DrawDesk; readonly overview: Overview }> {
    const { events, clock, drawMarginMs, onFault } = this.#options;
    const watched = this.#watched;
    const desk = new DrawDesk({ store, events, clock, drawMarginMs, watched, onFault });
    // From now on it is closed with the others.
    this.#desks.set(store.draw, desk);
    if (this.#stopped) desk.hurry();
    if (this.#halted) desk.halt();
    await desk.drawIfSealed();
    const overview = await desk.recall();
    return { desk, overview };
  }

  /** Draws that the timetable will open, by the time of that. */
  scheduled(): readonly ScheduledDraw[] {
    return this.#scheduled.filter(({ plan }) => !this.#desks.has(plan.name));
  }

  /** Replaces what the timetable will open. */
  schedule(draws: readonly ScheduledDraw[]): void {
    this.#scheduled = draws;
  }

  /**
   * Opens a draw, or cancels one that is scheduled, with a record of who did it. A draw that is open with the
   * same plan stays as it is.
   *
   * @param deed what is recorded before an agency can reach the draw
   * @throws StoreError; RangeError when the central is stopping
   */
  async open(
    plan: DrawPlan,
    deed: Extract<Deed, { kind: "open" | "cancel" }>,
    by: string,
    reason: string,
  ): Promise<OpenVerdict> {
    // What is being opened may be refused, and may be what this is to cancel.
    for (;;) {
      this.#expectRunning(plan.name);
      const desk = this.#desks.get(plan.name);
      if (desk !== undefined) {
        return deed.kind === "cancel" ? desk.act(deed, by, reason) : openedBefore(desk, plan);
      }
      const underWay = this.#opening.get(plan.name);
      if (underWay === undefined) break;
      await underWay;
    }
    const { openDraw } = this.#options;
    if (openDraw === undefined) return { kind: "refused", why: "no-way" };
    const { closesAtMs = Number.POSITIVE_INFINITY } = plan;
    if (deed.kind === "open" && closesAtMs <= this.time().latestMs) {
      return { kind: "refused", why: "closes-in-past" };
    }
    const opening = this.#openFirst(openDraw, plan, { deed, by, reason });
    this.#opening.set(plan.name, opening);
    try {
      return await opening;
    } finally {
      this.#opening.delete(plan.name);
    }
  }

  async #openFirst(
    openDraw: OpenDraw,
    plan: DrawPlan,
    act: Omit<Act, "atMs">,
  ): Promise<OpenVerdict> {
    const { clock } = this.#options;
    const store = await openDraw(plan);
    let verdict: ActVerdict;
    try {
      this.#expectRunning(plan.name);
      const first = { ...act, atMs: clock.date().getTime() };
      verdict = await store.act(first);
      if (verdict.kind === "done") {
        const { name: draw } = plan;
        this.events.publish({ kind: "act-recorded", draw, act: first, closedOut: undefined });
      }
    } catch (error) {
      await store.close();
      throw error;
    }
    if (verdict.kind === "busy" || verdict.kind === "refused") {
      await store.close();
      return verdict;
    }
    const { desk, overview } = await this.take(store);
    this.events.publish({ kind: "draw-taken", draw: store.draw, overview });
    this.#letGo();
    return verdict.kind === "already" ? openedBefore(desk, plan) : verdict;
  }

  /**
   * Lets go of draws that are over, except the last ones: a central that opens one every day must not hold all
   * of a year. One that somebody is connected to stays. So does one whose time has not come to its end: the
   * timetable would open it again.
   */
  #letGo(): void {
    const { earliestMs } = this.time();
    const over = this.all().filter(
      ({ isOver, store: { plan } }) => isOver && plan.openedBy !== undefined,
    );
    for (const desk of over.slice(0, -DRAWS_OVER_MAX)) {
      const { closesAtMs = earliestMs } = desk.store.plan;
      if (closesAtMs > earliestMs || desk.presence.agencies > 0) continue;
      this.#desks.delete(desk.draw);
      this.events.publish({ kind: "draw-let-go", draw: desk.draw });
      const leaving = desk.settled().then(() => desk.store.close());
      this.#leaving.add(leaving);
      // A store that fails tells it itself.
      leaving.catch(() => undefined).finally(() => this.#leaving.delete(leaving));
    }
  }

  /** Whether the central is stopping: it opens no draw any more. */
  get stopped(): boolean {
    return this.#stopped;
  }

  #expectRunning(draw: string): void {
    if (!this.#stopped) return;
    throw new RangeError(`Cannot open draw ${draw}: the central is stopping`);
  }

  hurry(): void {
    this.#stopped = true;
    for (const desk of this.#desks.values()) desk.hurry();
  }

  halt(): void {
    this.#halted = true;
    for (const desk of this.#desks.values()) desk.halt();
  }

  /** Resolves when the stores have settled everything that was begun. */
  async settled(): Promise<void> {
    await Promise.all(this.all().map((desk) => desk.settled()));
  }

  /** Takes a store only to close it with the others. */
  own(store: BetStore): void {
    this.#unused.push(store);
  }

  /** Closes all stores. @throws the first error, after all are closed */
  async close(publishWithinMs: number): Promise<void> {
    await Promise.allSettled([...this.#opening.values(), ...this.#leaving]);
    const stores = [...this.#unused, ...this.all().map(({ store }) => store)];
    const closing = stores.map((store) => store.close(publishWithinMs));
    const closed = await Promise.allSettled(closing);
    for (const result of closed) if (result.status === "rejected") throw result.reason;
  }

  #open(): DrawDesk[] {
    return this.all().filter((desk) => desk.isOpen);
  }
}

/** What an operator is told who opens a draw that is there. */
function openedBefore({ store, isOpen }: DrawDesk, plan: DrawPlan): OpenVerdict {
  if (!samePlan(store.plan, plan)) return { kind: "refused", why: "other-plan" };
  return isOpen ? { kind: "already" } : { kind: "refused", why: "not-open" };
}
