import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { hasWon, loadBets, storeBets } from "../../../src/stores/csv/course-bets.ts";
import type { AgencyId, Bet } from "../../../src/lottery/bet.ts";
import { encodeLines } from "../../../src/lottery/canonical-line.ts";

const lorca: Bet = {
  agency: 1 as AgencyId,
  firstName: "Santiago Lionel",
  lastName: "Lorca",
  document: "30904465",
  birthdate: "1999-03-17",
  number: 7574,
};
const hija: Bet = { ...lorca, firstName: 'Ana, "Ñata"', lastName: "", document: "0042", number: 0 };
const GOOD_ROW = "1,Ana,Paz,1,2000-01-01,0\r\n";

let dir = "";
let path = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "quiniela-course-"));
  path = join(dir, "bets.csv");
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function loadAll(loaded: AsyncIterable<Bet> = loadBets(path)): Promise<Bet[]> {
  const bets: Bet[] = [];
  for await (const bet of loaded) bets.push(bet);
  return bets;
}

describe("storeBets and loadBets", () => {
  it("append bets, and return all of them in order", async () => {
    await storeBets([lorca, hija], path);
    await storeBets([], path);
    await storeBets(new Set([hija]), path);
    assert.deepEqual(await loadAll(), [lorca, hija, hija]);
    assert.deepEqual(readFileSync(path), encodeLines([lorca, hija, hija]));
    assert.deepEqual(
      (await loadAll()).map((bet) => hasWon(bet)),
      [true, false, false],
    );
  });

  it("do not mix bets of calls at the same time", async () => {
    const batches = Array.from({ length: 20 }, (_, index) =>
      Array.from({ length: 50 }, () => ({ ...lorca, number: index })),
    );
    await Promise.all(batches.map((batch) => storeBets(batch, path)));
    assert.deepEqual(await loadAll(), batches.flat());
  });

  it("have the course's default path", async () => {
    const before = process.cwd();
    process.chdir(dir);
    try {
      await storeBets([lorca]);
      assert.deepEqual(await loadAll(loadBets()), [lorca]);
    } finally {
      process.chdir(before);
    }
    assert.ok(existsSync(path));
  });
});

describe("storeBets", () => {
  it("stores no bet when one of them is invalid, and works afterwards", async () => {
    await storeBets([lorca], path);
    await assert.rejects(storeBets([hija, { ...lorca, number: 10_000 }], path), {
      name: "BetFileError",
      code: "BET_INVALID",
      message: "Cannot store bets: number of bet 1 is not a number from 0 to 9999",
    });
    await storeBets([hija], path);
    assert.deepEqual(await loadAll(), [lorca, hija]);
  });

  it("does not append to a row that was cut off", async () => {
    writeFileSync(path, `${GOOD_ROW}1,Ana,Paz,1,2000`);
    await assert.rejects(storeBets([lorca], path), { code: "FILE_TORN" });
    assert.equal(readFileSync(path, "utf8"), `${GOOD_ROW}1,Ana,Paz,1,2000`);
  });

  it("passes on the system's error", async () => {
    await assert.rejects(storeBets([lorca], dir), { code: "EISDIR" });
    await assert.rejects(storeBets([lorca], join(dir, "none", "bets.csv")), { code: "ENOENT" });
  });

  it("reports that the disk is full", { skip: !existsSync("/dev/full") }, async () => {
    await assert.rejects(storeBets([lorca], "/dev/full"), { code: "ENOSPC" });
  });
});

describe("loadBets", () => {
  it("reads rows that end in LF, and skips empty lines", async () => {
    writeFileSync(path, '1,Ana,Paz,1,2000-01-01,0\n\n\r\n1,"Eva",Paz,2,2000-01-01,9\n');
    assert.deepEqual(
      (await loadAll()).map((bet) => [bet.firstName, bet.number]),
      [
        ["Ana", 0],
        ["Eva", 9],
      ],
    );
  });

  it("reads no further than asked, and may be stopped", async () => {
    writeFileSync(path, GOOD_ROW.repeat(20_000) + "bad\r\n");
    let read = 0;
    for await (const bet of loadBets(path)) {
      assert.equal(bet.firstName, "Ana");
      if (++read === 10) break;
    }
    assert.equal(read, 10);
  });

  const bad: Record<string, [rows: string | Buffer, message: string]> = {
    "too few fields": [
      "1,Ana,Paz,1,2000-01-01\r\n",
      "line is not agency,first,last,document,birthdate,number",
    ],
    "no agency": ["x,Ana,Paz,1,2000-01-01,0\r\n", "agency is not a number from 1 to 4294967295"],
    "no name": ["1,,Paz,1,2000-01-01,0\r\n", "firstName is empty"],
    "no date": ["1,Ana,Paz,1,2023-02-29,0\r\n", "birthdate is not a day of the calendar"],
    "no number": ["1,Ana,Paz,1,2000-01-01,\r\n", "number is not a number from 0 to 9999"],
    "no UTF-8": [
      Buffer.from("1,Ana,P\xf1z,1,2000-01-01,0\r\n", "latin1"),
      "lastName is not valid Unicode",
    ],
    "a stray quote": ['1,An"a,Paz,1,2000-01-01,0\r\n', "line is not quoted as CSV asks"],
    "a quote without end": ['1,"Ana,Paz,1,2000-01-01,0\r\n', "line is not quoted as CSV asks"],
  };
  for (const [what, [row, message]] of Object.entries(bad)) {
    it(`names file and line of a row with ${what}`, async () => {
      writeFileSync(
        path,
        Buffer.concat([Buffer.from(GOOD_ROW + GOOD_ROW), Buffer.from(row as string)]),
      );
      await assert.rejects(loadAll(), {
        name: "BetFileError",
        code: "ROW_INVALID",
        message: `${path}:3: ${message}`,
      });
    });
  }

  it("reads nothing from a file whose last row was cut off: 75 may have been 7574", async () => {
    writeFileSync(path, `${GOOD_ROW}1,Ana,Paz,1,2000-01-01,75`);
    await assert.rejects(loadAll(), {
      code: "FILE_TORN",
      message: `The last row of ${path} has no line end: complete the row or remove it`,
    });
  });

  it("passes on the error when there is no file", async () => {
    await assert.rejects(loadAll(), { code: "ENOENT" });
  });
});
