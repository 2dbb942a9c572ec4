import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { AgencyError } from "../../src/agency/agency-error.ts";
import { checkFile, type CheckOptions } from "../../src/agency/check-file.ts";
import { withTempDir } from "./harness.ts";
import { realData } from "../support/paths.ts";
import { check, GOOD, RULES } from "./checked-file.ts";

const edge = (field: string, state: string): string => `${field} ${state}; remove it and run again`;

const unlucky: CheckOptions["unfit"] = ({ number, lastName }) =>
  number === 7 ? { field: "number", reason: `is unlucky for ${lastName}` } : undefined;

describe("the check of an agency's whole file", () => {
  for (const [what, text, bets] of [
    ["nothing", "", 0],
    ["empty lines", "\n\r\n\n", 0],
    ["a byte order mark and nothing else", "\ufeff", 0],
    ["a byte order mark and a row", `\ufeff${GOOD}`, 1],
    ["a byte order mark and a quoted name", `\ufeff"Ana",Paz,1,1999-03-17,1\n`, 1],
    ["rows that end in LF and in CR LF", GOOD + GOOD.replace("\n", "\r\n"), 2],
    ["a last row without its end", GOOD + GOOD.trimEnd(), 2],
    ["quoted fields everywhere", '"Ana","Paz","1","1999-03-17","7"\r\n'.repeat(3000), 3000],
    ["numbers with leading zeros", "Ana,Paz,001,1999-03-17,0007\nAna,,0,1999-03-17,00007574\n", 2],
    [
      "accents at the edges of names",
      "Ñandú,Pérez Ibáñé,1,1999-03-17,7\nŁucja,Þór,1,1999-03-17,7\n",
      2,
    ],
    ["joiners and spaces within names", "A\u200db\u00a0c d,x\ufeffy,1,1999-03-17,7\n", 1],
    ["a name that ends in an emoji", "Ana ☺\ufe0f,Paz,1,1999-03-17,7\n", 1],
    ["a name of nothing but quotes", 'Ana,"""",1,1999-03-17,7\n', 1],
  ] as const) {
    it(`accepts ${what}`, async () => {
      assert.deepEqual(await check(text), { bets, problems: [] });
    });
  }

  it("accepts the course's files as they are", { skip: realData === undefined }, async () => {
    const counts = [];
    for (const agency of [1, 2, 3, 4, 5]) {
      const problems: unknown[] = [];
      const options = { ...RULES, signal: new AbortController().signal };
      const path = join(realData ?? "", `agency-${agency}.csv`);
      const onProblem = (problem: AgencyError) => problems.push(problem);
      counts.push(await checkFile(path, undefined, { ...options, onProblem }));
      assert.deepEqual(problems, []);
    }
    assert.deepEqual(counts, [26_936, 25_518, 16_014, 9_238, 991]);
  });

  const utf8 = "save the file as UTF-8 and run again";
  const lineEnds = "convert the file's line ends to LF or CR LF";
  const twice = `line ends in CR CR LF: saved twice by a program that adds CR; ${lineEnds}`;
  const loneCr = `line has a CR without an LF after it; ${lineEnds}`;
  const mark = "begins with U+FEFF (byte order mark)";
  for (const [what, content, problems] of [
    [
      "a number past 9999",
      "Ana,Paz,1,1999-03-17,10000\n",
      ["number is not a number from 0 to 9999; correct the row and run again"],
    ],
    [
      "a row of six fields",
      `1,${GOOD}`,
      ["line has 6 fields; a row is first,last,document,birthdate,number"],
    ],
    ["CR CR LF behind a row", GOOD.replace("\n", "\r\r\n"), [twice]],
    ["CR CR LF behind quotes", '"Ana","Paz","1","1999-03-17","7"\r\r\n', [twice]],
    ["CR CR LF alone", "\r\r\n", [twice]],
    ["CR alone behind every row", GOOD.replace("\n", "\r").repeat(3), [loneCr]],
    ["CR alone behind every one of many rows", GOOD.replace("\n", "\r").repeat(9000), [loneCr]],
    ["a byte order mark where files were joined", `\ufeff${GOOD}`, [edge("firstName", mark)]],
    [
      "a byte order mark before quotes",
      `\ufeff"Ana",Paz,1,1999-03-17,1\n`,
      [edge("firstName", mark)],
    ],
    [
      "a no-break space before a name",
      "\u00a0Ana,Paz,1,1999-03-17,1\n",
      [edge("firstName", "begins with U+00A0 (no-break space)")],
    ],
    [
      "a zero width space after a name",
      "Ana,Paz\u200b,1,1999-03-17,1\n",
      [edge("lastName", "ends with U+200B (zero width space)")],
    ],
    [
      "a zero width joiner after a name",
      "Ana\u200d,Paz,1,1999-03-17,1\n",
      [edge("firstName", "ends with U+200D (zero width joiner)")],
    ],
    [
      "a soft hyphen before a name",
      "Ana,\u00adPaz,1,1999-03-17,1\n",
      [edge("lastName", "begins with U+00AD (soft hyphen)")],
    ],
    [
      "a space after a name",
      "Ana ,Paz,1,1999-03-17,1\n",
      [edge("firstName", "ends with U+0020 (space)")],
    ],
    [
      "a space within quotes",
      '"Ana, María ",Paz,1,1999-03-17,1\n',
      [edge("firstName", "ends with U+0020 (space)")],
    ],
    [
      "a name of one space",
      "Ana, ,1,1999-03-17,1\n",
      [edge("lastName", "begins with U+0020 (space)")],
    ],
    [
      "a tab before a name",
      "\tAna,Paz,1,1999-03-17,1\n",
      [edge("firstName", "begins with U+0009 (tab)")],
    ],
    [
      "a quad after a name",
      "Ana\u2001,Paz,1,1999-03-17,1\n",
      [edge("firstName", "ends with U+2001 (an invisible character)")],
    ],
    [
      "a mark after a document",
      "Ana,Paz,1\u200e,1999-03-17,1\n",
      [edge("document", "ends with U+200E (left-to-right mark)")],
    ],
    [
      "a space before a number",
      "Ana,Paz,1,1999-03-17, 1\n",
      [edge("number", "begins with U+0020 (space)")],
    ],
    [
      "bytes of Latin-1",
      Buffer.from("José,Paz,1,1999-03-17,1\n", "latin1"),
      [`line is not valid UTF-8; ${utf8}`],
    ],
    [
      "a quote within a field",
      'A"na,Paz,1,1999-03-17,1\n',
      ["line is not quoted as CSV asks; put the field in quotes and double the quotes inside it"],
    ],
    [
      "a quote that is never closed",
      '"Ana,Paz,1,1999-03-17,1\n',
      ["line opens a quote that is never closed; close it"],
    ],
    [
      "a line without an end",
      "x".repeat(200_000),
      ["line is longer than 65536 bytes; is it a CSV file?"],
    ],
  ] as [string, string | Buffer, string[]][]) {
    it(`reports ${what} with its line`, async () => {
      // Twice that many rows go into a block.
      for (const before of [1, 3, 1000]) {
        const whole = Buffer.concat([Buffer.from(GOOD.repeat(before)), Buffer.from(content)]);
        assert.deepEqual(await check(whole), {
          bets: before,
          problems: problems.map((problem) => `a.csv:${before + 1}: ${problem}`),
        });
      }
    });
  }

  for (const [encoding, content] of [
    ["UTF-16", Buffer.from(`\ufeff${GOOD}`, "utf16le")],
    ["UTF-16", Buffer.from(`\ufeff${GOOD}`, "utf16le").swap16()],
    ["UTF-16", Buffer.from(GOOD, "utf16le")],
    ["UTF-16", Buffer.from(GOOD, "utf16le").swap16()],
    ["UTF-32", Buffer.from([0xff, 0xfe, 0, 0, 0x41, 0, 0, 0])],
    ["UTF-32", Buffer.from([0, 0, 0xfe, 0xff, 0, 0, 0, 0x41])],
  ] as const) {
    it(`recognises a file in ${encoding} that begins with ${content.toString("hex", 0, 4)}`, async () => {
      assert.deepEqual(await check(content), {
        bets: 0,
        problems: [`a.csv:1: line is ${encoding}, not UTF-8; ${utf8}`],
      });
    });
  }

  it("goes on after a bad row of any kind, with the right line numbers", async () => {
    const latin1 = Buffer.from("Jos\xe9,Paz,1,1999-03-17,1\n", "latin1");
    const bad = [
      "Ana,Paz,x,1999-03-17,1\n",
      'A"na,Paz,1,1999-03-17,1\n',
      '"Ana,Paz,1,1999-03-17,1\n',
      '"A"na,Paz,1,1999-03-17,1\n',
      latin1,
      "no row\n",
    ];
    for (const times of [1, 3, 40]) {
      const pieces = bad.flatMap((row) => [GOOD.repeat(times), '"A\n",Paz,1,1999-03-17,1\n', row]);
      const { bets, problems } = await check(
        Buffer.concat([...pieces, GOOD].map((p) => Buffer.from(p))),
      );
      assert.equal(bets, bad.length * times + 1);
      const lines = bad.flatMap((_, index) => {
        const before = (times + 3) * index + times;
        return [before + 2, before + 3];
      });
      assert.deepEqual(
        problems.map((problem) => Number(/^a\.csv:(\d+): /.exec(problem)?.[1])),
        lines,
        problems.join("\n"),
      );
    }
  });

  it("asks the dialect about every good row", async () => {
    const text = `${GOOD}Ana,Paz,1,1999-03-17,007\r\nAna,"P,z",1,1999-03-17,7\n`;
    const advice = "choose a dialect that can carry it";
    assert.deepEqual(await check(text, { unfit: unlucky }), {
      bets: 1,
      problems: [
        `a.csv:2: number is unlucky for Paz; ${advice}`,
        `a.csv:3: number is unlucky for P,z; ${advice}`,
      ],
    });
  });

  it("ends when its callback throws, and when it is aborted", async () => {
    const told: string[] = [];
    const onProblem = (problem: AgencyError): void => {
      told.push(problem.message);
      throw problem;
    };
    await assert.rejects(check(`no row\nno row\n${"x".repeat(200_000)}`, { onProblem }), {
      code: "ROW_INVALID",
    });
    assert.equal(told.length, 1);
    const stopping = new AbortController();
    stopping.abort(new Error("stop"));
    await assert.rejects(check(GOOD, { signal: stopping.signal }), { message: "stop" });
  });

  it("reports that there is no file", async () => {
    await withTempDir(async (dir) => {
      writeFileSync(join(dir, "b.csv"), GOOD);
      const options = { ...RULES, signal: new AbortController().signal, onProblem: assert.fail };
      assert.equal(await checkFile(join(dir, "b.csv"), undefined, options), 1);
      await assert.rejects(checkFile(join(dir, "a.csv"), undefined, options), {
        code: "DATA_UNREADABLE",
      });
    });
  });
});
