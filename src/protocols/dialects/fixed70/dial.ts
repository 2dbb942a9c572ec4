import { type AgencyDialer, type BatchMeasure, LinkError } from "../../agency-link.ts";
import { startTimer, type StartTimer } from "../../timers.ts";
import { AGENCY_MAX, COUNT_BYTES, RECORD_BYTES, type Version } from "./layout.ts";
import { Fixed70Link } from "./link.ts";
import { unfitBet } from "./unfit.ts";

/** The hello, which goes before the first batch, does not count: no limit includes it. */
const measure: BatchMeasure = { overheadBytes: COUNT_BYTES, betBytes: () => RECORD_BYTES };

/**
 * @param version `ej6`: no hello, other confirmations, no draw
 * @param timer other than Node's own in tests
 */
export function createFixed70Dialer(
  version: Exclude<Version, "ej5"> = "final",
  timer: StartTimer = startTimer,
): AgencyDialer {
  return {
    drawless: version === "ej6",
    measure,
    unfit: unfitBet,
    async dial(context) {
      const { agency } = context;
      if (agency > AGENCY_MAX) {
        throw new LinkError("REFUSED", `Cannot speak fixed70: agency is ${agency}, max is 65535`);
      }
      return Fixed70Link.open({ context, version, startTimer: timer });
    },
  };
}
