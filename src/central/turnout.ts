import type { AgencyId } from "../lottery/bet.ts";
import type { Roster } from "../lottery/roster.ts";
import type { MissingAgencies, Overview } from "../events/central-event.ts";
import type { BetStore } from "../store/bet-store.ts";

/** How many of the missing agencies are named: a draw may have 100,000. */
const NAMED_MAX = 10;

/** Which agencies of a draw are done, which were closed out, and for which it waits. */
export class Turnout {
  readonly agencies: number;
  /** In their order. */
  readonly #missing: Set<AgencyId>;
  #closedOut = 0;

  constructor(roster: Roster) {
    this.agencies = roster.size;
    this.#missing = new Set(roster);
  }

  /** Takes over what a store holds. */
  async recall(store: Pick<BetStore, "state" | "standings">): Promise<Overview> {
    let withBets = 0;
    let bets = 0;
    for (const [agency, standing] of await store.standings()) {
      bets += standing.bets;
      if (standing.bets > 0) withBets++;
      if (standing.done) this.#missing.delete(agency);
      else if (standing.closedOut === true) this.closeOut(agency);
    }
    const state = await store.state();
    const { agencies, done, missing } = this;
    return { state, agencies, withBets, bets, done, missing };
  }

  get done(): number {
    return this.agencies - this.#missing.size - this.#closedOut;
  }

  get closedOut(): number {
    return this.#closedOut;
  }

  /** @returns whether the agency was not done before */
  record(agency: AgencyId): boolean {
    return this.#missing.delete(agency);
  }

  /** The draw goes on without the agency. */
  closeOut(agency: AgencyId): void {
    if (this.#missing.delete(agency)) this.#closedOut++;
  }

  /** The draw goes on without all that are missing. */
  closeOutAll(): void {
    this.#closedOut += this.#missing.size;
    this.#missing.clear();
  }

  /** The agencies for which the draw waits. */
  get missing(): MissingAgencies {
    const first: AgencyId[] = [];
    for (const agency of this.#missing) {
      if (first.length === NAMED_MAX) break;
      first.push(agency);
    }
    return { first, more: this.#missing.size - first.length };
  }
}
