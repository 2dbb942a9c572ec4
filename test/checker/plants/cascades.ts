import { readStory, retell } from "../forge.ts";
import { both, file, flipped, type Planted, record, story, swapped, undrawn } from "./plant.ts";

/** What breaks more than one rule, and this one among them. */
export const cascades: readonly Planted[] = [
  ["chain", "a byte of a record, in the middle", file("00000001.seg", flipped(200))],
  ["chain", "a length, in the middle", file("00000002.seg", flipped(33))],
  ["chain", "the first segment is gone", file("00000001.seg", () => undefined)],
  ["chain", "a segment in the middle is gone", file("00000002.seg", () => undefined)],
  ["chain", "a segment that is cut", file("00000002.seg", (bytes) => bytes.subarray(0, 1000))],
  ["chain", "a segment of nothing", file("00000001.seg", () => Buffer.alloc(0))],
  ["lines", "another count", record(0, ({ count }) => ({ count: count + 1 }))],
  ["lost", "no files at all", (sound) => ({ ...sound, files: new Map() })],
  ["lost", "every batch is gone", story((entries) => entries.slice(-5))],
  [
    "seal",
    "none of a draw that is over",
    both(undrawn, (sound) => ({
      ...retell(
        sound,
        readStory(sound.files).filter(({ kind }) => kind !== "seal"),
      ),
      over: true,
    })),
  ],
  ["late", "a DONE after the seal", story((entries) => swapped(entries, 26, 27))],
];
