import type { AgencyId } from "../lottery/bet.ts";

interface Hold {
  readonly onFenced: () => void;
}

/** Sees to it that an agency has one session: the newest. */
export class Fence {
  readonly #holds = new Map<AgencyId, Hold>();

  /** Makes the caller the agency's session; whoever was it before is told. */
  hold(agency: AgencyId, onFenced: () => void): { release(): void } {
    const hold: Hold = { onFenced };
    const former = this.#holds.get(agency);
    this.#holds.set(agency, hold);
    former?.onFenced();
    return {
      release: () => {
        if (this.#holds.get(agency) === hold) this.#holds.delete(agency);
      },
    };
  }
}
