import type { Clock } from "../clock.ts";
import type { Delay } from "../store/bet-store.ts";

/** The same work is not reported more often than this: a shortage may last for hours. */
const REPORT_EVERY_MS = 1000;

/** Reports work that waits: at once, then once a second while it waits, and once when it is done. */
export class Delays {
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #onDelay: (delay: Delay) => void;
  readonly #waiting = new Map<string, { reason: string; reportedMs: number }>();

  constructor(clock: Pick<Clock, "nowMs">, onDelay: ((delay: Delay) => void) | undefined) {
    this.#clock = clock;
    this.#onDelay = onDelay ?? (() => undefined);
  }

  /** @param what the work, such as `prepare a segment` */
  waits(what: string, cause: unknown): void {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const nowMs = this.#clock.nowMs();
    const before = this.#waiting.get(what);
    const isNews =
      before === undefined ||
      before.reason !== reason ||
      nowMs - before.reportedMs >= REPORT_EVERY_MS;
    if (!isNews) return;
    this.#waiting.set(what, { reason, reportedMs: nowMs });
    this.#onDelay({ kind: "waits", what, reason });
  }

  /** The work is done. */
  over(what: string): void {
    if (this.#waiting.delete(what)) this.#onDelay({ kind: "over", what });
  }
}
