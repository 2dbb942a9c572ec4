import { BY_TIMETABLE } from "../lottery/act.ts";
import type { AgencyId } from "../lottery/bet.ts";
import type { DrawPlan } from "../lottery/draw-plan.ts";
import type { PlannedDraw } from "../timetable/planned-draw.ts";
import type { Timetable } from "../timetable/timetable.ts";
import type { Clock } from "../clock.ts";
import { describeError } from "./central-error.ts";
import type { DrawRegister } from "./draw-register.ts";

/** How often it looks whether a draw's time has come. */
const LOOK_MS = 1000;
/** So far ahead draws are shown as scheduled. */
const AHEAD_MS = 48 * 3600 * 1000;
/** How long a list of coming draws is used. */
const LIST_MS = 60_000;
/** After a draw could not be opened, how long it waits to try again. */
const RETRY_MS = 10_000;

/**
 * Opens the draws of a timetable at their times. A draw of which all the time has passed while no central
 * ran is not opened any more; one that is under way is opened late.
 */
export class TimetableKeeper {
  readonly #draws: DrawRegister;
  readonly #clock: Clock;
  #timetable: Timetable;
  #planned: readonly PlannedDraw[] = [];
  #listedAtMs = Number.NEGATIVE_INFINITY;
  #retryAtMs = Number.NEGATIVE_INFINITY;
  /** Draws are being opened: one that takes long is not opened a second time. */
  #looking = false;
  #stop: () => void = () => undefined;

  constructor(draws: DrawRegister, timetable: Timetable, clock: Clock) {
    this.#draws = draws;
    this.#timetable = timetable;
    this.#clock = clock;
  }

  /**
   * Opens the draws that are under way, and goes on until it is stopped. A draw that cannot be opened does not
   * keep the central from its other draws: it is tried again.
   */
  async start(): Promise<void> {
    this.#list();
    await this.#openDue();
    this.#stop = this.#clock.every(LOOK_MS, () => void this.#look());
  }

  /** Goes on with another timetable. Draws that are open stay as they are. */
  replace(timetable: Timetable): void {
    this.#timetable = timetable;
    this.#list();
    void this.#look();
  }

  stop(): void {
    this.#stop();
  }

  #list(): void {
    const { earliestMs, latestMs } = this.#draws.time();
    this.#planned = this.#timetable.occurrences(earliestMs, latestMs + AHEAD_MS);
    this.#listedAtMs = this.#clock.nowMs();
    this.#draws.schedule(
      this.#planned.map((planned) => ({ plan: planOf(planned), opensAtMs: planned.opensAtMs })),
    );
  }

  async #look(): Promise<void> {
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#listedAtMs >= LIST_MS) this.#list();
    if (this.#looking || nowMs < this.#retryAtMs) return;
    this.#looking = true;
    await this.#openDue();
    this.#looking = false;
  }

  /** Opens what is due, up to the first draw that cannot be opened. */
  async #openDue(): Promise<void> {
    for (const planned of this.#due()) {
      if (this.#draws.stopped) return;
      try {
        await this.#open(planned);
      } catch (error) {
        if (this.#draws.stopped) return;
        this.#retryAtMs = this.#clock.nowMs() + RETRY_MS;
        const { events } = this.#draws;
        events.publish({
          kind: "draw-not-opened",
          draw: planned.draw,
          error: describeError(error),
        });
        return;
      }
    }
  }

  /** The draws whose time it is, also if the clock is in doubt, and that nobody has opened. */
  #due(): readonly PlannedDraw[] {
    const { earliestMs, latestMs } = this.#draws.time();
    return this.#planned.filter(
      ({ draw, opensAtMs, closesAtMs }) =>
        opensAtMs <= earliestMs && latestMs < closesAtMs && this.#draws.find(draw) === undefined,
    );
  }

  async #open(planned: PlannedDraw): Promise<void> {
    const verdict = await this.#draws.open(planOf(planned), { kind: "open" }, BY_TIMETABLE, "");
    if (verdict.kind === "busy") throw new Error("there is no room for its first record");
  }
}

function planOf(planned: PlannedDraw): DrawPlan {
  const { draw: name, closesAtMs, agencies, number, secondOperator, byOperator } = planned;
  return {
    name,
    winningNumber: number,
    agencies:
      typeof agencies === "number"
        ? agencies
        : // The timetable has checked the numbers.
          agencies.map(({ agency, name }) => ({ agency: agency as AgencyId, name })),
    closesAtMs,
    secondOperator,
    byOperator,
    openedBy: BY_TIMETABLE,
  };
}
