import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { readIni } from "../../src/config/read-ini.ts";
import { root } from "../support/paths.ts";
import { INI_CASES } from "./ini-cases.ts";
import { central } from "./load-support.ts";

const missing = spawnSync("python3", ["--version"]).status !== 0;

describe("a central's config.ini", () => {
  for (const { name, text, port } of INI_CASES) {
    it(`${port === "refused" ? "is refused" : `gives the port ${port}`} with ${name}`, (t) => {
      const read = (): number => central(t, { file: text }).port;
      if (port === "refused") assert.throws(read, { code: "CONFIG_INVALID" });
      else assert.equal(read(), port === "default" ? 12345 : port);
    });
  }

  it("names a line with a comment after a value, and says how to write the comment", () => {
    const text = "[DEFAULT]\nSERVER_DATA_DIR = ./data # here\nSERVER_DRAW = ; none\n";
    assert.deepEqual(readIni(text), {
      entries: [],
      problems: [
        {
          line: 2,
          what: 'SERVER_DATA_DIR: has "# here" after its value; allowed: a comment on a line of its own, or the value in quotes',
        },
        {
          line: 3,
          what: 'SERVER_DRAW: has "; none" after its value; allowed: a comment on a line of its own, or the value in quotes',
        },
      ],
    });
  });

  it("says which value an indented line continues", () => {
    const { entries, problems } = readIni(
      "[DEFAULT]\nSERVER_PORT = 1\n\n # a comment\n  SERVER_IP = x",
    );
    assert.deepEqual(entries, [{ key: "SERVER_PORT", text: "1", line: 2 }]);
    assert.deepEqual(problems, [
      {
        line: 5,
        what: '"SERVER_IP = x": is indented, which makes it a part of SERVER_PORT; allowed: to begin where SERVER_PORT begins',
      },
    ]);
  });

  it("keeps comment marks and quotes that are a part of a value", () => {
    const values = ["/data#1", "a;b", "'# ; inside'", 'say "x"', '"', "C:\\data", "a=b:c"];
    const text = ["[DEFAULT]", ...values.map((value, index) => `K${index} = ${value}`)].join("\n");
    assert.deepEqual(
      readIni(text).entries.map((entry) => entry.text),
      ["/data#1", "a;b", "# ; inside", 'say "x"', '"', "C:\\data", "a=b:c"],
    );
  });

  it("reads or refuses any text", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("[", "]", "=", ":", ";", "\n", "\r", " ", "A") }),
        (text) => {
          const { entries, problems } = readIni(text);
          const lines = text.split(/\r\n|\r|\n/).length;
          assert.ok([...entries, ...problems].every(({ line }) => line >= 1 && line <= lines));
        },
      ),
    );
  });
});

describe("Python's configparser and readIni", { skip: missing && "no python3" }, () => {
  it("give the results in the table of cases", () => {
    const read = configparser(INI_CASES.map(({ text }) => text));
    for (const [index, { name, python }] of INI_CASES.entries()) {
      assert.equal(read[index]?.["server_port"], python, name);
    }
  });

  it("give the same settings if readIni has no problem and finds no quotes", () => {
    const texts = fc.sample(anyFile, { seed: SEED, numRuns: 1500 });
    const read = configparser(texts);
    let agreed = 0;
    for (const [index, text] of texts.entries()) {
      const { entries, problems } = readIni(text);
      const keys = entries.map(({ key }) => key.toLowerCase());
      // A later step finds settings that are given twice, because it knows the keys.
      if (problems.length > 0 || new Set(keys).size !== keys.length) continue;
      const found = Object.fromEntries(entries.map(({ key, text }) => [key.toLowerCase(), text]));
      assert.deepEqual(found, read[index], `seed ${SEED}: ${JSON.stringify(text)}`);
      if (entries.length > 0) agreed += 1;
    }
    assert.ok(agreed > 100, `only ${agreed} files were read by both`);
  });

  it("refuse the same files, except for text that configparser takes as a part of a value", () => {
    const texts = fc.sample(anyFile, { seed: SEED + 1, numRuns: 1500 });
    const read = configparser(texts);
    for (const [index, text] of texts.entries()) {
      if (read[index] === null) continue;
      const others = readIni(text).problems.filter(
        ({ what }) => !/unknown section|after its value|is indented/.test(what),
      );
      assert.deepEqual(others, [], `seed ${SEED + 1}: ${JSON.stringify(text)}`);
    }
  });
});

const SEED = 20_261_130;

const piece = fc.constantFrom(
  "[DEFAULT]",
  "[DEFAULT] x",
  "[OTHER]",
  "[]",
  "a = 1",
  "B: 2",
  "c=",
  "d",
  "= 3",
  ": 4",
  "# x",
  "; y",
  " e = 5",
  "  f : 6",
  "\tg = 7",
  "h = 8 ; z",
  "i = 9#9",
  "k == 10",
  "l:=11",
  "",
  " ",
  "  # x",
  "M N = 12",
  "[DEFAULT",
  "o = [x]",
  "p = a:b=c",
);
const anyFile = fc
  .tuple(
    fc.constantFrom("", "[DEFAULT]\n"),
    fc.array(fc.tuple(piece, fc.constantFrom("\n", "\r\n", "\r")), { maxLength: 8 }),
  )
  .map(([first, lines]) => first + lines.map(([text, end]) => text + end).join(""));

function configparser(texts: readonly string[]): (Readonly<Record<string, string>> | null)[] {
  const script = join(root, "test", "config", "python_ini.py");
  const run = spawnSync("python3", [script], { input: JSON.stringify(texts), encoding: "utf8" });
  assert.equal(run.status, 0, run.stderr);
  return JSON.parse(run.stdout) as (Readonly<Record<string, string>> | null)[];
}
