import type { AgencyDialer } from "../../src/protocols/agency-link.ts";
import { createColonLinesDialer } from "../../src/protocols/dialects/colon-lines/dial.ts";
import { createFixed70Dialer } from "../../src/protocols/dialects/fixed70/dial.ts";
import { createMd5FramesDialer } from "../../src/protocols/dialects/md5-frames/dial.ts";
import { createNativeDialer } from "../../src/protocols/dialects/native/dial.ts";
import {
  createNewlineFieldsDialer,
  EXERCISE_7,
  FINAL,
} from "../../src/protocols/dialects/newline-fields/dial.ts";
import type { StartTimer } from "../../src/protocols/timers.ts";
import { createTlvDialer } from "../../src/protocols/dialects/tlv/dial.ts";

type CreateDialer = (timer: StartTimer) => AgencyDialer;

/** Every dialect in every version that takes part in a draw, on any clock. */
export const SIM_DIALERS: ReadonlyMap<string, CreateDialer> = new Map<string, CreateDialer>([
  ["native", createNativeDialer],
  ["fixed70", (timer) => createFixed70Dialer("final", timer)],
  ["colon-lines", (timer) => createColonLinesDialer("ej8", timer)],
  ["colon-lines/ej7", (timer) => createColonLinesDialer("ej7", timer)],
  ["tlv", (timer) => createTlvDialer({ timer })],
  ["md5-frames", (timer) => createMd5FramesDialer({ timer })],
  ["newline-fields", (timer) => createNewlineFieldsDialer(FINAL, timer)],
  ["newline-fields/ej7", (timer) => createNewlineFieldsDialer(EXERCISE_7, timer)],
]);
