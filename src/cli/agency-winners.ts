import { type WinnersSink, winnersFile } from "../agency/winners-sink.ts";
import type { AgencyConfig } from "../config/agency-config.ts";
import { escapeText } from "../log/escape.ts";
import type { AgencyDialer, LinkResults } from "../protocols/agency-link.ts";
import { formatCount } from "./numbers.ts";
import { type Column, renderTable } from "./terminal.ts";
import { winnersToStandardOutput } from "./standard-output.ts";
import { STANDARD_OUTPUT } from "./write-out.ts";

/** The most rows of the table for people; further winners are only counted. */
const TABLE_ROWS_MAX = 20;

export interface AgencyWinnersOptions {
  readonly dialer: AgencyDialer;
  /** Stops the run. */
  readonly signal: AbortSignal;
  /** Whether standard output is a terminal. */
  readonly terminal: boolean;
}

export interface AgencyWinners {
  /** Undefined when the winners go nowhere. */
  readonly sink: WinnersSink | undefined;
  /** Prints the table for people, if there is one. Call it after all other output. */
  print(): void;
}

/**
 * Decides where an agency's winners go: to the configured file or standard output, otherwise as a table to
 * a terminal, if there is one.
 */
export function agencyWinners(
  { winnersFile: path, winnersFormat: format, dataFile, logFormat, mode }: AgencyConfig,
  { dialer, signal, terminal }: AgencyWinnersOptions,
): AgencyWinners {
  if (path === STANDARD_OUTPUT) {
    const sink = winnersToStandardOutput(format, signal);
    return { sink, print: () => undefined };
  }
  if (path !== "") {
    return { sink: winnersFile({ path, format, dataFile }), print: () => undefined };
  }
  const wanted = terminal && mode === "file" && logFormat === "text" && dialer.drawless !== true;
  if (!wanted) return { sink: undefined, print: () => undefined };
  let told: LinkResults | undefined;
  return {
    sink: {
      prepare: async () => undefined,
      deliver: async (results) => {
        told = results;
      },
    },
    print: () => {
      if (told !== undefined && told.winners.length > 0) console.log(winnersTable(told));
    },
  };
}

/** The winners as a table for people. */
export function winnersTable({ winners, winningBets }: LinkResults): string {
  const columns: readonly Column[] =
    winningBets === undefined
      ? [{ title: "winner" }]
      : [
          { title: "winner" },
          { title: "first name" },
          { title: "last name" },
          { title: "birthdate" },
          { title: "number", align: "right" },
        ];
  const rows =
    winningBets === undefined
      ? winners.slice(0, TABLE_ROWS_MAX).map((document) => [document])
      : winningBets
          .slice(0, TABLE_ROWS_MAX)
          .map(({ document, firstName, lastName, birthdate, number }) => [
            document,
            firstName,
            lastName,
            birthdate,
            `${number}`,
          ]);
  const table = renderTable(
    columns,
    // The texts come from the network: escape them.
    rows.map((row) => row.map(escapeText)),
  );
  const more = winners.length - TABLE_ROWS_MAX;
  return more > 0 ? `${table}\nand ${formatCount(more)} more` : table;
}
