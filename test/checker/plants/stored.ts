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

/** What is stored is not what was sent. */
export const storedPlants: readonly Planted[] = [
  [
    "lost",
    "a batch in the middle is gone, and everything was reckoned anew",
    story((entries) => replaced(entries, 1, 5, () => [])),
  ],
  ["lost", "the last batch is gone", story((entries) => replaced(entries, 2, 12, () => []))],
  [
    "lost",
    "of two equal batches one is gone",
    both(
      client(1, ({ batches: [first, ...others] }) => ({
        batches: first === undefined ? [] : [first, first, ...others],
      })),
      story(same),
    ),
  ],
  [
    "lost",
    "a DONE that was acknowledged is gone",
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
    "a bet of a run that came again is gone",
    both(
      client(1, () => ({ mayRepeat: true })),
      story((entries) => replaced(entries, 1, 2, (lines) => [restLines(lines)])),
    ),
  ],
  [
    "doubled",
    "a batch comes twice in a row",
    story((entries) => replaced(entries, 1, 3, (lines) => [lines, lines])),
  ],
  [
    "doubled",
    "a batch comes again at the end",
    story((entries) => {
      const again = batchAt(entries, placeOf(entries, 2, 1));
      return entries.toSpliced(placeOf(entries, 2, 12) + 1, 0, again);
    }),
  ],
  [
    "doubled",
    "one bet of a batch comes again by itself",
    story((entries) => replaced(entries, 1, 1, (lines) => [lines, firstLine(lines)])),
  ],
  [
    "invented",
    "a batch that the agency never sent",
    story((entries) => replaced(entries, 1, 3, (lines) => [lines, batchOf(1, 99).lines as Buffer])),
  ],
  [
    "invented",
    "a bet beside those of an unanswered batch",
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
    "another number in one bet of an unanswered batch",
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
    "a batch of an agency that nobody knows to have sent any",
    both(
      (sound) => ({ ...sound, clients: sound.clients.slice(0, 2) }),
      story((entries) => [batch(3, batchOf(3, 1).lines), ...entries]),
    ),
  ],
  [
    "invented",
    "a bet that a run that came again did not have",
    both(
      client(1, () => ({ mayRepeat: true })),
      story((entries) => [batch(1, batchOf(1, 99).lines), ...entries]),
    ),
  ],
  ["refused", "a batch that was refused for good is there", answered(1, 4, "refused")],
  [
    "refused",
    "a batch that was refused, with a run that came again",
    both(
      client(1, () => ({ mayRepeat: true })),
      answered(1, 4, "refused"),
    ),
  ],
  [
    "order",
    "two batches of an agency change places",
    story((entries) => swapped(entries, placeOf(entries, 1, 4), placeOf(entries, 1, 5))),
  ],
  [
    "order",
    "the first batch comes last",
    story((entries) => {
      const first = placeOf(entries, 2, 1);
      const moved = entries.toSpliced(placeOf(entries, 2, 12) + 1, 0, batchAt(entries, first));
      return moved.toSpliced(first, 1);
    }),
  ],
  [
    "order",
    "the bets of a batch change places",
    story((entries) => replaced(entries, 1, 2, (lines) => [reversed(lines)])),
  ],
  [
    "order",
    "bets of a run that came again change places",
    both(
      client(1, () => ({ mayRepeat: true })),
      story((entries) => swapped(entries, placeOf(entries, 1, 4), placeOf(entries, 1, 5))),
    ),
  ],
  [
    "partial",
    "of an unanswered batch only the first bet is there",
    both(
      answered(1, 2, "none"),
      story((entries) => replaced(entries, 1, 2, (lines) => [firstLine(lines)])),
    ),
  ],
  [
    "partial",
    "of an acknowledged batch all but the first bet is there",
    story((entries) => replaced(entries, 1, 2, (lines) => [restLines(lines)])),
  ],
  [
    "partial",
    "a batch is stored as two",
    story((entries) => replaced(entries, 1, 2, (lines) => [firstLine(lines), restLines(lines)])),
  ],
  ["lines", "a number above 9999", acceptedBet("3,Ana,Paz,30000001,1990-01-31,10000\r\n")],
  ["lines", "a number with a zero before it", acceptedBet("3,Ana,Paz,30000001,1990-01-31,07\r\n")],
  ["lines", "a day that is none", acceptedBet("3,Ana,Paz,30000001,1990-02-29,7\r\n")],
  ["lines", "a month that is none", acceptedBet("3,Ana,Paz,30000001,1990-13-01,7\r\n")],
  ["lines", "a document that is too large", acceptedBet("3,Ana,Paz,4294967296,1990-01-31,7\r\n")],
  ["lines", "a document that is no number", acceptedBet("3,Ana,Paz,x,1990-01-31,7\r\n")],
  ["lines", "no first name", acceptedBet("3,,Paz,30000001,1990-01-31,7\r\n")],
  [
    "lines",
    "a name that is too long",
    acceptedBet(`3,Ana,${"x".repeat(256)},30000001,1990-01-31,7\r\n`),
  ],
  ["lines", "a name that is no UTF-8", acceptedBet("3,Ana,\xff,30000001,1990-01-31,7\r\n")],
  ["lines", "a control character", acceptedBet("3,A\tna,Paz,30000001,1990-01-31,7\r\n")],
  ["lines", "quotes without need", acceptedBet('3,"Ana",Paz,30000001,1990-01-31,7\r\n')],
  ["lines", "quotes that do not pair", acceptedBet('3,"Ana,Paz,30000001,1990-01-31,7\r\n')],
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

/** A bet that nobody should have taken: it was sent, acknowledged and stored. */
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
