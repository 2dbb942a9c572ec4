import type { AgencyDialer } from "../../agency-link.ts";
import { pauseBetween } from "../../kit/asker.ts";
import { startTimer, type StartTimer } from "../../timers.ts";
import { openTlv } from "./exchange.ts";
import { ASK_AGAIN_MS } from "./layout.ts";
import { TlvBatchesLink, TlvLink } from "./link.ts";
import { tlvMeasure, unfitForTlv } from "./measure.ts";

export interface TlvDialerOptions {
  /** Other than Node's own in tests. */
  readonly timer?: StartTimer;
  /** How long to wait before asking for winners again. */
  readonly askAgainMs?: number;
}

/** The final version. */
export function createTlvDialer(options: TlvDialerOptions = {}): AgencyDialer {
  const { timer = startTimer, askAgainMs = ASK_AGAIN_MS } = options;
  return {
    measure: tlvMeasure,
    unfit: unfitForTlv,
    async dial(context) {
      const connect = () => openTlv(context, timer);
      const pause = () => pauseBetween(askAgainMs, context, timer);
      return new TlvLink({ agency: context.agency, first: await connect(), connect, pause });
    },
  };
}

/** The version of exercise 6. @param timer other than Node's own in tests */
export function createTlvBatchesDialer(timer: StartTimer = startTimer): AgencyDialer {
  return {
    drawless: true,
    measure: tlvMeasure,
    unfit: unfitForTlv,
    dial: async (context) => new TlvBatchesLink(await openTlv(context, timer)),
  };
}
