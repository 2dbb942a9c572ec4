import type * as fc from "fast-check";
import type { Bet } from "../../../../src/lottery/bet.ts";
import { unfitForMd5Frames } from "../../../../src/protocols/dialects/md5-frames/encode.ts";
import { goodBet } from "../../../lottery/arbitrary-bets.ts";
import { AGENCY } from "../../plain-bets.ts";

/** Any valid bet of agency 1 that md5-frames can carry. */
export const anyBet: fc.Arbitrary<Bet> = goodBet(AGENCY).filter(
  (bet) => unfitForMd5Frames(bet) === undefined,
);
