import type { AgencyDialer } from "../agency-link.ts";
import { startTimer, type StartTimer } from "../timers.ts";
import { openTlv } from "./exchange.ts";
import { TlvBatchesLink, TlvLink } from "./link.ts";
import { tlvMeasure, unfitForTlv } from "./measure.ts";

/** The final version. @param timer other than Node's own in tests */
export function createTlvDialer(timer: StartTimer = startTimer): AgencyDialer {
  return {
    measure: tlvMeasure,
    unfit: unfitForTlv,
    dial: async (context) => new TlvLink(await openTlv(context, timer), context, timer),
  };
}

/** The version of exercise 6. @param timer other than Node's own in tests */
export function createTlvBatchesDialer(timer: StartTimer = startTimer): AgencyDialer {
  return {
    measure: tlvMeasure,
    unfit: unfitForTlv,
    dial: async (context) => new TlvBatchesLink(await openTlv(context, timer)),
  };
}
