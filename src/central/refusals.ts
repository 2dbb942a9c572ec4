import type { AgencyId } from "../lottery/bet.ts";

/**
 * Counts the batches that each agency was refused, by this central's process: at most one number for each
 * agency of the draw. What is busy or has a gap before it was not judged, and comes again: it is no refusal.
 */
export class Refusals {
  readonly #batches = new Map<AgencyId, number>();

  note(agency: AgencyId): void {
    this.#batches.set(agency, (this.#batches.get(agency) ?? 0) + 1);
  }

  /** @returns how many an agency was refused since this was last asked */
  take(agency: AgencyId): number {
    const batches = this.#batches.get(agency) ?? 0;
    this.#batches.delete(agency);
    return batches;
  }
}
