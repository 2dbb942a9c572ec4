import type { AgencyId } from "../lottery/bet.ts";
import type { Sender } from "./sender.ts";

/** Which connections speak for which agency of a draw, and when one was last there. */
export class Presence {
  readonly #now: () => Date;
  readonly #here = new Map<AgencyId, Set<Sender>>();
  /** When the last connection of an agency ended; at most one entry for each agency of the draw. */
  readonly #left = new Map<AgencyId, number>();

  constructor(now: () => Date) {
    this.#now = now;
  }

  enter(agency: AgencyId, sender: Sender): void {
    const senders = this.#here.get(agency);
    if (senders === undefined) this.#here.set(agency, new Set([sender]));
    else senders.add(sender);
  }

  leave(agency: AgencyId, sender: Sender): void {
    const senders = this.#here.get(agency);
    if (senders === undefined || !senders.delete(sender)) return;
    if (senders.size === 0) this.#here.delete(agency);
    this.#left.set(agency, this.#now().getTime());
  }

  /** The connections that speak for an agency now. */
  of(agency: AgencyId): readonly Sender[] {
    return [...(this.#here.get(agency) ?? [])];
  }

  /** How many agencies have a connection. */
  get agencies(): number {
    return this.#here.size;
  }

  /** In milliseconds since 1970: now for an agency that is connected; undefined if it never was. */
  lastSeenMs(agency: AgencyId): number | undefined {
    return this.#here.has(agency) ? this.#now().getTime() : this.#left.get(agency);
  }
}
