import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { AgencyError } from "../../src/agency/agency-error.ts";
import { DataFile, unreadable } from "../../src/agency/data-file.ts";
import { type BetRow, readBets, type ReadOptions } from "../../src/agency/read-bets.ts";
import { AGENCY, sampleBet, TODAY } from "./fake-central.ts";
import { agencyCsv, withTempDir } from "./harness.ts";
import { realData } from "../support/paths.ts";

const OPTIONS: ReadOptions = {
  agency: AGENCY,
  badRow: "stop",
  today: TODAY,
  unfit: () => undefined,
};

async function readFile(path: string, options: Partial<ReadOptions> = {}): Promise<BetRow[]> {
  const file = await DataFile.open(path);
  try {
    const rows: BetRow[] = [];
    for await (const some of readBets(file, { ...OPTIONS, ...options })) rows.push(...some);
    return rows;
  } finally {
    await file.close();
  }
}

function readText(content: string | Buffer, options: Partial<ReadOptions> = {}): Promise<BetRow[]> {
  return withTempDir((dir) => {
    const path = join(dir, "a.csv");
    writeFileSync(path, content);
    return readFile(path, options);
  });
}

/** The message about a bad file, without its folder. */
async function complaint(
  content: string | Buffer,
  options: Partial<ReadOptions> = {},
): Promise<string> {
  const error = await readText(content, options).then(
    () => assert.fail("the file was read"),
    (error: unknown) => error,
  );
  assert.ok(error instanceof AgencyError);
  assert.equal(error.code, "ROW_INVALID");
  return error.message.replace(/^.*\/(?=a\.csv:)/, "");
}

const GOOD = "Ana,Paz,30904465,1999-03-17,7574\n";

const visible = (name: string): string => `x${name.replaceAll(/\p{Cc}/gu, "")}x`;

describe("an agency's file", () => {
  it("becomes bets with their line numbers", async () => {
    const rows = await readText(`${GOOD}\nZoë,"Núñez, ""la Ñata""",00123,2000-02-29,0007\n`);
    assert.deepEqual(rows, [
      {
        bet: {
          agency: 1,
          firstName: "Ana",
          lastName: "Paz",
          document: "30904465",
          birthdate: "1999-03-17",
          number: 7574,
        },
        fileLine: 1,
        flawed: false,
      },
      {
        bet: {
          agency: 1,
          firstName: "Zoë",
          lastName: 'Núñez, "la Ñata"',
          document: "00123",
          birthdate: "2000-02-29",
          number: 7,
        },
        fileLine: 3,
        flawed: false,
      },
    ]);
  });

  for (const [what, text] of Object.entries({
    "ends in LF": GOOD + GOOD,
    "ends in CR LF": (GOOD + GOOD).replaceAll("\n", "\r\n"),
    "mixes both": GOOD + GOOD.replace("\n", "\r\n"),
    "has no end at its last line": (GOOD + GOOD).trimEnd(),
    "begins with a byte order mark": `\ufeff${GOOD}${GOOD}`,
    "begins with a byte order mark and a quote": `\ufeff"Ana"${GOOD.slice(3)}${GOOD}`,
  })) {
    it(`may be one that ${what}`, async () => {
      const rows = await readText(text);
      assert.deepEqual(
        rows.map(({ bet, fileLine }) => [bet.firstName, bet.number, fileLine]),
        [
          ["Ana", 7574, 1],
          ["Ana", 7574, 2],
        ],
      );
    });
  }

  it("may be empty", async () => {
    assert.deepEqual(await readText(""), []);
    assert.deepEqual(await readText("\n\r\n"), []);
    assert.deepEqual(await readText("\ufeff"), []);
  });

  it("is read completely whatever the size of its rows", async () => {
    const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 15 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ firstName: name, lastName: name }), { maxLength: 30 }),
        fc.integer({ min: 1, max: 60 }),
        async (names, repeat) => {
          // Repeated, so that rows cross the ends of the blocks in which the file is read.
          const bets = Array.from({ length: names.length * repeat }, (_, index) => {
            const { firstName = "", lastName = "" } = names[index % names.length] ?? {};
            return sampleBet(index, {
              firstName: visible(firstName),
              lastName: lastName === "" ? "" : visible(lastName),
            });
          });
          const rows = await readText(agencyCsv(bets, "\r\n"));
          assert.deepEqual(
            rows.map(({ bet }) => bet),
            bets,
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it("has as many bets as the course's files", { skip: realData === undefined }, async () => {
    const counts = [];
    for (const agency of [1, 2, 3, 4, 5]) {
      counts.push((await readFile(join(realData ?? "", `agency-${agency}.csv`))).length);
    }
    assert.deepEqual(counts, [26_936, 25_518, 16_014, 9_238, 991]);
  });
});

const unlucky: ReadOptions["unfit"] = ({ number }) =>
  number === 7 ? { field: "number", reason: "is unlucky" } : undefined;

describe("a bad row", () => {
  for (const [name, row, text] of [
    ["because of its document", "Ana,Paz,3090x,1999-03-17,1", "document is not 1 to 10 digits"],
    [
      "because of its birthdate",
      "Ana,Paz,309,2021-02-29,1",
      "birthdate is not a day of the calendar",
    ],
    [
      "because its birthdate is in the future",
      "Ana,Paz,309,2026-01-02,1",
      "birthdate is in the future",
    ],
    [
      "because of its number",
      "Ana,Paz,309,1999-03-17,10000",
      "number is not a number from 0 to 9999",
    ],
    [
      "because its number is not a whole one",
      "Ana,Paz,309,1999-03-17,7.5",
      "number is not a number from 0 to 9999",
    ],
    ["because of its first name", ",Paz,309,1999-03-17,1", "firstName is empty"],
    ["because of a line break", 'Ana,"Pa\nz",309,1999-03-17,1', "lastName has a control character"],
  ] as const) {
    it(`stops the reading ${name}`, async () => {
      const line = name === "because of a line break" ? 3 : 2;
      assert.equal(
        await complaint(`${GOOD}${row}\n${GOOD}`),
        `a.csv:${line}: ${text}; correct the row and run again`,
      );
    });
  }

  it("stops the reading because a field begins or ends with an invisible character", async () => {
    for (const [row, text] of [
      ["Ana,Paz,309,1999-03-17, 7", "number begins with U+0020 (space)"],
      ["\ufeffAna,Paz,309,1999-03-17,7", "firstName begins with U+FEFF (byte order mark)"],
      ["Ana,Paz\u00a0,309,1999-03-17,7", "lastName ends with U+00A0 (no-break space)"],
    ] as const) {
      const told = await complaint(`${GOOD}${row}\n`);
      assert.equal(told, `a.csv:2: ${text}; remove it and run again`);
    }
  });

  it("that only has an invisible character at an edge is sent as it is, with badRow send", async () => {
    const names = ["\ufeffAna", "Ana ", "\u200bAna"];
    const text = names.map((name) => `${name},Paz,309,1999-03-17,7\n`).join("");
    const rows = await readText(`${GOOD}${text}`, { badRow: "send" });
    assert.deepEqual(
      rows.slice(1).map(({ bet, flawed }) => [bet.firstName, flawed]),
      names.map((name) => [name, false]),
    );
  });

  it("is sent as it is with badRow send", async () => {
    const rows = await readText(`${GOOD}Ana,Paz,309,1999-02-29,10000\nAna,Paz,x,1999-03-17,y\n`, {
      badRow: "send",
    });
    assert.deepEqual(
      rows.map(({ bet, flawed }) => [bet.document, bet.birthdate, bet.number, flawed]),
      [
        ["30904465", "1999-03-17", 7574, false],
        ["309", "1999-02-29", 10_000, true],
        ["x", "1999-03-17", Number.NaN, true],
      ],
    );
  });

  for (const badRow of ["stop", "send"] as const) {
    it(`that cannot be cut into fields stops the reading, with badRow ${badRow}`, async () => {
      const advice = "a row is first,last,document,birthdate,number";
      assert.equal(
        await complaint(`${GOOD}Ana,Paz,309,1999-03-17\n`, { badRow }),
        `a.csv:2: line has 4 fields; ${advice}`,
      );
      assert.equal(
        await complaint(`${GOOD}1,Ana,Paz,309,1999-03-17,1\n`, { badRow }),
        `a.csv:2: line has 6 fields; ${advice}`,
      );
      assert.equal(
        await complaint(`${GOOD} \n`, { badRow }),
        `a.csv:2: line has 1 field; ${advice}`,
      );
      assert.equal(
        await complaint(`${GOOD}${GOOD}A"na,Paz,309,1999-03-17,1\n${GOOD}`, { badRow }),
        "a.csv:3: line is not quoted as CSV asks; put the field in quotes and double the quotes inside it",
      );
      assert.equal(
        await complaint(`${GOOD}"An"a,Paz,309,1999-03-17,1\n${GOOD}`, { badRow }),
        "a.csv:2: line is not quoted as CSV asks; put the field in quotes and double the quotes inside it",
      );
      assert.equal(
        await complaint(`${GOOD}"Ana,Paz,309,1999-03-17,1\n${GOOD.repeat(9)}`, { badRow }),
        "a.csv:2: line opens a quote that is never closed; close it",
      );
      assert.equal(
        await complaint(`${GOOD}"Ana,Paz,309,1999-03-17,1\n${GOOD.repeat(9000)}`, { badRow }),
        "a.csv:2: line begins a row longer than 65536 bytes; close its quote",
      );
    });
  }

  it("that the dialect cannot carry stops the reading", async () => {
    const text = await complaint(`${GOOD}Ana,Paz,309,1999-03-17,7\n`, { unfit: unlucky });
    assert.equal(text, "a.csv:2: number is unlucky; choose a dialect that can carry it");
  });

  it("is named by its line after thousands of good, empty and long ones", async () => {
    const rows = `${GOOD}\r\n"Ana\n",x,309,1999-03-17,1\r\n`;
    for (const times of [1, 20, 3000]) {
      const before = rows.repeat(times);
      const line = 4 * times + 1;
      const cases = [
        ["x\n", "line has 1 field"],
        ['A"na,Paz,309,1999-03-17,1\n', "line is not quoted as CSV asks"],
        ['"A"na,Paz,309,1999-03-17,1\n', "line is not quoted as CSV asks"],
        ['"Ana,Paz,309,1999-03-17,1\n', "line opens a quote that is never closed"],
      ] as const;
      for (const [bad, what] of cases) {
        const text = await complaint(`${before}${bad}${GOOD.repeat(20)}`, { badRow: "send" });
        assert.equal(text.split(";")[0], `a.csv:${line}: ${what}`);
      }
    }
  });

  it("that is not UTF-8 is named by its line, wherever it is", async () => {
    const latin1 = Buffer.from("José,Paz,309,1999-03-17,1\n", "latin1");
    for (const before of [0, 1, 1985, 1986, 4000]) {
      const content = Buffer.concat([Buffer.from(GOOD.repeat(before)), latin1, Buffer.from(GOOD)]);
      assert.equal(
        await complaint(content),
        `a.csv:${before + 1}: line is not valid UTF-8; save the file as UTF-8 and run again`,
      );
    }
    assert.match(
      await complaint(Buffer.from(`${GOOD}Jos\xe9`, "latin1")),
      /^a\.csv:2: line is not/,
    );
    assert.match(
      await complaint(Buffer.from(`\ufeff${GOOD}`, "utf16le")),
      /^a\.csv:1: line is UTF-16, not UTF-8; /,
    );
  });

  it("without an end stops the reading", async () => {
    const text = await complaint(`${GOOD}${"x".repeat(200_000)}`);
    assert.equal(text, "a.csv:2: line is longer than 65536 bytes; is it a CSV file?");
  });
});

const refusal = async (path: string): Promise<string> => {
  const error = await DataFile.open(path).then(
    () => assert.fail("the file was opened"),
    (error: unknown) => error,
  );
  assert.ok(error instanceof AgencyError);
  assert.equal(error.code, "DATA_UNREADABLE");
  return error.message;
};

describe("a file that cannot be read", () => {
  it("is reported when it is missing", async () => {
    assert.equal(
      await refusal("nowhere/agency-1.csv"),
      "Cannot read nowhere/agency-1.csv: there is no such file; put the agency's bets there or set data.file",
    );
  });

  it("is reported when it is a directory, or not a regular file", async () => {
    await withTempDir(async (dir) => {
      assert.equal(
        await refusal(dir),
        `Cannot read ${dir}: it is a directory; set data.file to a CSV file`,
      );
    });
    assert.match(await refusal("/dev/null"), /it is not a regular file/);
  });

  it("is reported when we may not read it", { skip: process.getuid?.() === 0 }, async () => {
    await withTempDir(async (dir) => {
      const path = join(dir, "agency-1.csv");
      writeFileSync(path, GOOD);
      chmodSync(path, 0);
      assert.match(await refusal(path), /permission denied/);
    });
  });

  it("is reported with missing permission or with another reason", () => {
    const denied = Object.assign(new Error("EACCES: …"), { code: "EACCES" });
    assert.match(unreadable("f.csv", denied).message, /^Cannot read f\.csv: permission denied;/);
    assert.equal(unreadable("f.csv", new Error("EIO")).message, "Cannot read f.csv: EIO");
  });
});
