/**
 * Where the records are that have winning bets, by agency and in its order: eight bytes a record, beside
 * V8's heap. The bets themselves stay on the disk, however many they are.
 */
export class WinnerPlaces {
  readonly #byAgency = new Map<number, Places>();

  /** @param segment number of the segment @param offset of the record's first byte */
  add(agency: number, segment: number, offset: number): void {
    let places = this.#byAgency.get(agency);
    if (places === undefined) {
      places = { count: 0, numbers: new Uint32Array(2) };
      this.#byAgency.set(agency, places);
    }
    const at = places.count * 2;
    if (at === places.numbers.length) {
      const grown = new Uint32Array(at * 2);
      grown.set(places.numbers);
      places.numbers = grown;
    }
    places.numbers[at] = segment;
    places.numbers[at + 1] = offset;
    places.count++;
  }

  /** @returns undefined after the agency's last */
  get(agency: number, index: number): WinnerPlace | undefined {
    const places = this.#byAgency.get(agency);
    if (places === undefined || index >= places.count) return undefined;
    const [segment = 0, offset = 0] = places.numbers.subarray(index * 2, index * 2 + 2);
    return { segment, offset };
  }
}

export interface WinnerPlace {
  readonly segment: number;
  readonly offset: number;
}

interface Places {
  count: number;
  /** Segment and offset, in turns; more room than there are. */
  numbers: Uint32Array;
}
