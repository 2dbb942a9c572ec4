import { plural } from "../lottery/plural.ts";

/** Bets of the course's five agencies. */
const COURSE_BETS = [26_936, 25_518, 16_014, 9_238, 991];

/**
 * How many of `bets` each of `agencies` gets: in the proportions of the course's files when there are
 * five, else each a smaller share than the one before (1/1, 1/2, 1/3, …). Nobody goes without.
 *
 * @throws RangeError when there are fewer bets than agencies
 */
export function splitBets(bets: number, agencies: number): number[] {
  if (bets < agencies) {
    throw new RangeError(
      `Cannot split ${plural(bets, "bet")} over ${plural(agencies, "agency")}: each must get one at least`,
    );
  }
  const weights = Array.from({ length: agencies }, (_, index) =>
    agencies === COURSE_BETS.length ? (COURSE_BETS[index] ?? 0) : 1 / (index + 1),
  );
  const weightOfAll = sum(weights);
  // One bet for everybody first; the rest by what each one's fair share has above that one.
  const above = weights.map((weight) => Math.max((bets * weight) / weightOfAll - 1, 0));
  const aboveOfAll = sum(above) || 1;
  let given = 0;
  let upTo = 0;
  return above.map((share) => {
    upTo += share;
    const before = given;
    // Rounding the running total, not each share, leaves no bet over and none short.
    given = Math.round(((bets - agencies) * upTo) / aboveOfAll);
    return 1 + given - before;
  });
}

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);
