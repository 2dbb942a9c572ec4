import { quoteField } from "../../../lottery/canonical-line.ts";
import type { AgencyDialer, BatchMeasure } from "../../agency-link.ts";
import { Asker } from "../../kit/asker.ts";
import { startTimer, type StartTimer } from "../../timers.ts";
import { createColonLinesCentralDecoder } from "./decode.ts";
import type { Version } from "./encode.ts";
import { ColonLinesLink } from "./link.ts";
import { unfitForColonLines } from "./unfit.ts";

/** @param timer other than Node's own in tests */
export function createColonLinesDialer(
  version: Version,
  timer: StartTimer = startTimer,
): AgencyDialer {
  return {
    drawless: version === "ej6",
    measure: measureOf(version),
    unfit: unfitForColonLines,
    async dial(context) {
      const options = {
        context,
        createDecoder: createColonLinesCentralDecoder,
        startTimer: timer,
      };
      return new ColonLinesLink(version, options, await Asker.open(options));
    },
  };
}

/** The sender's digits are counted with the first bet: how many they are depends on the agency. */
function measureOf(version: Version): BatchMeasure {
  return {
    overheadBytes: (version === "ej6" ? ":\r\n" : ":4:\r\n").length,
    betBytes({ agency, firstName, lastName }, lineBytes, index) {
      const sender = `${agency}`.length;
      // A canonical line has the agency and a comma in front, and CR before its LF.
      const bytes = lineBytes - sender - 2 - quotesIn(firstName) - quotesIn(lastName);
      return index === 0 ? bytes + sender : bytes;
    },
  };
}

/** What {@link quoteField} adds to a name; here nothing is quoted. */
function quotesIn(name: string): number {
  return Buffer.byteLength(quoteField(name)) - Buffer.byteLength(name);
}
