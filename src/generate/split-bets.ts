import { plural } from "../lottery/plural.ts";

/** Number of bets of each of the course's five agencies. */
const COURSE_BETS = [26_936, 25_518, 16_014, 9_238, 991];

/**
 * How many of `bets` each of `agencies` gets: five agencies in the proportions of the course's files, any
 * other number with shares of 1/1, 1/2, 1/3, …. Each agency gets at least one.
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
  // First one bet for each agency; the others in proportion to how much its fair share is above one.
  const above = weights.map((weight) => Math.max((bets * weight) / weightOfAll - 1, 0));
  const aboveOfAll = sum(above) || 1;
  let given = 0;
  let upTo = 0;
  return above.map((share) => {
    upTo += share;
    const before = given;
    // Round the running total and not each share: so the sum is exactly `bets`.
    given = Math.round(((bets - agencies) * upTo) / aboveOfAll);
    return 1 + given - before;
  });
}

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);
