import type { Clock } from "../../src/clock.ts";
import { dateAt } from "./watch.ts";
import type { Life, World } from "./world.ts";

/** From some moment on the clock is wrong by so much. */
interface Setting {
  readonly fromMs: number;
  readonly offsetMs: number;
}

/** The clock of the central's machine, which somebody may set. */
export class CentralTime {
  readonly #world: World;
  readonly #settings: Setting[] = [];
  /** When the clock of a process that was frozen was last left alone. */
  #frozenUntilMs = Number.NEGATIVE_INFINITY;

  /** @param offsetMs from the time of the logs */
  constructor(world: World, offsetMs: number) {
    this.#world = world;
    this.#settings.push({ fromMs: Number.NEGATIVE_INFINITY, offsetMs });
  }

  get offsetMs(): number {
    return this.#settings.at(-1)?.offsetMs ?? 0;
  }

  set(offsetMs: number): void {
    this.#settings.push({ fromMs: this.#world.nowMs, offsetMs });
  }

  /** The process does not look at its clock until then. */
  frozen(untilMs: number): void {
    this.#frozenUntilMs = Math.max(this.#frozenUntilMs, untilMs);
  }

  date(): Date {
    return new Date(dateAt(this.#world.nowMs).getTime() + this.offsetMs);
  }

  /** The earliest time of day that any setting of the last minutes gives now. */
  earliestMs(withinMs: number): number {
    const { nowMs } = this.#world;
    const offsets = this.#settings
      .filter((_, index) => (this.#settings[index + 1]?.fromMs ?? nowMs) >= nowMs - withinMs)
      .map(({ offsetMs }) => offsetMs);
    return dateAt(nowMs).getTime() + Math.min(...offsets);
  }

  /**
   * Whether a central that has watched its clock since `sinceMs` must doubt at `dateMs` (by the clock as it
   * shows the time) that `closesAtMs` has come, because the clock has jumped less than a minute before.
   */
  doubts(dateMs: number, closesAtMs: number, sinceMs: number): boolean {
    const moments = this.#momentsOf(dateMs);
    return moments.length > 0 && moments.every((atMs) => this.#doubtsAt(atMs, closesAtMs, sinceMs));
  }

  /** When the clock showed this time; more than one moment when it was set back. */
  #momentsOf(dateMs: number): number[] {
    return this.#settings.flatMap(({ fromMs, offsetMs }, index) => {
      const atMs = dateMs - dateAt(0).getTime() - offsetMs;
      const untilMs = this.#settings[index + 1]?.fromMs ?? this.#world.nowMs;
      // The time of an act has whole milliseconds.
      return atMs >= fromMs - 1 && atMs <= untilMs + 1 ? [atMs] : [];
    });
  }

  #doubtsAt(atMs: number, closesAtMs: number, sinceMs: number): boolean {
    const index = this.#settings.findLastIndex(({ fromMs }) => fromMs <= atMs + 1);
    const [last, before] = [this.#settings[index], this.#settings[index - 1]];
    if (last === undefined || before === undefined) return false;
    // Only the simple case is judged: one jump, of a clock that was watched before and after it.
    if (last.fromMs <= sinceMs || this.#frozenUntilMs > atMs - 2 * SETTLE_MS) return false;
    const isSettled = index < 2 || last.fromMs - before.fromMs >= SETTLE_MS + WATCHED_MS;
    if (!isSettled || atMs - last.fromMs >= SETTLE_MS) return false;
    return dateAt(atMs).getTime() + before.offsetMs < closesAtMs;
  }
}

/** A draw that closes by the clock looks at it four times a second. */
const WATCHED_MS = 1000;
/** How long a jump is doubted (docs/draws.md). */
const SETTLE_MS = 60_000;

/** The clock as a process of the central has it. */
export function clockOf(life: Life, time: CentralTime): Clock {
  const { world } = life;
  const after: Clock["after"] = (delayMs, callback) =>
    // Node's timers count in whole milliseconds, and are late rather than early.
    life.after(Math.max(1, Math.trunc(delayMs)) + world.chance.next(), "timer", callback);
  return {
    nowMs: () => world.nowMs,
    date: () => time.date(),
    soon: (callback) => life.soon("turn", callback),
    after,
    afterIfAlive: after,
    every: (periodMs, callback) => {
      let cancel: (() => void) | undefined;
      const again = (): void => {
        cancel = life.after(periodMs, "sweep", () => {
          again();
          callback();
        });
      };
      again();
      return () => cancel?.();
    },
  };
}
