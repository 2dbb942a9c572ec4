import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { BATCH, DONE, DRAW, SEAL, TOLD } from "../../../src/stores/ledger/layout.ts";
import {
  encodeRecord,
  type LedgerRecord,
  mayBeRecord,
  parseRecord,
  recordBytes,
} from "../../../src/stores/ledger/record.ts";
import { decodeSummary, entriesOf, SummaryBuilder } from "../../../src/stores/ledger/summary.ts";

const record: fc.Arbitrary<LedgerRecord> = fc.record({
  kind: fc.constantFrom(BATCH, DONE, SEAL, DRAW, TOLD),
  groupOffset: fc.integer({ min: 0, max: 0xff_ffff }),
  agency: fc.integer({ min: 0, max: 0xffff_ffff }),
  group: fc.maxSafeNat(),
  sequence: fc.maxSafeNat(),
  count: fc.integer({ min: 0, max: 0xffff_ffff }),
  head: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  body: fc.uint8Array({ maxLength: 300 }),
});

function encoded(value: LedgerRecord): Buffer {
  const bytes = Buffer.alloc(recordBytes(value.body.length));
  assert.equal(encodeRecord(value, bytes, 0), bytes.length);
  return bytes;
}

describe("a record", () => {
  it("is read as it was written", () => {
    fc.assert(
      fc.property(record, fc.nat({ max: 40 }), (value, at) => {
        const bytes = Buffer.concat([Buffer.alloc(at), encoded(value), Buffer.alloc(80)]);
        const parsed = parseRecord(bytes, at);
        assert.ok(parsed.kind === "record");
        const { head, body, ...rest } = parsed.record;
        const { head: wantHead, body: wantBody, ...want } = value;
        assert.deepEqual(rest, { ...want, at, end: bytes.length - 80 });
        assert.deepEqual([...head], [...wantHead]);
        assert.deepEqual([...body], [...wantBody]);
      }),
    );
  });

  it("is found by the search for records if sequence and group are possible", () => {
    fc.assert(
      fc.property(record, (value) => {
        const sane = { ...value, group: value.group % 2 ** 48, sequence: value.sequence % 2 ** 48 };
        assert.ok(mayBeRecord(encoded(sane), 0));
      }),
    );
  });

  it("is not believed when any bit of it has changed", () => {
    fc.assert(
      fc.property(record, fc.nat(), (value, position) => {
        const bytes = Buffer.concat([encoded(value), Buffer.alloc(1024)]);
        const bit = position % ((bytes.length - 1024) * 8);
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        assert.notEqual(parseRecord(bytes, 0).kind, "record");
      }),
    );
  });

  it("can be searched in any bytes without an error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat({ max: 400 }), (bytes, at) => {
        parseRecord(Buffer.from(bytes), Math.min(at, bytes.length));
      }),
    );
  });
});

describe("a summary", () => {
  const entry = fc.record({
    record,
    winners: fc.record({
      count: fc.integer({ min: 0, max: 0xffff_ffff }),
      documentBytes: fc.integer({ min: 0, max: 0xffff_ffff }),
    }),
    at: fc.integer({ min: 0, max: 0xff_ffff }),
  });

  it("is read as it was collected, and can be continued", () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 8 }), (entries) => {
        const all = new SummaryBuilder(3);
        let known: ReturnType<typeof decodeSummary>;
        for (const [index, { record: value, winners, at }] of entries.entries()) {
          all.add(value, winners, at, index + 1);
          const continued = new SummaryBuilder(3, known);
          continued.add(value, winners, at, index + 1);
          assert.deepEqual(continued.encode(), all.encode());
          known = decodeSummary(continued.encode(), 3);
        }
        assert.ok(known !== undefined);
        assert.deepEqual([known.end, known.lastAt], [entries.length, entries.at(-1)?.at]);
        assert.deepEqual(
          [...entriesOf(known)].map(({ head, ...entry }) => ({ ...entry, head: [...head] })),
          entries.map(({ record: { kind, agency, sequence, count, head }, winners, at }) => {
            const sum = { ...winners };
            return { kind, agency, sequence, count, at, winners: sum, head: [...head] };
          }),
        );
      }),
    );
  });

  it("is not believed when any byte of it has changed, or for another segment", () => {
    const builder = new SummaryBuilder(3);
    const head = Buffer.alloc(32, 9);
    const value = {
      kind: BATCH,
      groupOffset: 0,
      agency: 1,
      group: 1,
      sequence: 1,
      count: 2,
      head,
    } as const;
    builder.add(value, { count: 1, documentBytes: 8 }, 32, 132);
    const whole = builder.encode();
    assert.ok(decodeSummary(whole, 3));
    assert.equal(decodeSummary(whole, 4), undefined);
    for (let at = 0; at < whole.length; at++) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ 0x40;
      assert.equal(decodeSummary(bytes, 3), undefined, `byte ${at}`);
      assert.equal(decodeSummary(whole.subarray(0, at), 3), undefined, `${at} bytes`);
    }
  });
});
