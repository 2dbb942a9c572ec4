import type { Clock } from "../clock.ts";
import type { AgencyId } from "../lottery/bet.ts";

interface Share {
  connections: number;
  /** Batches that may come now. */
  batches: number;
  /** When that was counted. */
  atMs: number;
}

/** How much each agency uses of what agencies.yaml allows it: connections, and batches a second. */
export class AgencyShares {
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #shares = new Map<AgencyId, Share>();

  constructor(clock: Pick<Clock, "nowMs">) {
    this.#clock = clock;
  }

  /** Agencies of which something must be remembered. */
  get size(): number {
    return this.#shares.size;
  }

  /** Counts one connection more. @returns false when there are `max` already: then it is not counted */
  enter(agency: AgencyId, max = Number.POSITIVE_INFINITY): boolean {
    const share = this.#shareOf(agency);
    if (share.connections >= max) return false;
    share.connections++;
    return true;
  }

  /** Counts one connection less. */
  leave(agency: AgencyId): void {
    const share = this.#shares.get(agency);
    if (share !== undefined) share.connections--;
  }

  /**
   * Takes a batch into account. An agency may save up one second's batches.
   *
   * @param perSecond [no limit]
   * @returns undefined when the batch may come now; else after how many milliseconds it may
   */
  takeBatch(agency: AgencyId, perSecond?: number): number | undefined {
    if (perSecond === undefined) return undefined;
    const share = this.#shareOf(agency);
    const nowMs = this.#clock.nowMs();
    share.batches = refilled(share, perSecond, nowMs);
    share.atMs = nowMs;
    if (share.batches < 1) return Math.ceil(((1 - share.batches) * 1000) / perSecond);
    share.batches--;
    return undefined;
  }

  /**
   * Forgets agencies that are gone, once that gives them nothing: agencies of some dialects connect anew for
   * each batch, and must not begin with a full share each time.
   */
  sweep(): void {
    const nowMs = this.#clock.nowMs();
    for (const [agency, { connections, atMs }] of this.#shares) {
      if (connections === 0 && nowMs - atMs >= 1000) this.#shares.delete(agency);
    }
  }

  #shareOf(agency: AgencyId): Share {
    let share = this.#shares.get(agency);
    if (share === undefined) {
      share = { connections: 0, batches: Number.POSITIVE_INFINITY, atMs: this.#clock.nowMs() };
      this.#shares.set(agency, share);
    }
    return share;
  }
}

function refilled({ batches, atMs }: Share, perSecond: number, nowMs: number): number {
  return Math.min(batches + ((nowMs - atMs) * perSecond) / 1000, Math.max(perSecond, 1));
}
