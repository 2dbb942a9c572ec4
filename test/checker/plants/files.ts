import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import { DRAW, SEAL } from "../../../src/stores/ledger/layout.ts";
import { decodeSummary, entriesOf, SummaryBuilder } from "../../../src/stores/ledger/summary.ts";
import { batchOf } from "../../stores/conformance/batches.ts";
import type { Evidence } from "../evidence.ts";
import { type Entry, readStory, type Tamper } from "../forge.ts";
import {
  acknowledged,
  answered,
  batch,
  both,
  client,
  file,
  flipped,
  nobody,
  type Plant,
  type Planted,
  record,
  restLines,
  reversed,
  same,
  story,
  undrawn,
} from "./plant.ts";

/** Files that do not agree with each other. */
export const filePlants: readonly Planted[] = [
  ["chain", "a changed byte of a segment's header", file("00000002.seg", flipped(18))],
  ["chain", "a changed byte of a header's zeros", file("00000002.seg", flipped(24))],
  ["chain", "bytes after the last record", atEndOfLedger],
  [
    "chain",
    "a complete record of an unknown kind",
    (sound) => {
      const { length } = readStory(sound.files);
      return story(
        (entries) => [...entries, { kind: "draw" }],
        (fields, index) => (index === length ? { ...fields, kind: 9 as typeof DRAW } : fields),
      )(sound);
    },
  ],
  ["chain", "a wrong head", record(3, ({ head }) => ({ head: Buffer.from(head).fill(1, 0, 1) }))],
  [
    "chain",
    "a wrong sequence, which does not fit its head",
    record(4, ({ sequence }) => ({ sequence: sequence + 1 })),
  ],
  [
    "chain",
    "a sequence that is left out",
    story((entries) => {
      const at = entries.findLastIndex(({ kind }) => kind === "batch");
      const last = entries[at];
      assert.ok(last?.kind === "batch");
      return entries.with(at, { ...last, sequence: 14 });
    }),
  ],
  ["chain", "a draw record with an agency", sealedRecord(DRAW, { agency: 1 })],
  [
    "chain",
    "a flush number that is left out",
    story(same, (fields, index) => ({ ...fields, group: index + 2 })),
  ],
  ["chain", "a flush that goes on after another", record(5, () => ({ groupOffset: 8 }))],
  [
    "chain",
    "an agency that is not one of the draw",
    both(
      (sound) => ({
        ...sound,
        clients: [...sound.clients, { ...nobody(9), batches: [acknowledged(batchOf(9, 1).lines)] }],
      }),
      story((entries) => [batch(9, batchOf(9, 1).lines), ...entries]),
    ),
  ],
  ["done", "a DONE with a count", doneRecord(() => ({ count: 1 }))],
  [
    "done",
    "a DONE with a wrong count of batches",
    doneRecord(({ sequence }) => ({ sequence: sequence + 1 })),
  ],
  ["done", "a DONE with a wrong count of bets", doneRecord(() => ({ body: Buffer.alloc(8, 1) }))],
  [
    "done",
    "a DONE with a wrong head",
    doneRecord(({ head }) => ({ head: Buffer.from(head).fill(1, 0, 1) })),
  ],
  [
    "done",
    "a second DONE",
    story((entries) => {
      const at = entries.findIndex(({ kind }) => kind === "done");
      return entries.toSpliced(at, 0, entries[at] as Entry);
    }),
  ],
  [
    "seal",
    "a wrong seal in all places",
    story(same, (fields) =>
      fields.kind === SEAL || fields.kind === DRAW
        ? { ...fields, head: Buffer.alloc(32, 7) }
        : fields,
    ),
  ],
  [
    "seal",
    "a wrong seal in the draw record",
    story(same, (fields) =>
      fields.kind === DRAW ? { ...fields, head: Buffer.alloc(32, 7) } : fields,
    ),
  ],
  [
    "seal",
    "a wrong count of agencies",
    story(same, (fields) => (fields.kind === SEAL ? { ...fields, count: 2 } : fields)),
  ],
  ["seal", "a wrong seal only in its record", sealedRecord(SEAL, { head: Buffer.alloc(32, 7) })],
  ["seal", "a seal record with an agency", sealedRecord(SEAL, { agency: 1 })],
  ["seal", "a seal record with a sequence", sealedRecord(SEAL, { sequence: 1 })],
  ["seal", "a seal record with a body", sealedRecord(SEAL, { body: Buffer.alloc(1) })],
  ["seal", "a second seal", story((entries) => entries.toSpliced(-1, 0, { kind: "seal" }))],
  ["seal", "a wrong seal in seal.json", jsonValue("seal.json", "seal", "00".repeat(32))],
  ["seal", "wrong agencies in seal.json", jsonValue("seal.json", "agencies", [])],
  ["seal", "a wrong count of bets in seal.json", jsonValue("seal.json", "bets", 1)],
  ["seal", "a wrong winning number in seal.json", jsonValue("seal.json", "winningNumber", 7)],
  ["seal", "a missing seal.json", file("seal.json", () => undefined)],
  ["seal", "a seal.json that is null", file("seal.json", () => Buffer.from("null"))],
  ["seal", "a seal.json that is not JSON", file("seal.json", () => Buffer.from("{"))],
  [
    "seal",
    "a seal before every agency was done",
    both(
      client(3, () => ({ done: false })),
      story((entries) => entries.filter((entry) => entry.kind !== "done" || entry.agency !== 3)),
    ),
  ],
  ["seal", "a seal.json before the draw", beforeDraw("seal.json")],
  ["bets-file", "a bets.csv before the draw", beforeDraw("bets.csv")],
  ["bets-file", "a changed byte of bets.csv", file("bets.csv", flipped(100))],
  ["bets-file", "a missing row", file("bets.csv", restLines)],
  ["bets-file", "rows in another order", file("bets.csv", reversed)],
  ["bets-file", "a missing bets.csv", file("bets.csv", () => undefined)],
  ["bets-file", "a wrong digest", jsonValue("seal.json", "betsCsvSha256", "00".repeat(32))],
  ["bets-file", "a wrong size", jsonValue("seal.json", "betsCsvBytes", 1)],
  ["draw-file", "a wrong winning number", jsonValue("draw.json", "winningNumber", 7)],
  ["draw-file", "a wrong name", jsonValue("draw.json", "draw", "2")],
  ["summary", "a winner that is left out", withoutWinner],
  [
    "late",
    "a batch after its agency's DONE",
    both(
      answered(1, 13, "none"),
      story((entries) => {
        const at = entries.findIndex((entry) => entry.kind === "done" && entry.agency === 2);
        return entries.toSpliced(at, 0, batch(1, batchOf(1, 13).lines));
      }),
    ),
  ],
  [
    "late",
    "a batch after the seal",
    both(
      answered(1, 13, "none"),
      story((entries) => entries.toSpliced(-1, 0, batch(1, batchOf(1, 13).lines))),
    ),
  ],
];

/** Another value in `seal.json` or `draw.json`. */
function jsonValue(name: string, key: string, value: unknown): Plant {
  return file(name, (bytes) => {
    const contents = JSON.parse(bytes.toString("utf8")) as Record<string, unknown>;
    assert.notDeepEqual(contents[key], value);
    return Buffer.from(JSON.stringify({ ...contents, [key]: value }));
  });
}

function atEndOfLedger(sound: Evidence): Evidence {
  const last = [...sound.files.keys()]
    .filter((name) => name.endsWith(".seg"))
    .toSorted()
    .at(-1);
  return file(last ?? "", (bytes) => flipped(bytes.length - 1)(bytes))(sound);
}

/** A file that may only exist after the draw is there before it. */
function beforeDraw(name: string): Plant {
  return (sound) => {
    const evidence = undrawn(sound);
    const bytes = sound.files.get(name);
    assert.ok(bytes !== undefined && !evidence.files.has(name));
    return { ...evidence, files: new Map(evidence.files).set(name, bytes) };
  };
}

/** Changes the record of agency 2's DONE. */
function doneRecord(change: Parameters<typeof record>[1]): Plant {
  return (sound) => {
    const at = readStory(sound.files).findIndex(
      (entry) => entry.kind === "done" && entry.agency === 2,
    );
    return record(at, change)(sound);
  };
}

/** Changes the record of the seal, or of the draw, and no file that follows from it. */
function sealedRecord(kind: typeof SEAL | typeof DRAW, change: Partial<ReturnType<Tamper>>): Plant {
  return (sound) => {
    const files = new Map(
      story(same, (fields) => (fields.kind === kind ? { ...fields, ...change } : fields))(sound)
        .files,
    );
    files.set("seal.json", sound.files.get("seal.json") ?? Buffer.alloc(0));
    return { ...sound, files };
  };
}

/** The first segment's summary leaves out a winner of each batch; its checksum fits. */
function withoutWinner(sound: Evidence): Evidence {
  return file("00000001.sum", (bytes) => {
    const summary = decodeSummary(bytes, 1);
    assert.ok(summary !== undefined);
    const builder = new SummaryBuilder(1);
    for (const entry of entriesOf(summary)) {
      const { count, documentBytes } = entry.winners;
      const fewer = { count: Math.max(count - 1, 0), documentBytes };
      const record = { ...entry, groupOffset: 0, group: summary.lastGroup };
      builder.add(record, fewer, entry.at, summary.end);
    }
    const changed = builder.encode();
    assert.equal(changed.readUInt32BE(changed.length - 4), crc32(changed.subarray(0, -4)));
    return changed;
  })(sound);
}
