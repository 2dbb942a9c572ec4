import type * as fc from "fast-check";
import type { Bet } from "../../../../src/lottery/bet.ts";
import { unfitForNewlineFields } from "../../../../src/protocols/dialects/newline-fields/encode.ts";
import { goodBet } from "../../../lottery/arbitrary-bets.ts";
import { AGENCY } from "../../plain-bets.ts";

/** Any valid bet of agency 1 that the dialect can carry. */
export const carriedBet: fc.Arbitrary<Bet> = goodBet(AGENCY).filter(
  (good) => unfitForNewlineFields(good) === undefined,
);
