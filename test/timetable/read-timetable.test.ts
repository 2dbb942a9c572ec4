import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { ConfigError } from "../../src/config/config-error.ts";
import { CENTRAL_SETTINGS } from "../../src/config/settings.ts";
import {
  ENTRIES_MAX,
  readTimetable,
  TIMETABLE_BYTES_MAX,
} from "../../src/timetable/read-timetable.ts";
import { AGENCIES_MAX } from "../../src/timetable/terms.ts";
import { root } from "../support/paths.ts";
import { tempDir } from "../support/temp-dir.ts";
import { problemsOf, timetableOf } from "./draws-yaml.ts";

const DAY_MS = 86_400_000;
const TIMES = `opens: "08:00", closes: "21:00"`;
const TOP = "agencies: 5\n";

/** The draws from 1 December 2026, a Tuesday, for so many days. */
function drawsIn(text: string, days = 1) {
  const from = Date.UTC(2026, 11, 1);
  return timetableOf(text).occurrences(from, from + days * DAY_MS);
}

/** The list of draws with one entry, which has these keys too. */
const entry = (more: string): string => `draws: [{ name: a, ${TIMES}, ${more} }]`;

function manyDraws(count: number): string {
  const draws = Array.from({ length: count }, (_, index) => `- { name: n${index}, ${TIMES} }`);
  return `${TOP}draws:\n${draws.join("\n")}`;
}

describe("readTimetable", () => {
  it("takes what is left out from the defaults: UTC, every day, a number that is told once, at once", () => {
    assert.deepEqual(drawsIn(`draws: [{ name: nocturna, ${TIMES}, agencies: 3 }]`), [
      {
        draw: "2026-12-01-nocturna",
        opensAtMs: Date.UTC(2026, 11, 1, 8),
        closesAtMs: Date.UTC(2026, 11, 1, 21),
        agencies: 3,
        number: undefined,
        secondOperator: false,
        byOperator: false,
      },
    ]);
    assert.equal(drawsIn(`draws: [{ name: nocturna, ${TIMES}, agencies: 3 }]`, 31).length, 31);
  });

  it("reads everything that an entry may have", () => {
    const text = `
timezone: America/Argentina/Buenos_Aires
draws:
  - name: nocturna
    days: [mon, tue, sat]
    opens: "22:15"
    closes: 02:30   # without quotes too
    except: [2026-12-07, 2026-12-08]
    agencies: [{ agency: 4294967295, name: Kiosco Norte }, { name: "Ñandú: el 2", agency: 2 }]
    number: told
    second_operator: true
    draw: by-operator
`;
    const draws = drawsIn(text, 8);
    assert.deepEqual(draws[1], {
      draw: "2026-12-01-nocturna",
      opensAtMs: Date.UTC(2026, 11, 2, 1, 15),
      closesAtMs: Date.UTC(2026, 11, 2, 5, 30),
      agencies: [
        { agency: 4_294_967_295, name: "Kiosco Norte" },
        { agency: 2, name: "Ñandú: el 2" },
      ],
      number: undefined,
      secondOperator: true,
      byOperator: true,
    });
    assert.deepEqual(
      draws.map(({ draw }) => draw),
      ["2026-11-30-nocturna", "2026-12-01-nocturna", "2026-12-05-nocturna"],
    );
  });

  it("lets an entry replace each default of the file", () => {
    const text = `
agencies: 5
number: 12
second_operator: false
draw: by-operator
draws:
  - { name: a, ${TIMES} }
  - { name: b, ${TIMES}, agencies: [{ agency: 7, name: Sur }], number: told, second_operator: true, draw: at-once }
  - { name: c, ${TIMES}, number: 0000 }
`;
    const times = { opensAtMs: Date.UTC(2026, 11, 1, 8), closesAtMs: Date.UTC(2026, 11, 1, 21) };
    assert.deepEqual(drawsIn(text), [
      {
        draw: "2026-12-01-a",
        ...times,
        agencies: 5,
        number: 12,
        secondOperator: false,
        byOperator: true,
      },
      {
        draw: "2026-12-01-b",
        ...times,
        agencies: [{ agency: 7, name: "Sur" }],
        number: undefined,
        secondOperator: true,
        byOperator: false,
      },
      {
        draw: "2026-12-01-c",
        ...times,
        agencies: 5,
        number: 0,
        secondOperator: false,
        byOperator: true,
      },
    ]);
  });

  it("asks no second operator for a number that the file has, whatever the default", () => {
    const [draw] = drawsIn(`${TOP}second_operator: true\n${entry("number: 7574")}`);
    assert.deepEqual([draw?.number, draw?.secondOperator], [7574, false]);
  });

  it("takes the largest and the smallest numbers that are allowed", () => {
    const text = `draws:
  - { name: a, ${TIMES}, agencies: ${AGENCIES_MAX}, number: 9999 }
  - { name: b, ${TIMES}, agencies: 1, number: 0 }`;
    assert.deepEqual(
      drawsIn(text).map(({ agencies, number }) => [agencies, number]),
      [
        [AGENCIES_MAX, 9999],
        [1, 0],
      ],
    );
  });

  it("takes two entries of the same name that have no weekday in common", () => {
    const text = `${TOP}draws:
  - { name: a, days: [tue], ${TIMES} }
  - { name: a, days: [wed], opens: "10:00", closes: "12:00" }`;
    assert.deepEqual(
      drawsIn(text, 3).map(({ draw }) => draw),
      ["2026-12-01-a", "2026-12-02-a"],
    );
  });

  it("makes only names that a draw may have", () => {
    const setting = CENTRAL_SETTINGS.find(({ key }) => key === "SERVER_DRAW");
    const form = setting?.type.kind === "text" ? setting.type.form : /never^/;
    const letters = fc.constantFrom("a", "Z", "0", "9", ".", "_", "-", "/", " ", "ñ");
    fc.assert(
      fc.property(fc.string({ unit: letters, minLength: 1, maxLength: 60 }), (name) => {
        const text = `${TOP}draws: [{ name: ${JSON.stringify(name)}, ${TIMES} }]`;
        const good = problemsOf(text).length === 0;
        assert.equal(good, /^[a-z0-9]/i.test(name) && form.test(`2026-12-01-${name}`));
        if (good) assert.equal(drawsIn(text)[0]?.draw, `2026-12-01-${name}`);
      }),
    );
  });

  for (const [what, text, problem] of [
    [
      "an unknown key",
      `${TOP}timezon: UTC\n${entry("")}`,
      "2: timezon: unknown key; did you mean timezone?",
    ],
    [
      "an unknown key of an entry",
      `${TOP}${entry("secondoperator: true")}`,
      "2: draws.secondoperator: unknown key; did you mean second_operator?",
    ],
    [
      "a key that is near none",
      `agencies: 5\nx: 1\n${entry("")}`,
      "2: x: unknown key; allowed: timezone, draws, agencies, number, second_operator, draw",
    ],
    [
      "an odd key",
      `agencies: 5\n"a\\nb c d e": 1\n${entry("")}`,
      '2: "a\\nb c d e": unknown key; allowed: timezone, draws, agencies, number, second_operator, draw',
    ],
    [
      "a key that is set twice",
      `${TOP}agencies: 6\n${entry("")}`,
      "2: agencies: is set twice, first in line 1; allowed: once",
    ],
    [
      "a key that is no name",
      `${TOP}[a]: 6\n${entry("")}`,
      "2: has a key that is no name; allowed: key: value",
    ],
    [
      "a bad time zone",
      `timezone: America/Argentina/Buenos_Airs\n${TOP}${entry("")}`,
      '1: timezone: is "America/Argentina/Buenos_Airs"; allowed: the name of a time zone, such as America/Argentina/Buenos_Aires',
    ],
    [
      "an offset for a time zone",
      `timezone: "+03:00"\n${TOP}${entry("")}`,
      '1: timezone: is "+03:00"; allowed: the name of a time zone, such as America/Argentina/Buenos_Aires',
    ],
    [
      "no draws",
      TOP,
      "1: draws: is missing; allowed: a list of 1 to 1000 draws, each with name, opens and closes",
    ],
    [
      "an empty list of draws",
      `${TOP}draws: []`,
      "2: draws: is an empty list; allowed: a list of 1 to 1000 draws, each with name, opens and closes",
    ],
    [
      "draws that are no list",
      `${TOP}draws: nocturna`,
      '2: draws: is "nocturna"; allowed: a list of 1 to 1000 draws, each with name, opens and closes',
    ],
    [
      "a draw that is no map",
      `${TOP}draws:\n- nocturna`,
      '3: draws: is "nocturna"; allowed: name, opens, closes, and what else belongs to a draw',
    ],
    [
      "a draw that is empty",
      `${TOP}draws:\n-`,
      "3: draws: is empty; allowed: name, opens, closes, and what else belongs to a draw",
    ],
    [
      "no agencies",
      entry(""),
      `1: draws.agencies: is missing; allowed: a whole number from 1 to 100000, or a list such as [{ agency: 1, name: Kiosco Norte }]`,
    ],
    [
      "no name",
      `${TOP}draws: [{ ${TIMES} }]`,
      "2: draws.name: is missing; allowed: 1 to 53 letters, digits, `.`, `_` and `-`, beginning with a letter or a digit",
    ],
    [
      "a name with a space",
      `${TOP}draws: [{ name: la nocturna, ${TIMES} }]`,
      '2: draws.name: is "la nocturna"; allowed: 1 to 53 letters, digits, `.`, `_` and `-`, beginning with a letter or a digit',
    ],
    [
      "no opening",
      `${TOP}draws: [{ name: a, closes: "10:00" }]`,
      '2: draws.opens: is missing; allowed: a time from "00:00" to "23:59"',
    ],
    [
      "no closing",
      `${TOP}draws: [{ name: a, opens: "10:00" }]`,
      '2: draws.closes: is missing; allowed: a time from "00:00" to "23:59"',
    ],
    [
      "a time that is none",
      `${TOP}draws: [{ name: a, opens: "24:00", closes: "10:00" }]`,
      '2: draws.opens: is "24:00"; allowed: a time from "00:00" to "23:59"',
    ],
    [
      "a time in short",
      `${TOP}draws: [{ name: a, opens: "8:00", closes: "10:00" }]`,
      '2: draws.opens: is "8:00"; allowed: a time from "00:00" to "23:59"',
    ],
    [
      "a time with nothing",
      `${TOP}draws:\n- name: a\n  opens:\n  closes: "10:00"`,
      '4: draws.opens: is empty; allowed: a time from "00:00" to "23:59"',
    ],
    [
      "closing when it opens",
      `${TOP}draws:\n- name: a\n  opens: "10:00"\n  closes: "10:00"`,
      "5: draws.closes: is the same time as opens; allowed: another time; one that is before opens is on the next day",
    ],
    [
      "an unknown weekday",
      `${TOP}${entry("days: [mon, dom]")}`,
      '2: draws.days: is "dom"; allowed: mon, tue, wed, thu, fri, sat or sun',
    ],
    [
      "a weekday twice",
      `${TOP}${entry("days: [mon, mon]")}`,
      '2: draws.days: has "mon" twice; allowed: each of them once',
    ],
    [
      "no weekdays",
      `${TOP}${entry("days: []")}`,
      "2: draws.days: is an empty list; allowed: a list such as [mon, tue, wed, thu, fri, sat]; without the key, every day",
    ],
    [
      "weekdays that are no list",
      `${TOP}${entry("days: mon")}`,
      '2: draws.days: is "mon"; allowed: a list such as [mon, tue, wed, thu, fri, sat]; without the key, every day',
    ],
    [
      "a day that does not exist",
      `${TOP}${entry("except: [2026-02-29]")}`,
      '2: draws.except: is "2026-02-29"; allowed: a day of the calendar, such as 2026-12-25',
    ],
    [
      "a day written otherwise",
      `${TOP}${entry("except: [25/12/2026]")}`,
      '2: draws.except: is "25/12/2026"; allowed: a day of the calendar, such as 2026-12-25',
    ],
    [
      "no days of exception",
      `${TOP}${entry("except: []")}`,
      "2: draws.except: is an empty list; allowed: a list such as [2026-12-25]; without the key, no such day",
    ],
    [
      "too many agencies",
      `agencies: ${AGENCIES_MAX + 1}\n${entry("")}`,
      '1: agencies: is "100001"; allowed: a whole number from 1 to 100000, or a list such as [{ agency: 1, name: Kiosco Norte }]',
    ],
    [
      "no agency",
      `agencies: 0\n${entry("")}`,
      '1: agencies: is "0"; allowed: a whole number from 1 to 100000, or a list such as [{ agency: 1, name: Kiosco Norte }]',
    ],
    [
      "an empty list of agencies",
      `${TOP}${entry("agencies: []")}`,
      "2: draws.agencies: is an empty list; allowed: a whole number from 1 to 100000, or a list such as [{ agency: 1, name: Kiosco Norte }]",
    ],
    [
      "agencies as a map",
      `agencies: { a: 1 }\n${entry("")}`,
      "1: agencies: is a map of keys and values; allowed: a whole number from 1 to 100000, or a list such as [{ agency: 1, name: Kiosco Norte }]",
    ],
    [
      "an agency that is only a number",
      `${TOP}${entry("agencies: [1]")}`,
      '2: draws.agencies: is "1"; allowed: agency and name, as in { agency: 1, name: Kiosco Norte }',
    ],
    [
      "an agency without a name",
      `${TOP}${entry("agencies: [{ agency: 1 }]")}`,
      "2: draws.agencies.name: is missing; allowed: 1 to 100 characters that can be printed, no space at either end",
    ],
    [
      "an agency with a bad name",
      `${TOP}${entry('agencies: [{ agency: 1, name: "a\\tb" }]')}`,
      '2: draws.agencies.name: is "a\\tb"; allowed: 1 to 100 characters that can be printed, no space at either end',
    ],
    [
      "agency 0",
      `${TOP}${entry("agencies: [{ agency: 0, name: a }]")}`,
      '2: draws.agencies.agency: is "0"; allowed: a whole number from 1 to 4294967295',
    ],
    [
      "an agency that is too high",
      `${TOP}${entry("agencies: [{ agency: 4294967296, name: a }]")}`,
      '2: draws.agencies.agency: is "4294967296"; allowed: a whole number from 1 to 4294967295',
    ],
    [
      "an agency twice",
      `agencies:\n- { agency: 1, name: a }\n- { agency: 01, name: b }\n${entry("")}`,
      "3: agencies: has agency 1 twice; allowed: once",
    ],
    [
      "a number that is too high",
      `${TOP}${entry("number: 10000")}`,
      '2: draws.number: is "10000"; allowed: told, or a whole number from 0 to 9999',
    ],
    [
      "a number with a sign",
      `${TOP}${entry("number: -1")}`,
      '2: draws.number: is "-1"; allowed: told, or a whole number from 0 to 9999',
    ],
    [
      "a second operator that is no yes or no",
      `${TOP}${entry("second_operator: yes")}`,
      '2: draws.second_operator: is "yes"; allowed: true or false',
    ],
    [
      "a second operator for a number that is there",
      `${TOP}${entry("number: 7574, second_operator: true")}`,
      "2: draws.second_operator: is true, and number is 7574; allowed: false, or number: told",
    ],
    [
      "another moment of the draw",
      `${TOP}${entry("draw: toString")}`,
      '2: draws.draw: is "toString"; allowed: at-once or by-operator',
    ],
    [
      "an alias",
      `agencies: &all [{ agency: 1, name: a }]\n${entry("agencies: *all")}`,
      '2: draws.agencies: is an alias, "*all"; allowed: a whole number from 1 to 100000, or a list such as [{ agency: 1, name: Kiosco Norte }]',
    ],
    [
      "two draws of the same name",
      `${TOP}draws:\n- { name: a, days: [mon, tue], ${TIMES} }\n- { name: b, ${TIMES} }\n- { name: a, days: [tue], opens: "22:00", closes: "23:00" }`,
      '5: draws: has a draw "a" on tue, as the one in line 3; allowed: another name, or other days',
    ],
    [
      "two names that differ only in capitals",
      `${TOP}draws:\n- { name: a, ${TIMES} }\n- { name: A, ${TIMES} }`,
      '4: draws: has a draw "A" on sun, as the one in line 3; allowed: another name, or other days',
    ],
    [
      "an empty file",
      "",
      "1: is empty; allowed: draws: a list of 1 to 1000 draws, each with name, opens and closes",
    ],
    [
      "a list instead of a map",
      "- a",
      "1: is a list; allowed: draws: a list of 1 to 1000 draws, each with name, opens and closes",
    ],
    ["a second document", `${TOP}${entry("")}\n---\na: 1`, "3: a second document; allowed: one"],
  ] as const) {
    it(`refuses ${what}, with file, line, key, what was found and what is allowed`, () => {
      assert.deepEqual(problemsOf(text), [`draws.yaml:${problem}`]);
    });
  }

  it("tells all problems together, in the order of lines, and a wrong default only once", () => {
    const text = `draws:\n- { name: a, ${TIMES}, nummer: 1 }\n- { name: b, ${TIMES} }\nagencies: -5\n`;
    assert.deepEqual(
      problemsOf(text).map((problem) => problem.split(": ").slice(0, 2).join(": ")),
      ["draws.yaml:2: draws.nummer", "draws.yaml:4: agencies"],
    );
  });

  it("says of broken YAML only that, and where", () => {
    const problems = problemsOf(`${TOP}draws: [\nfoo: {`);
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? "", /^draws\.yaml:\d: is not YAML: /);
  });

  it("lists a hundred problems, and counts the others", () => {
    const draws = Array.from({ length: 150 }, (_, index) => `- { name: a${index}, opens: "1:00" }`);
    const problems = problemsOf(`${TOP}draws:\n${draws.join("\n")}`);
    assert.equal(problems.length, 101);
    assert.equal(problems.at(-1), "… and 200 more");
  });

  it(`reads ${ENTRIES_MAX} draws, and refuses one more without reading any`, () => {
    assert.equal(drawsIn(manyDraws(ENTRIES_MAX)).length, ENTRIES_MAX);
    const allowed = "a list of 1 to 1000 draws, each with name, opens and closes";
    assert.deepEqual(problemsOf(`${manyDraws(ENTRIES_MAX + 1)}\n- { bad: 1 }`), [
      `draws.yaml:2: draws: has ${ENTRIES_MAX + 2} draws; allowed: ${allowed}`,
    ]);
  });

  it("counts a bomb of aliases as what is written, and refuses it", () => {
    const levels = Array.from({ length: 60 }, (_, level) => {
      const below = level === 0 ? "x" : `*a${level - 1}, *a${level - 1}`;
      return `k${level}: &a${level} [${below}]`;
    });
    const problems = problemsOf(`${TOP}${levels.join("\n")}\n${entry("days: *a59")}`);
    assert.equal(problems.length, 61);
    assert.match(problems.at(-1) ?? "", /draws\.days: is an alias, "\*a59"/);
  });

  it("reads a file of a MiB, and refuses one that has a byte more, from a file or a pipe", async (t) => {
    const path = join(await tempDir(t), "draws.yaml");
    const good = `${TOP}${entry("")}\n#`;
    const text = good + "-".repeat(TIMETABLE_BYTES_MAX - good.length);
    await writeFile(path, text);
    assert.equal(readTimetable(path).timezone, "UTC");
    const problem = `${path}: it has more than 1048576 bytes; allowed: 1048576 or fewer`;
    const tooLarge = new ConfigError("CONFIG_UNREADABLE", [problem]);
    await writeFile(path, `${text}-`);
    assert.throws(() => readTimetable(path), tooLarge);
    assert.throws(() => readTimetable(path, new TextEncoder().encode(`${text}-`)), tooLarge);
  });

  it("says why a file cannot be read", async (t) => {
    const dir = await tempDir(t);
    await mkdir(join(dir, "folder"));
    await writeFile(join(dir, "latin1"), Uint8Array.of(0xf1));
    for (const [name, reason] of [
      ["none", "there is no such file"],
      ["folder", "it is a folder, not a file"],
      ["latin1", "it is not UTF-8"],
    ] as const) {
      const path = join(dir, name);
      assert.throws(
        () => readTimetable(path),
        new ConfigError("CONFIG_UNREADABLE", [`${path}: ${reason}`]),
      );
    }
  });

  it("reads or refuses any text, and names only lines of the file", () => {
    const words = fc.constantFrom(
      ..."draws: |agencies: |name: |opens: |closes: |days: |except: |- |[|]|{|}|, |\n|\n  |08:00|a|1|*a|&a |? |! |: ".split(
        "|",
      ),
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 40 }), (parts) => {
        const text = parts.join("");
        for (const problem of problemsOf(text)) {
          const [, line] = /^draws\.yaml:(\d+): \S/.exec(problem) ?? [];
          assert.ok(Number(line) >= 1 && Number(line) <= text.split("\n").length, problem);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("reads the example", () => {
    const timetable = readTimetable(join(root, "examples", "draws.yaml"));
    const from = Date.UTC(2026, 11, 4, 3);
    assert.deepEqual(
      timetable.occurrences(from, from + DAY_MS).map(({ draw }) => draw),
      ["2026-12-04-primera", "2026-12-04-nocturna", "2026-12-04-trasnoche"],
    );
    const christmas = Date.UTC(2026, 11, 25, 11);
    assert.deepEqual(timetable.occurrences(christmas, christmas + DAY_MS / 2), []);
  });
});

describe("docs/draws.md", () => {
  const page = readFileSync(join(root, "docs", "draws.md"), "utf8");

  it("has a timetable that can be read", () => {
    const [, text = ""] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
    assert.deepEqual(
      drawsIn(text, 6).map(({ draw }) => draw),
      [
        "2026-12-01-nocturna",
        "2026-12-02-nocturna",
        "2026-12-03-nocturna",
        "2026-12-04-nocturna",
        "2026-12-05-nocturna",
        "2026-12-05-trasnoche",
      ],
    );
  });

  it("explains every key, and no other", () => {
    const explained = [...page.matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)].flatMap(([, keys = ""]) =>
      [...keys.matchAll(/`(\w+)`/g)].map(([, key]) => key),
    );
    const [problem = ""] = problemsOf(`${TOP}draws: [{ "": 1 }]`);
    const known = [problem, ...problemsOf(`"": 1\n${TOP}`)].flatMap(
      (text) => /unknown key; allowed: (.*)$/.exec(text)?.[1]?.split(", ") ?? [],
    );
    assert.ok(known.includes("timezone") && known.includes("except"));
    assert.deepEqual(new Set(explained), new Set(known));
  });
});
