import type * as fc from "fast-check";
import type { Bet } from "../../../src/lottery/bet.ts";
import { colonLinesSpoken } from "../dialects/colon-lines/spoken.ts";
import { echoSpoken } from "../dialects/echo/spoken.ts";
import { fixed70Spoken } from "../dialects/fixed70/spoken.ts";
import { md5FramesSpoken } from "../dialects/md5-frames/spoken.ts";
import { nativeSpoken } from "../dialects/native/spoken.ts";
import { newlineFieldsSpoken } from "../dialects/newline-fields/spoken.ts";
import { tlvSpoken } from "../dialects/tlv/spoken.ts";
import type { AgencyDialer } from "../../../src/protocols/agency-link.ts";
import type { StartTimer } from "../../../src/protocols/timers.ts";
import { goodBet } from "../../lottery/arbitrary-bets.ts";
import { AGENCY } from "../plain-bets.ts";
import type { Behaviour, Spoken, SpokenBets } from "../spoken.ts";

/** Every dialect, for the tests that hold for all of them. A new one is its `spoken.ts` and a line here. */
export const SPOKEN: readonly Spoken[] = [
  nativeSpoken,
  fixed70Spoken,
  colonLinesSpoken,
  tlvSpoken,
  md5FramesSpoken,
  newlineFieldsSpoken,
  echoSpoken,
];

/** A dialect in which bets are sent. */
export interface BettingDialect extends SpokenBets, Pick<Spoken, "dialect"> {
  readonly name: string;
  /** Whether a behaviour is this dialect's: else it gives a reason. */
  readonly has: (behaviour: Behaviour) => boolean;
}

export const BETTING: readonly BettingDialect[] = SPOKEN.flatMap(({ dialect, bets }) => {
  if (typeof bets === "string") return [];
  const has = (behaviour: Behaviour): boolean => bets.lacks[behaviour] === undefined;
  return [{ ...bets, dialect, name: dialect.name, has }];
});

/** One version of what an agency can speak. */
export interface SpokenVersion {
  /** As `tlv`, or `tlv/ej6`. */
  readonly name: string;
  readonly version: string;
  readonly spoken: BettingDialect;
  readonly createDialer: (timer: StartTimer) => AgencyDialer;
  /** One that starts no timers, to ask what it can carry. */
  readonly dialer: AgencyDialer;
}

export const VERSIONS: readonly SpokenVersion[] = BETTING.flatMap((spoken) =>
  Object.entries(spoken.dialers).map(([version, createDialer]) => ({
    name: version === "" ? spoken.name : `${spoken.name}/${version}`,
    version,
    spoken,
    createDialer,
    dialer: createDialer(() => () => undefined),
  })),
);

/** Any valid bet of agency 1 that the dialect can carry. */
export function anyBetOf({ anyBet, dialers }: SpokenBets): fc.Arbitrary<Bet> {
  if (anyBet !== undefined) return anyBet;
  const dialer = dialers[""]?.(() => () => undefined);
  return goodBet(AGENCY).filter((bet) => dialer?.unfit?.(bet) === undefined);
}
