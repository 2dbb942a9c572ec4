import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { openCsvStore } from "../../../src/stores/csv/csv-store.ts";
import { isRowBeginning } from "../../../src/stores/csv/row-beginning.ts";
import { formatLine } from "../../../src/lottery/canonical-line.ts";
import type { AgencyId } from "../../../src/lottery/bet.ts";
import type { TornTail } from "../../../src/store/bet-store.ts";
import { GROUP_BYTES } from "../../../src/limits.ts";
import { goodBet } from "../../lottery/arbitrary-bets.ts";
import { MemoryDisk, noLock } from "../../support/disk-memory.ts";
import { seed, seedNote } from "../../support/seed.ts";

const PATH = "/data/bets.csv";
const ROW = "1,Ana,Paz,30111222,1990-01-02,7574";
const WHOLE = `${ROW}\r\n`;

interface Opened {
  readonly error: (Error & { code?: string }) | undefined;
  readonly after: Buffer;
  readonly cuts: readonly TornTail[];
}

/** The result of a start with a file of bets. */
async function openWith(contents: Buffer): Promise<Opened> {
  const disk = new MemoryDisk();
  await disk.makeDir("/data");
  const file = await disk.open(PATH, { mode: "create" });
  await new Promise<void>((resolve) => file.write(contents, 0, () => resolve()));
  await file.close();
  const cuts: TornTail[] = [];
  let error: Opened["error"];
  try {
    const store = await openCsvStore({
      dir: "/data",
      draw: "1",
      winningNumber: 7574,
      agencies: 12,
      disk,
      lock: noLock,
      onFailure: (failure) => assert.fail(failure),
      onTornTail: (tail) => cuts.push(tail),
    });
    await store.close();
  } catch (thrown) {
    assert.ok(thrown instanceof Error);
    error = thrown;
  }
  return { error, after: Buffer.from(disk.bytesOf(PATH)), cuts };
}

const repeated = (text: string, times: number): Buffer => Buffer.from(text.repeat(times));
const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, "utf16le");
const sectors = (rows: number, ...zeroed: readonly number[]): Buffer => {
  const bytes = repeated(WHOLE, rows);
  for (const sector of zeroed) bytes.fill(0, sector * 512, (sector + 1) * 512);
  return bytes;
};

describe("P8 a bets.csv with an incomplete end", () => {
  const refused: readonly (readonly [what: string, contents: Buffer, message: RegExp])[] = [
    ["rows end in CR, as on old Macs", repeated(`${ROW}\r`, 1000), /csv:1: .*CR alone/],
    ["rows end in CR, in megabytes", repeated(`${ROW}\r`, 100_000), /csv:1: .*CR alone/],
    ["the last rows end in CR", Buffer.from(`${WHOLE}${ROW}\r${ROW}\r`), /csv:2: .*CR alone/],
    ["the text is UTF-16", utf16(WHOLE.repeat(1000)), /csv:1: .*UTF-16/],
    ["the text is UTF-16 without a mark", utf16(WHOLE).subarray(2), /csv:1: .*UTF-16/],
    ["rows end in LF", Buffer.from(`${ROW}\n${ROW}\n`), /csv:1: line does not end in CR LF/],
    ["there is a byte order mark", Buffer.from(`\ufeff${WHOLE}`), /csv:1: it is of none/],
    ["a remark follows", Buffer.from(`${WHOLE}the end`), /csv:2: it is neither a row/],
    ["a row of another agency is cut", Buffer.from(`${WHOLE}13,Ana`), /csv:2: it is neither/],
    ["a row has a document of letters", Buffer.from(`${WHOLE}1,A,B,x`), /csv:2: it is neither/],
    ["a row has a 31st of November", Buffer.from(`${WHOLE}1,A,B,1,2000-11-31`), /csv:2: it is/],
    ["a byte in the last row is zero", Buffer.from(`${WHOLE}1,An\0a`), /csv:2: it has a zero byte/],
    [
      "bytes that are no text follow",
      Buffer.from([0x31, 0xff, 0xfe, 0x80]),
      /csv:1: it is neither/,
    ],
    ["the row is longer than any", Buffer.from(`1,${"A".repeat(3000)}`), /csv:1: it is neither/],
    [
      "a row behind zeros is no bet",
      Buffer.concat([Buffer.alloc(512), Buffer.from(`x\r\n1,Ana,Paz\r\n${WHOLE}`)]),
      /csv:1: it is neither/,
    ],
    ["zeros follow for megabytes", Buffer.alloc(GROUP_BYTES + 1), /more than the last flush/],
  ];
  for (const [what, contents, message] of refused) {
    it(`is refused with its line, and not changed, when ${what}`, async () => {
      const { error, after, cuts } = await openWith(contents);
      assert.equal(error?.code, "LEDGER_CORRUPT");
      assert.match(error.message, message);
      assert.match(error.message, /mend it, or move the file away/);
      assert.ok(after.equals(contents));
      assert.deepEqual(cuts, []);
    });
  }

  const cut: readonly (readonly [what: string, contents: Buffer, left: number])[] = [
    ["the last row is cut", Buffer.from(`${WHOLE}1,Ana,P`), WHOLE.length],
    ["the last number is cut", Buffer.from(`${WHOLE}${ROW.slice(0, -2)}`), WHOLE.length],
    ["the last row lacks its end", Buffer.from(`${WHOLE}${ROW}`), WHOLE.length],
    ["the last row lacks its LF", Buffer.from(`${WHOLE}${ROW}\r`), WHOLE.length],
    ["zeros follow the last row", Buffer.from(`${WHOLE}\0\0\0`), WHOLE.length],
    ["sectors are zeros", sectors(200, 3, 5), Math.floor((3 * 512) / 36) * 36],
    ["the last sectors are zeros", sectors(128, 7, 8), Math.floor((7 * 512) / 36) * 36],
    ["everything is zeros", Buffer.alloc(GROUP_BYTES), 0],
  ];
  for (const [what, contents, left] of cut) {
    it(`P10 is cut to its complete rows, and this is reported, when ${what}`, async () => {
      const { error, after, cuts } = await openWith(contents);
      assert.equal(error, undefined);
      assert.ok(after.equals(contents.subarray(0, left)), `${after.length} bytes`);
      assert.deepEqual(cuts, [{ file: PATH, offset: left, bytes: contents.length - left }]);
    });
  }

  it(`is shortened by one flush at most, and never silently, whatever is in it (${seedNote})`, async () => {
    const rows = fc
      .array(goodBet(3 as AgencyId), { maxLength: 40 })
      .map((bets) => Buffer.from(bets.map(formatLine).join("")));
    const at = fc.nat(5000);
    const harm = fc.oneof(
      at.map((end) => (bytes: Buffer) => bytes.subarray(0, end)),
      fc.tuple(at, fc.nat(2000)).map(([from, count]) => (bytes: Buffer) => {
        const harmed = Buffer.from(bytes);
        harmed.subarray(from, from + count).fill(0);
        return harmed;
      }),
      fc.tuple(at, fc.uint8Array()).map(
        ([from, junk]) =>
          (bytes: Buffer) =>
            Buffer.concat([bytes.subarray(0, from), junk, bytes.subarray(from)]),
      ),
      fc
        .constantFrom("\r", "\n", "", ";")
        .map(
          (end) => (bytes: Buffer) =>
            Buffer.from(bytes.toString("latin1").replaceAll("\r\n", end), "latin1"),
        ),
      fc.constant((bytes: Buffer) => utf16(bytes.toString("utf8"))),
    );
    await fc.assert(
      fc.asyncProperty(rows, harm, async (bytes, harmed) => {
        const contents = harmed(bytes);
        const { error, after, cuts } = await openWith(contents);
        const missing = contents.length - after.length;
        assert.ok(contents.subarray(0, after.length).equals(after));
        if (error !== undefined) assert.equal(missing, 0);
        assert.ok(missing <= GROUP_BYTES);
        const expected = { file: PATH, offset: after.length, bytes: missing };
        assert.deepEqual(cuts, missing === 0 ? [] : [expected]);
      }),
      { numRuns: 300, seed },
    );
  });
});

describe("the beginning of a canonical row", () => {
  it(`is recognised wherever the row breaks off (${seedNote})`, () => {
    fc.assert(
      fc.property(goodBet(12 as AgencyId), (bet) => {
        const row = Buffer.from(formatLine(bet));
        for (let bytes = 1; bytes < row.length; bytes++) {
          assert.ok(isRowBeginning(row.subarray(0, bytes), 12), row.toString("utf8", 0, bytes));
        }
      }),
      { numRuns: 60, seed },
    );
  });

  it("is recognised only for an agency of the draw", () => {
    for (const [text, agencies, expected] of [
      ["1", 1, true],
      ["12", 12, true],
      ["12", 11, false],
      ["0", 12, false],
      ["01", 12, false],
      ["12,", 12, true],
      ["", 12, false],
      [" 1", 12, false],
      ["1;", 12, false],
    ] as const) {
      assert.equal(isRowBeginning(Buffer.from(text), agencies), expected, text);
    }
  });
});
