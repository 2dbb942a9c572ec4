import type { AgencyId } from "../lottery/bet.ts";

/** Sees to it that an agency has one session: the newest. */
export class Fence {
  readonly #holds = new Map<AgencyId, Hold>();
  readonly #onFenced: (agency: AgencyId) => void;

  /** @param onFenced called before an agency's former session is told */
  constructor(onFenced: (agency: AgencyId) => void) {
    this.#onFenced = onFenced;
  }

  /** Makes the caller the agency's session; whoever was it before is told. */
  hold(agency: AgencyId, tell: () => void): { release(): void } {
    const hold = new Hold(this.#holds, agency, tell);
    const former = this.#holds.get(agency);
    this.#holds.set(agency, hold);
    if (former !== undefined) {
      this.#onFenced(agency);
      former.tell();
    }
    return hold;
  }
}

/** An object of few words: there is one for each connection. */
class Hold {
  readonly tell: () => void;
  readonly #holds: Map<AgencyId, Hold>;
  readonly #agency: AgencyId;

  constructor(holds: Map<AgencyId, Hold>, agency: AgencyId, tell: () => void) {
    this.#holds = holds;
    this.#agency = agency;
    this.tell = tell;
  }

  release(): void {
    if (this.#holds.get(this.#agency) === this) this.#holds.delete(this.#agency);
  }
}
