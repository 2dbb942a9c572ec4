import { AgencyError } from "./agency-error.ts";
import type { BetRun } from "./agency-run.ts";
import { DataFile, type OpenData } from "./data-file.ts";
import { RowChecker } from "./row-checker.ts";
import type { RowRules } from "./row.ts";

export interface CheckOptions extends RowRules {
  readonly signal: AbortSignal;
  /** Called for every problem, in the order of the file. An error that it throws ends the check. */
  readonly onProblem: (problem: AgencyError) => void;
}

/**
 * Reads the whole file and checks every row with the rules of `data.badRow: stop`, as {@link ./read-bets.ts}
 * does.
 *
 * @returns the number of good bets
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
    // The file cannot be cut into lines from here on: check the rows before, then report this problem.
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
 * @returns the number of good bets; undefined when the configuration asks for no check
 * @throws AgencyError ROW_INVALID for the first bad row; DATA_UNREADABLE
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
