import type { AgencyDialer } from "../../agency-link.ts";
import { startTimer, type StartTimer } from "../../timers.ts";
import { NewlineFieldsLink, type Version } from "./link.ts";
import { newlineFieldsMeasure, unfitForNewlineFields } from "./measure.ts";

export const FINAL: Version = { typed: true, connectionPerMessage: false, draws: true };
export const EXERCISE_7: Version = { typed: true, connectionPerMessage: true, draws: true };
export const EXERCISE_6: Version = { typed: false, connectionPerMessage: true, draws: false };

/** @param timer other than Node's own in tests */
export function createNewlineFieldsDialer(
  version: Version,
  timer: StartTimer = startTimer,
): AgencyDialer {
  return {
    drawless: !version.draws,
    measure: newlineFieldsMeasure(version.typed),
    unfit: unfitForNewlineFields,
    dial: (context) => NewlineFieldsLink.open(version, context, timer),
  };
}
