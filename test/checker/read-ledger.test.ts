import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BATCH, SEGMENT_HEADER_BYTES, segmentName } from "../../src/stores/ledger/layout.ts";
import { encodeRecord } from "../../src/stores/ledger/record.ts";
import { encodeSegmentHeader } from "../../src/stores/ledger/segment-image.ts";
import { readLedger } from "./read-ledger.ts";

/** The records of flushes: the sizes of the bodies in each flush. */
type Flushes = readonly (readonly number[])[];

const RECORD_BYTES = 68;
const SEGMENT_BYTES = 2048;

/** Segments with these flushes one after the other, and where each of their records begins. */
function segments(...contents: readonly Flushes[]) {
  const files = new Map<string, Buffer>();
  const starts: number[][] = [];
  let group = 0;
  for (const [index, flushes] of contents.entries()) {
    const bytes = Buffer.alloc(SEGMENT_BYTES);
    encodeSegmentHeader(index + 1, SEGMENT_BYTES).copy(bytes);
    let at = SEGMENT_HEADER_BYTES;
    const begun: number[] = [];
    for (const bodies of flushes) {
      group++;
      const flushAt = at;
      for (const bodyBytes of bodies) {
        const body = Buffer.alloc(bodyBytes, 0x61);
        const head = Buffer.alloc(32, group);
        const fields = { agency: 1, sequence: group, count: 1, head, body };
        begun.push(at);
        at = encodeRecord({ kind: BATCH, group, groupOffset: at - flushAt, ...fields }, bytes, at);
      }
    }
    files.set(segmentName(index + 1), bytes);
    starts.push(begun);
  }
  return { files, starts };
}

function damage({ files, starts }: ReturnType<typeof segments>, segment: number, record: number) {
  const bytes = files.get(segmentName(segment));
  const at = starts[segment - 1]?.[record];
  assert.ok(bytes !== undefined && at !== undefined);
  bytes[at + RECORD_BYTES] = 0x62;
  return { file: segmentName(segment), at };
}

/** The room in a segment after records with bodies of these lengths. */
const roomAfter = (...bodies: readonly number[]): number =>
  bodies.reduce((room, body) => room - RECORD_BYTES - body, SEGMENT_BYTES - SEGMENT_HEADER_BYTES);

describe("the checker's reader of segments", () => {
  it("reads flushes of several records, and segments to their last byte", () => {
    // The last record of the first segment has no body, and ends where the segment does.
    const body = roomAfter(100, 100) - 2 * RECORD_BYTES;
    const { files } = segments([[100, 100], [body], [0]], [[100], [7]], []);
    const { records, flaws, torn } = readLedger(files);
    assert.deepEqual([flaws, torn], [[], undefined]);
    assert.deepEqual(
      records.map(({ segment, flush, body }) => [segment, flush, body.length]),
      [
        [1, 1, 100],
        [1, 1, 100],
        [1, 2, body],
        [1, 3, 0],
        [2, 4, 100],
        [2, 5, 7],
      ],
    );
    assert.equal(records[3]?.end, SEGMENT_BYTES);
  });

  it("reports a record that had room in the segment before", () => {
    const room = roomAfter(1000) - RECORD_BYTES;
    assert.deepEqual(readLedger(segments([[1000]], [[room + 1]]).files).flaws, []);
    for (const body of [room, 10]) {
      const [flaw, ...others] = readLedger(segments([[1000]], [[body]]).files).flaws;
      assert.match(flaw ?? "", /^00000002\.seg at byte 32: its record had room/);
      assert.deepEqual(others, []);
    }
  });

  it("reports a segment that was left out", () => {
    const [flaw] = readLedger(segments([[1000]], [], [[1500]]).files).flaws;
    assert.equal(flaw, "00000003.seg at byte 32: segment 2 has no record");
    const [first] = readLedger(segments([], [[1500]]).files).flaws;
    assert.equal(first, "00000002.seg at byte 32: the first record, and not in segment 1");
  });

  it("takes bytes as torn if one flush may have left them, whichever of its records are complete", () => {
    for (const record of [1, 2, 3]) {
      const ledger = segments([[100], [100, 100, 100]], []);
      const torn = damage(ledger, 1, record);
      const reading = readLedger(ledger.files);
      assert.deepEqual([reading.torn, reading.flaws], [torn, []]);
      assert.equal(reading.records.length, record);
    }
  });

  it("takes bytes as damaged if a later flush followed them, in the same segment or in the next", () => {
    const same = segments([[100], [100, 100], [100]], []);
    damage(same, 1, 2);
    const next = segments([[100], [1500]], [[500]], []);
    damage(next, 1, 1);
    for (const [{ files }, proof] of [
      [same, "00000001.seg at byte 536"],
      [next, "00000002.seg"],
    ] as const) {
      const { torn, flaws } = readLedger(files);
      assert.equal(torn, undefined);
      assert.equal(flaws.length, 1);
      assert.ok(flaws[0]?.endsWith(`no record, but a later flush ended well: ${proof}`), flaws[0]);
    }
  });

  it("reports a record that is not inside its flush", () => {
    const { files, starts } = segments([[100, 100], [100]]);
    const [, second = 0, third = 0] = starts[0] ?? [];
    const bytes = files.get("00000001.seg");
    // The first flush's last record once more, over the second flush's, which is as long.
    bytes?.copy(bytes, third, second, third);
    assert.deepEqual(readLedger(files).flaws, [
      `00000001.seg at byte ${third}: a record of flush 1 apart from its flush`,
    ]);
  });
});
