import type * as fc from "fast-check";
import type { Bet } from "../../../../src/lottery/bet.ts";
import { unfitForTlv } from "../../../../src/protocols/dialects/tlv/encode.ts";
import { goodBet } from "../../../lottery/arbitrary-bets.ts";
import { AGENCY } from "../../plain-bets.ts";

/** Any valid bet of agency 1 that tlv can carry. */
export const anyBet: fc.Arbitrary<Bet> = goodBet(AGENCY).filter(
  (bet) => unfitForTlv(bet) === undefined,
);
