import { AgencyError } from "../agency/agency-error.ts";
import { checkFile } from "../agency/check-file.ts";
import type { AgencyConfig } from "../config/agency-config.ts";
import { agencyId } from "../lottery/bet.ts";
import { calendarDay } from "../lottery/calendar-day.ts";
import type { AgencyDialer } from "../protocols/agency-link.ts";
import { CommandFailure, EXIT_FAILURE, EXIT_SUCCESS } from "./exit-status.ts";
import { formatCount } from "./numbers.ts";

/** So many problems are printed; further ones are only counted. */
const PROBLEMS_MAX = 20;

/** `quiniela agency --check`: prints what is wrong with the agency's file. @returns the exit status */
export async function checkData(config: AgencyConfig, dialer: AgencyDialer): Promise<number> {
  // Rows do not name their agency, so the check works with any number.
  const agency = agencyId(Number(config.id)) ?? agencyId(1);
  if (agency === undefined) throw new RangeError("Cannot check the file: 1 is no agency");
  let problems = 0;
  const bets = await checkFile(config.dataFile, undefined, {
    agency,
    today: calendarDay(new Date()),
    unfit: dialer.unfit?.bind(dialer),
    signal: new AbortController().signal,
    onProblem: ({ message }) => {
      if (++problems <= PROBLEMS_MAX) console.log(message);
    },
  }).catch((error: unknown) => {
    if (error instanceof AgencyError) throw new CommandFailure(error.message);
    throw error;
  });
  const more = problems - PROBLEMS_MAX;
  if (more > 0) console.log(`… and ${formatCount(more)} more`);
  const found =
    problems === 0 ? "" : `, ${formatCount(problems)} ${problems === 1 ? "problem" : "problems"}`;
  console.log(`${formatCount(bets)} good ${bets === 1 ? "bet" : "bets"}${found}`);
  return problems === 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
