import { type AgencyId, agencyId } from "../lottery/bet.ts";
import type { DrawState } from "../lottery/draw-book.ts";
import type { BetStore } from "../store/bet-store.ts";

/** What a store holds of a draw. */
export interface Overview {
  readonly state: DrawState;
  readonly agencies: number;
  /** Agencies that have bets. */
  readonly withBets: number;
  readonly bets: number;
  /** Agencies that are done. */
  readonly done: number;
  /** The agencies that are not done, ten at the most by number; undefined when all are done. */
  readonly waitingFor: string | undefined;
}

/** How many agencies a line names: a draw may have 100,000. */
const NAMED_MAX = 10;

/** Which agencies of a draw are done, and for which it waits. */
export class Turnout {
  readonly #agencies: number;
  /** In their order. */
  readonly #missing = new Set<AgencyId>();

  constructor(agencies: number) {
    this.#agencies = agencies;
    for (let number = 1; number <= agencies; number++) {
      const agency = agencyId(number);
      if (agency !== undefined) this.#missing.add(agency);
    }
  }

  /** Takes over what a store holds. */
  async recall(store: Pick<BetStore, "state" | "standing">): Promise<Overview> {
    let withBets = 0;
    let bets = 0;
    for (const agency of this.#missing) {
      const standing = await store.standing(agency);
      bets += standing.bets;
      if (standing.bets > 0) withBets++;
      if (standing.done) this.#missing.delete(agency);
    }
    const state = await store.state();
    const { done, waitingFor } = this;
    return { state, agencies: this.#agencies, withBets, bets, done, waitingFor };
  }

  get done(): number {
    return this.#agencies - this.#missing.size;
  }

  /** @returns whether the agency was not done before */
  record(agency: AgencyId): boolean {
    return this.#missing.delete(agency);
  }

  /** What the log says of it: `waiting_for` names the first of those that are missing. */
  describe(): Readonly<Record<string, string | number>> {
    const { done, waitingFor } = this;
    const counts = { done, of: this.#agencies };
    return waitingFor === undefined ? counts : { ...counts, waiting_for: waitingFor };
  }

  /** The agencies for which the draw waits. */
  get waitingFor(): string | undefined {
    if (this.#missing.size === 0) return undefined;
    const named: AgencyId[] = [];
    for (const agency of this.#missing) {
      if (named.length === NAMED_MAX) break;
      named.push(agency);
    }
    const more = this.#missing.size - named.length;
    const rest = more > 0 ? ` and ${more} more` : "";
    return `${named.join(", ")}${rest}`;
  }
}
