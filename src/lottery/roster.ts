import { type AgencyId, agencyId } from "./bet.ts";

/** An agency that a draw expects, and how people call it. */
export interface ExpectedAgency {
  readonly agency: AgencyId;
  readonly name: string;
}

/** The agencies 1 to a count, or a list of named ones. */
export type ExpectedAgencies = number | readonly ExpectedAgency[];

/** The agencies for which a draw waits, in ascending order. */
export class Roster {
  /** The list that it was made of; undefined for the agencies 1 to a count. */
  readonly listed: readonly ExpectedAgency[] | undefined;
  readonly size: number;
  readonly #names: ReadonlyMap<number, string> | undefined;

  /** @throws RangeError for a list with an agency twice */
  constructor(expected: ExpectedAgencies) {
    if (typeof expected === "number") {
      this.size = expected;
      return;
    }
    this.listed = expected.toSorted((a, b) => a.agency - b.agency);
    this.#names = new Map(this.listed.map(({ agency, name }) => [agency, name]));
    this.size = this.#names.size;
    if (this.size < expected.length) {
      throw new RangeError("Cannot expect an agency twice in one draw");
    }
  }

  has(agency: number): agency is AgencyId {
    if (this.#names !== undefined) return this.#names.has(agency);
    return agencyId(agency) !== undefined && agency <= this.size;
  }

  /** @returns undefined for an agency without a name */
  nameOf(agency: number): string | undefined {
    return this.#names?.get(agency);
  }

  *[Symbol.iterator](): Iterator<AgencyId> {
    if (this.#names === undefined) {
      for (let number = 1; number <= this.size; number++) yield number as AgencyId;
    } else {
      for (const number of this.#names.keys()) yield number as AgencyId;
    }
  }

  /** For messages: `5` or `1, 4, 7`. */
  toString(): string {
    if (this.listed === undefined) return String(this.size);
    return this.listed.map(({ agency }) => agency).join(", ");
  }
}
