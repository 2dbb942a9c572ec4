import type { Pace, Pumped } from "./pace.ts";

/**
 * Every connection sends its next batch when it has room for one. Nothing is due before it leaves, so
 * a central that stalls also stalls the load: what this measures is how much it can take, and not how
 * long agencies wait that come when they like.
 */
export class ClosedLoop implements Pace {
  #stopped = false;

  dueMs(_lane: number, _begun: number, nowMs: number): number {
    return this.#stopped ? Number.POSITIVE_INFINITY : nowMs;
  }

  start(lanes: readonly Pumped[], nowMs: number): void {
    for (const lane of lanes) lane.pump(nowMs);
  }

  stop(): void {
    this.#stopped = true;
  }
}
