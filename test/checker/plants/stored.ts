import assert from "node:assert/strict";
import { batchOf } from "../../stores/conformance/batches.ts";
import { type Entry, readStory, retell } from "../forge.ts";
import {
  acknowledged,
  answered,
  type Batch,
  batch,
  both,
  client,
  type Plant,
  type Planted,
  restLines,
  reversed,
  same,
  story,
  swapped,
  undrawn,
} from "./plant.ts";

/** Violations in which other bets are stored than were sent. */
export const storedPlants: readonly Planted[] = [
  [
    "lost",
    "a missing batch in the middle, with everything computed again",
    story((entries) => replaced(entries, 1, 5, () => [])),
  ],
  ["lost", "a missing last batch", story((entries) => replaced(entries, 2, 12, () => []))],
  [
    "lost",
    "one missing batch of two equal ones",
    both(
      client(1, ({ batches: [first, ...others] }) => ({
        batches: first === undefined ? [] : [first, first, ...others],
      })),
      story(same),
    ),
  ],
  [
    "lost",
    "a missing DONE that was acknowledged",
    both(undrawn, (sound) =>
      retell(
        { ...sound, over: false },
        readStory(sound.files).filter(
          (entry) => entry.kind === "batch" || (entry.kind === "done" && entry.agency !== 2),
        ),
      ),
    ),
  ],
  [
    "lost",
    "a missing bet of a run that came again",
    both(
      client(1, () => ({ mayRepeat: true })),
      story((entries) => replaced(entries, 1, 2, (lines) => [restLines(lines)])),
    ),
  ],
  [
    "doubled",
    "a batch that comes twice in a row",
    story((entries) => replaced(entries, 1, 3, (lines) => [lines, lines])),
  ],
  [
    "doubled",
    "a batch that comes again at the end",
    story((entries) => {
      const again = batchAt(entries, placeOf(entries, 2, 1));
      return entries.toSpliced(placeOf(entries, 2, 12) + 1, 0, again);
    }),
  ],
  [
    "doubled",
    "one bet of a batch that comes again alone",
    story((entries) => replaced(entries, 1, 1, (lines) => [lines, firstLine(lines)])),
  ],
  [
    "invented",
    "a batch that the agency never sent",
    story((entries) => replaced(entries, 1, 3, (lines) => [lines, batchOf(1, 99).lines as Buffer])),
  ],
  [
    "invented",
    "an additional bet in an unanswered batch",
    both(
      answered(1, 3, "none"),
      story((entries) =>
        replaced(entries, 1, 3, (lines) => [
          Buffer.concat([lines, firstLine(batchOf(1, 99).lines as Buffer)]),
        ]),
      ),
    ),
  ],
  [
    "invented",
    "a changed number in one bet of an unanswered batch",
    both(
      answered(1, 4, "none"),
      story((entries) =>
        replaced(entries, 1, 4, (lines) => [
          Buffer.from(lines.toString("latin1").replace(/,\d+\r\n/, ",7574\r\n"), "latin1"),
        ]),
      ),
    ),
  ],
  [
    "invented",
    "a batch of an agency that has sent none",
    both(
      (sound) => ({ ...sound, clients: sound.clients.slice(0, 2) }),
      story((entries) => [batch(3, batchOf(3, 1).lines), ...entries]),
    ),
  ],
  [
    "invented",
    "a bet that was not in a run that came again",
    both(
      client(1, () => ({ mayRepeat: true })),
      story((entries) => [batch(1, batchOf(1, 99).lines), ...entries]),
    ),
  ],
  ["refused", "a finally refused batch that is stored", answered(1, 4, "refused")],
  [
    "refused",
    "a refused batch that is stored, with a run that came again",
    both(
      client(1, () => ({ mayRepeat: true })),
      answered(1, 4, "refused"),
    ),
  ],
  [
    "order",
    "two batches of an agency in the wrong order",
    story((entries) => swapped(entries, placeOf(entries, 1, 4), placeOf(entries, 1, 5))),
  ],
  [
    "order",
    "a first batch that comes last",
    story((entries) => {
      const first = placeOf(entries, 2, 1);
      const moved = entries.toSpliced(placeOf(entries, 2, 12) + 1, 0, batchAt(entries, first));
      return moved.toSpliced(first, 1);
    }),
  ],
  [
    "order",
    "bets of a batch in the wrong order",
    story((entries) => replaced(entries, 1, 2, (lines) => [reversed(lines)])),
  ],
  [
    "order",
    "bets of a run that came again, in the wrong order",
    both(
      client(1, () => ({ mayRepeat: true })),
      story((entries) => swapped(entries, placeOf(entries, 1, 4), placeOf(entries, 1, 5))),
    ),
  ],
  [
    "partial",
    "an unanswered batch of which only the first bet is stored",
    both(
      answered(1, 2, "none"),
      story((entries) => replaced(entries, 1, 2, (lines) => [firstLine(lines)])),
    ),
  ],
  [
    "partial",
    "an acknowledged batch of which the first bet is missing",
    story((entries) => replaced(entries, 1, 2, (lines) => [restLines(lines)])),
  ],
  [
    "partial",
    "a batch that is stored as two",
    story((entries) => replaced(entries, 1, 2, (lines) => [firstLine(lines), restLines(lines)])),
  ],
  ["lines", "a number above 9999", acceptedBet("3,Ana,Paz,30000001,1990-01-31,10000\r\n")],
  ["lines", "a number with a leading zero", acceptedBet("3,Ana,Paz,30000001,1990-01-31,07\r\n")],
  ["lines", "a day that does not exist", acceptedBet("3,Ana,Paz,30000001,1990-02-29,7\r\n")],
  ["lines", "a month that does not exist", acceptedBet("3,Ana,Paz,30000001,1990-13-01,7\r\n")],
  ["lines", "a document that is too large", acceptedBet("3,Ana,Paz,4294967296,1990-01-31,7\r\n")],
  ["lines", "a document that is not a number", acceptedBet("3,Ana,Paz,x,1990-01-31,7\r\n")],
  ["lines", "a missing first name", acceptedBet("3,,Paz,30000001,1990-01-31,7\r\n")],
  [
    "lines",
    "a name that is too long",
    acceptedBet(`3,Ana,${"x".repeat(256)},30000001,1990-01-31,7\r\n`),
  ],
  ["lines", "a name that is not UTF-8", acceptedBet("3,Ana,\xff,30000001,1990-01-31,7\r\n")],
  ["lines", "a control character", acceptedBet("3,A\tna,Paz,30000001,1990-01-31,7\r\n")],
  ["lines", "quotes without need", acceptedBet('3,"Ana",Paz,30000001,1990-01-31,7\r\n')],
  ["lines", "a quote without its partner", acceptedBet('3,"Ana,Paz,30000001,1990-01-31,7\r\n')],
  ["lines", "a field too many", acceptedBet("3,Ana,Paz,30000001,1990-01-31,7,\r\n")],
  ["lines", "another agency's number", acceptedBet("2,Ana,Paz,30000001,1990-01-31,7\r\n")],
  ["lines", "one line end for two", acceptedBet("3,Ana,Paz,30000001,1990-01-31,7\n")],
];

/** The place of an agency's n-th batch in a story, from 1. */
function placeOf(story: readonly Entry[], agency: number, sequence: number): number {
  let left = sequence;
  const at = story.findIndex(
    (entry) => entry.kind === "batch" && entry.agency === agency && --left === 0,
  );
  assert.ok(at >= 0);
  return at;
}

function batchAt(story: readonly Entry[], at: number): Batch {
  const entry = story[at];
  assert.ok(entry?.kind === "batch");
  return entry;
}

/** The story with an agency's n-th batch replaced by others, or by none. */
function replaced(
  story: readonly Entry[],
  agency: number,
  sequence: number,
  change: (lines: Buffer) => readonly Buffer[],
): Entry[] {
  const at = placeOf(story, agency, sequence);
  const batches = change(batchAt(story, at).lines).map((lines) => batch(agency, lines));
  return story.toSpliced(at, 1, ...batches);
}

/** A bet that the central must not accept: it was sent, acknowledged and stored. */
function acceptedBet(line: string): Plant {
  const lines = Buffer.from(line, "latin1");
  return both(
    client(3, () => ({ batches: [acknowledged(lines)] })),
    story((entries) => [batch(3, lines), ...entries]),
  );
}

function firstLine(lines: Buffer): Buffer {
  return lines.subarray(0, lines.indexOf("\n") + 1);
}
