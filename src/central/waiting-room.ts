import type { CentralLimits } from "../config/central-config.ts";
import { waitingMax } from "../limits.ts";
import type { AgencyId } from "../lottery/bet.ts";

export type WaitingLimits = Pick<
  CentralLimits,
  "connectionsMax" | "waitingPerAgencyMax" | "halfClosedPerAgencyMax" | "halfClosedMax"
>;

/**
 * The sessions that wait for the draw. They may wait for days, and a question costs a peer a few bytes: without
 * limits they would take every place. A connection that was closed by its peer
 * looks like one whose peer has only ended its side and waits; the network tells them apart after a
 * minute. So there are limits: for one agency at one address, for those that have ended their side, and
 * for all. The oldest makes way, since an agency that asks again has given up its former question.
 */
export class WaitingRoom {
  readonly #limits: WaitingLimits;
  readonly #waitingMax: number;
  readonly #groups = new Map<string, Group>();
  readonly #byAddress = new Map<string, Set<Place>>();
  readonly #halfClosed = new Set<Place>();
  #size = 0;

  constructor(limits: WaitingLimits) {
    this.#limits = limits;
    this.#waitingMax = waitingMax(limits.connectionsMax);
  }

  /** How many wait. */
  get size(): number {
    return this.#size;
  }

  /** @param makeWay ends the connection at once */
  enter(address: string, agency: AgencyId, makeWay: (reason: string) => void): Place {
    const place = new Place(this, address, `${address} ${agency}`, makeWay);
    this.#add(place);
    const { waitingPerAgencyMax } = this.#limits;
    const { all } = this.#group(place.key);
    if (all.size > waitingPerAgencyMax) {
      const what = "sessions of this agency and address wait for the draw";
      this.#evict(first(all), `too many ${what}, max is ${waitingPerAgencyMax}`);
    }
    if (this.#size > this.#waitingMax) {
      const reason = `too many sessions wait for the draw, max is ${this.#waitingMax}`;
      this.#evict(first(this.#halfClosed) ?? first(this.#mostAtOneAddress()), reason);
    }
    return place;
  }

  /** For {@link Place}. */
  halfClose(place: Place): void {
    if (!place.waits || this.#halfClosed.has(place)) return;
    const { halfClosedPerAgencyMax, halfClosedMax } = this.#limits;
    const { halfClosed } = this.#group(place.key);
    halfClosed.add(place);
    this.#halfClosed.add(place);
    const what = "sessions whose peers have ended their side wait for the draw";
    if (halfClosed.size > halfClosedPerAgencyMax) {
      const reason = `too many ${what}, max for an agency and address is ${halfClosedPerAgencyMax}`;
      this.#evict(first(halfClosed), reason);
    }
    if (this.#halfClosed.size > halfClosedMax) {
      this.#evict(first(this.#halfClosed), `too many ${what}, max is ${halfClosedMax}`);
    }
  }

  /** For {@link Place}. */
  leave(place: Place): void {
    if (!place.waits) return;
    place.waits = false;
    this.#size--;
    this.#halfClosed.delete(place);
    const group = this.#group(place.key);
    group.all.delete(place);
    group.halfClosed.delete(place);
    if (group.all.size === 0) this.#groups.delete(place.key);
    const here = this.#byAddress.get(place.address);
    here?.delete(place);
    if (here?.size === 0) this.#byAddress.delete(place.address);
  }

  #add(place: Place): void {
    this.#size++;
    this.#group(place.key).all.add(place);
    const here = this.#byAddress.get(place.address);
    if (here === undefined) this.#byAddress.set(place.address, new Set([place]));
    else here.add(place);
  }

  #group(key: string): Group {
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { all: new Set(), halfClosed: new Set() };
      this.#groups.set(key, group);
    }
    return group;
  }

  /** The address with most sessions makes way first. */
  #mostAtOneAddress(): Set<Place> {
    let most = new Set<Place>();
    for (const here of this.#byAddress.values()) if (here.size > most.size) most = here;
    return most;
  }

  #evict(place: Place | undefined, reason: string): void {
    if (place === undefined) return;
    this.leave(place);
    place.makeWay(reason);
  }
}

interface Group {
  readonly all: Set<Place>;
  readonly halfClosed: Set<Place>;
}

/** One that waits. */
export class Place {
  readonly #room: WaitingRoom;
  readonly address: string;
  /** Agency and address. */
  readonly key: string;
  readonly makeWay: (reason: string) => void;
  waits = true;

  constructor(room: WaitingRoom, address: string, key: string, makeWay: (reason: string) => void) {
    this.#room = room;
    this.address = address;
    this.key = key;
    this.makeWay = makeWay;
  }

  /** The peer has ended its side. */
  halfClose(): void {
    this.#room.halfClose(this);
  }

  /** Waits no longer. Idempotent. */
  leave(): void {
    this.#room.leave(this);
  }
}

function first(places: Set<Place>): Place | undefined {
  const [place] = places;
  return place;
}
