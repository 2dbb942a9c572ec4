import type { AgencyId } from "../lottery/bet.ts";
import type { Sender } from "./sender.ts";

export type OnFenced = (agency: AgencyId, former: Sender, newer: Sender) => void;

/** Sees to it that an agency has one session: the newest. */
export class Fence {
  readonly #holds = new Map<AgencyId, Hold>();
  readonly #onFenced: OnFenced;

  /** @param onFenced called before an agency's former session is told */
  constructor(onFenced: OnFenced) {
    this.#onFenced = onFenced;
  }

  /** Makes the holder the agency's session, and tells the session that was it before. */
  hold(agency: AgencyId, holder: Sender, tell: () => void): Hold {
    const hold = new Hold(this.#holds, agency, holder, tell);
    const former = this.#holds.get(agency);
    this.#holds.set(agency, hold);
    if (former !== undefined) {
      this.#onFenced(agency, former.holder, holder);
      former.tell();
    }
    return hold;
  }
}

/** Kept small: there is one for each connection. */
export class Hold {
  readonly holder: Sender;
  readonly tell: () => void;
  readonly #holds: Map<AgencyId, Hold>;
  readonly #agency: AgencyId;

  constructor(holds: Map<AgencyId, Hold>, agency: AgencyId, holder: Sender, tell: () => void) {
    this.holder = holder;
    this.#holds = holds;
    this.#agency = agency;
    this.tell = tell;
  }

  /** A session that was fenced does not release the hold of its successor. */
  release(): void {
    if (this.#holds.get(this.#agency) === this) this.#holds.delete(this.#agency);
  }
}
