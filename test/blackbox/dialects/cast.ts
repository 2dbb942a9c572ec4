import { drawDialectNames } from "../../../src/protocols/dialects.ts";

/** Every dialect, in every version in which an agency takes part in a draw: `tlv`, `colon-lines/ej7`. */
export const VERSIONS: readonly string[] = drawDialectNames();

/** Every dialect in its last version. */
export const SPOKEN: readonly string[] = VERSIONS.filter((name) => !name.includes("/"));

/** What one agency speaks. */
export interface Part {
  readonly dialect: string;
  /** Bets in a batch. */
  readonly batchBets: number;
}

/** Batches as the course's own clients cut them. */
const BATCH_BETS: Readonly<Record<string, number>> = {
  fixed70: 100,
  "colon-lines": 150,
  tlv: 1000,
  "md5-frames": 86,
  "newline-fields": 160,
};

/** Room for the largest of those batches. */
const BATCH_BYTES_MAX = 65_536;

/** @param dialects taken in turns, one agency after the other */
export function castOf(agencies: number, dialects: readonly string[]): Part[] {
  return Array.from({ length: agencies }, (_, index) => {
    const dialect = dialects[index % dialects.length] ?? "native";
    return { dialect, batchBets: BATCH_BETS[dialect.split("/")[0] ?? ""] ?? 100 };
  });
}

/** The variables that give the agency `clientN` its part; none for the server. */
export function partEnvironment(
  cast: readonly Part[],
): (service: string) => Readonly<Record<string, string>> {
  return (service) => {
    const part = cast[Number(/^client(\d+)$/.exec(service)?.[1]) - 1];
    if (part === undefined) return {};
    const { dialect, batchBets } = part;
    return {
      CLI_DIALECT: dialect,
      CLI_BATCH_MAXAMOUNT: `${batchBets}`,
      // A central takes larger messages of the course's dialects than of its own.
      ...(dialect === "native" ? {} : { CLI_BATCH_MAXBYTES: `${BATCH_BYTES_MAX}` }),
    };
  };
}
