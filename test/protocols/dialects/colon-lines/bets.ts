import type * as fc from "fast-check";
import type { AgencyId, Bet } from "../../../../src/lottery/bet.ts";
import { goodBet } from "../../../lottery/arbitrary-bets.ts";

/** Any valid bet that the dialect can carry. */
export function carriedBet(agency: AgencyId): fc.Arbitrary<Bet> {
  return goodBet(agency).map((good) => ({
    ...good,
    firstName: good.firstName.replaceAll(/[,:]/g, "."),
    lastName: good.lastName.replaceAll(/[,:]/g, "."),
  }));
}
