import { readStory, retell } from "../forge.ts";
import { WINNING_NUMBER } from "../../stores/conformance/batches.ts";
import { act } from "./told.ts";
import { both, file, flipped, type Planted, record, story, swapped, undrawn } from "./plant.ts";

/** Violations of several rules, among them the given one. */
export const cascades: readonly Planted[] = [
  ["chain", "a changed byte in a record in the middle", file("00000001.seg", flipped(200))],
  ["chain", "a changed length in the middle", file("00000002.seg", flipped(33))],
  ["chain", "a missing first segment", file("00000001.seg", () => undefined)],
  ["chain", "a missing segment in the middle", file("00000002.seg", () => undefined)],
  ["chain", "a segment that is cut", file("00000002.seg", (bytes) => bytes.subarray(0, 1000))],
  ["chain", "an empty segment", file("00000001.seg", () => Buffer.alloc(0))],
  ["lines", "a wrong count", record(0, ({ count }) => ({ count: count + 1 }))],
  ["lost", "a draw without files", (sound) => ({ ...sound, files: new Map() })],
  ["lost", "a draw without batches", story((entries) => entries.slice(-5))],
  [
    "seal",
    "a missing seal of a draw that is over",
    both(undrawn, (sound) => ({
      ...retell(
        sound,
        readStory(sound.files).filter(({ kind }) => kind !== "seal"),
      ),
      over: true,
    })),
  ],
  ["late", "a DONE after the seal", story((entries) => swapped(entries, 26, 27))],
  [
    "acts",
    "a number that one operator tells twice, where two have to",
    both(
      story((entries) =>
        entries.toSpliced(
          -2,
          0,
          act("propose-number", undefined, { number: WINNING_NUMBER }),
          act("tell-number", undefined, { number: WINNING_NUMBER }),
        ),
      ),
      (sound) => ({ ...sound, numberTold: true, secondOperator: true }),
    ),
  ],
];
