import { AgencyError } from "./agency-error.ts";
import type { BetRun } from "./agency-run.ts";
import { DataFile, type OpenData } from "./data-file.ts";
import { RowChecker } from "./row-checker.ts";
import type { RowRules } from "./row.ts";

export interface CheckOptions extends RowRules {
  readonly signal: AbortSignal;
  /** Told of every problem, in the order of the file. What it throws ends the check. */
  readonly onProblem: (problem: AgencyError) => void;
}

/**
 * Reads the whole file and holds every row against the rules of `data.badRow: stop`, which are those of
 * {@link ./read-bets.ts}.
 *
 * @returns good bets
 * @throws AgencyError DATA_UNREADABLE
 */
export async function checkFile(
  path: string,
  openData: OpenData | undefined,
  options: CheckOptions,
): Promise<number> {
  const file = await DataFile.open(path, openData);
  const checker = new RowChecker(path, options, options.onProblem);
  try {
    for await (const lines of file.lines()) {
      options.signal.throwIfAborted();
      checker.take(lines);
    }
    checker.end();
  } catch (error) {
    // What cannot be cut into lines ends the file, behind the rows that are left to check.
    const cut = error instanceof AgencyError && error.code === "ROW_INVALID";
    if (!cut || checker.stopped) throw error;
    checker.end();
    options.onProblem(error);
  } finally {
    await file.close();
  }
  return checker.bets;
}

/**
 * Reads the whole file before anything is sent, so that a bad row stops the agency before the central
 * holds half of its bets.
 *
 * @returns good bets; undefined when the file is not to be checked
 * @throws AgencyError ROW_INVALID, of the first bad row; DATA_UNREADABLE
 */
export async function checkBeforeSending(run: BetRun): Promise<number | undefined> {
  const { config, dialer, signal } = run;
  if (config.badRow !== "stop") return undefined;
  return checkFile(config.dataFile, run.openData, {
    agency: run.agency,
    today: run.today(),
    unfit: dialer.unfit?.bind(dialer),
    signal,
    onProblem: (problem) => {
      throw problem;
    },
  });
}
