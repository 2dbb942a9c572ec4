import assert from "node:assert/strict";
import type { BigIntStats } from "node:fs";
import { mkdir, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { parse, stringify } from "yaml";
import { ConfigError } from "../../src/config/config-error.ts";
import {
  AGENCIES_FILE_BYTES_MAX,
  AGENCIES_MAX,
  loadAgencyDirectory,
  readAgencyDirectory,
} from "../../src/identity/agencies-file.ts";
import { cutAgencies } from "../../src/identity/agencies-text.ts";
import { tempDir } from "../support/temp-dir.ts";

const PATH = "agencies.yaml";
const A = "a".repeat(64);
const B = "b".repeat(64);
const C = `${"0123456789".repeat(6)}0123`;
const TOKEN = "qnl_SaltedSecretSaltedSecretSaltedSecretSaltedS";

const entry = (lines: string): string => `agencies:\n  - agency: 7\n    name: Siete\n${lines}`;

const read = async (text: string) => [...(await readAgencyDirectory(PATH, text)).all()];

async function problemsOf(text: string): Promise<readonly string[]> {
  try {
    await readAgencyDirectory(PATH, text);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    assert.equal(error.code, "CONFIG_INVALID");
    return error.problems;
  }
  throw assert.fail("the text was accepted");
}

/** Looks at a file, and tells another time of its last change at some of the looks. */
function changing(changes: (looks: number) => boolean) {
  let looks = 0;
  return async (at: string): Promise<BigIntStats> => {
    const seen = await stat(at, { bigint: true });
    if (!changes(++looks)) return seen;
    return Object.assign(seen, { mtimeNs: seen.mtimeNs + BigInt(looks) });
  };
}

describe("agencies.yaml", () => {
  it("gives every agency its name, proofs, limits and defaults", async () => {
    const text = `# The agencies of the province
---
agencies:   # one entry each
  - agency: 1
    name: Agencia Centro   # the oldest one
    certificates:
      - ${A}
      - "${C}"
    tokens: ['${B}']
    limits:
      connections: 4
      batches_per_second: 50

  # closed for now
  - {agency: 4294967295, name: "Córdoba: «Ñandú»", enabled: false}
  -
    name: 007
    agency: 3
    certificates:
    limits:
`;
    const directory = await readAgencyDirectory(PATH, text);
    assert.deepEqual(
      [...directory.all()],
      [
        {
          agency: 1,
          name: "Agencia Centro",
          enabled: true,
          certificates: [A, C],
          tokens: [B],
          limits: { connections: 4, batchesPerSecond: 50 },
        },
        {
          agency: 4294967295,
          name: "Córdoba: «Ñandú»",
          enabled: false,
          certificates: [],
          tokens: [],
          limits: {},
        },
        { agency: 3, name: "007", enabled: true, certificates: [], tokens: [], limits: {} },
      ],
    );
    assert.equal(directory.size, 3);
    assert.equal(directory.find(3)?.name, "007");
    assert.equal(directory.find(2), undefined);
  });

  it("may list nobody, but must have the list", async () => {
    for (const text of ["agencies:\n", "agencies: []\n", "\uFEFFagencies: # none yet"]) {
      assert.deepEqual(await read(text.replace("\uFEFF", "")), []);
    }
    for (const text of ["", "# nothing\n", "---\n", "[]", "agency: 1"]) {
      const [problem = ""] = await problemsOf(text);
      assert.match(problem, /^agencies\.yaml:1: .*(agencies: is missing|unknown key)/);
    }
  });

  const ONE = "allowed: a whole number from 1 to 4294967295";
  const BAD: readonly (readonly [title: string, text: string, problem: string])[] = [
    ["an agency without a number", "agencies:\n- name: x", `2: agency: is missing; ${ONE}`],
    ["agency 0", "agencies:\n- agency: 0\n  name: x", `2: agency: is "0"; ${ONE}`],
    ["an agency in octal", "agencies:\n- agency: 017\n  name: x", `2: agency: is "017"; ${ONE}`],
    [
      "an agency of 33 bits",
      "agencies:\n- name: x\n  agency: 4294967296",
      `3: agency: is "4294967296"; ${ONE}`,
    ],
    ["an agency that is a list", "agencies:\n- agency: [1]\n  name: x", "2: agency: is no single"],
    ["an agency without a name", "agencies:\n- agency: 1", "2: agency 1: name: is missing"],
    ["an empty name", "agencies:\n- agency: 1\n  name:", "3: agency 1: name: is empty"],
    ["a blank name", "agencies:\n- agency: 1\n  name: ' '", '3: agency 1: name: is " "'],
    ["a name with a line end", 'agencies:\n- agency: 1\n  name: "a\\nb"', "3: agency 1: name: is"],
    [
      "a name that turns the text around",
      'agencies:\n- agency: 1\n  name: "a\\u202eb"',
      "3: agency 1: name: is",
    ],
    ["a long name", `agencies:\n- agency: 1\n  name: ${"ñ".repeat(128)}`, "3: agency 1: name: is"],
    [
      "a misspelt key",
      entry("    certificate: []"),
      '4: agency 7: "certificate": unknown key; did you mean certificates?',
    ],
    [
      "an unknown key",
      entry("    x: []"),
      '4: agency 7: "x": unknown key; allowed: agency, name, enabled, certificates, tokens, limits',
    ],
    ["a key that is a list", entry("    ? [a]\n    : b"), "4: agency 7: has a key that is no name"],
    ["a key that is given twice", entry("    name: Ocho"), "4: agency 7: name: is given twice"],
    [
      "enabled in other words",
      entry("    enabled: yes"),
      '4: agency 7: enabled: is "yes"; allowed: true or false',
    ],
    ["enabled without a value", entry("    enabled:"), "4: agency 7: enabled: is empty"],
    [
      "a fingerprint in capitals",
      entry(`    certificates: [${A.toUpperCase()}]`),
      "4: agency 7: certificates: has something else than the SHA-256 fingerprint of a certificate, 64 lowercase hex digits without colons",
    ],
    [
      "a fingerprint outside of a list",
      entry(`    certificates: ${A}`),
      "4: agency 7: certificates: is no list",
    ],
    ["a short fingerprint", entry("    certificates: [ab]"), "4: agency 7: certificates: has"],
    [
      "three certificates",
      entry(`    certificates: [${A}, ${B}, ${C}]`),
      "4: agency 7: certificates: has 3; allowed: a list of at most 2",
    ],
    [
      "three tokens",
      entry(`    tokens:\n    - ${A}\n    - ${B}\n    - ${C}`),
      "5: agency 7: tokens: has 3; allowed: a list of at most 2",
    ],
    ["a token that is a map", entry("    tokens: [{a: b}]"), "4: agency 7: tokens: has something"],
    ["limits without keys", entry("    limits: 5"), "4: agency 7: limits: has no keys"],
    [
      "an unknown limit",
      entry("    limits: {bets: 1}"),
      '4: agency 7: limits."bets": unknown key; allowed: connections, batches_per_second',
    ],
    [
      "a limit of 0",
      entry("    limits:\n      connections: 0"),
      '5: agency 7: limits.connections: is "0"; allowed: a whole number from 1 to 1000000',
    ],
    [
      "a limit with a fraction",
      entry("    limits: {batches_per_second: 1.5}"),
      '4: agency 7: limits.batches_per_second: is "1.5"; allowed: a whole number from 1 to 1000000',
    ],
    ["a limit that is empty", entry("    limits: {connections: }"), "4: agency 7: limits.conn"],
    [
      "an agency that is listed twice",
      `${entry("")}  - agency: 7\n    name: y`,
      "4: agency 7: is listed twice, first in line 2",
    ],
    [
      "a fingerprint of two agencies",
      `${entry(`    certificates: [${A}]\n`)}  - agency: 8\n    name: y\n    certificates:\n      - ${A}`,
      "8: agency 8: certificates: agency 7 has the same in line 4; allowed: each only once in the file",
    ],
    [
      "a token of two agencies",
      `${entry(`    tokens: [${A}]\n`)}  - agency: 8\n    name: y\n    tokens: [${A}]`,
      "7: agency 8: tokens: agency 7 has the same in line 4; allowed: each only once in the file",
    ],
    [
      "a token that one agency has twice",
      entry(`    tokens: [${A}, ${A}]`),
      "4: agency 7: tokens: this agency has the same in line 4",
    ],
    ["an entry that is no map", "agencies:\n  - 17", "2: is no entry of an agency"],
    ["an empty entry", "agencies:\n  -\n", "2: is no entry of an agency"],
    ["an entry within an entry", "agencies:\n  - - agency: 1", "2: is no entry of an agency"],
    ["a list without its key", "- agency: 1\n  name: x", "1: agencies: is missing"],
    ["another key before the list", `x: 1\n${entry("")}`, '1: "x": unknown key'],
    ["another key after the list", `${entry("")}x: 1\n`, "4: is no part of the list agencies"],
    ["the list twice", `agencies:\n${entry("")}`, "2: agencies: is given twice"],
    ["a second document", `${entry("")}---\nagencies:`, "4: is no part of the list"],
    ["a list on one line", "agencies: [{agency: 1, name: x}]", "1: agencies: has a value"],
    ["a list that is text", `agencies: |\n  - agency: 1\n    name: x`, "1: agencies: has a value"],
    ["a list that has a value already", `agencies: x\n  - agency: 1`, "1: agencies: has a value"],
    ["a value with an alias", "agencies:\n- agency: 1\n  name: *x", "3: "],
    [
      "an alias of a list",
      entry(`    certificates: &x [${A}]\n    tokens: *x`),
      "5: agency 7: tokens: is no list",
    ],
    ["a tag", entry("    enabled: !secret x"), "4: is not YAML that can be used here"],
    ["broken quotes", entry('    enabled: "x'), "4: is not YAML that can be used here"],
    ["a tab as indentation", entry("\tenabled: true"), "4: is no part of the list agencies"],
    ["deep nesting", entry(`    limits: ${"[".repeat(30_000)}`), "4: is not YAML"],
    [
      "a huge entry",
      entry(`    # ${"x".repeat(70_000)}`),
      "2: an entry is too long; allowed: at most 65536 characters",
    ],
    ["a huge head", `#${"x".repeat(70_000)}\n${entry("")}`, "1: has too much before the first"],
  ];
  for (const [title, text, problem] of BAD) {
    it(`is refused with file, line and key for ${title}`, async () => {
      const [first = ""] = await problemsOf(text);
      assert.ok(first.startsWith(`${PATH}:${problem}`), first);
    });
  }

  it("is refused with all its problems, in the order of lines, but at most twenty", async () => {
    const two = await problemsOf("agencies:\n- agency: 1\n- agency: x\n  name: y\n  limits: 3\n");
    assert.deepEqual(
      two.map((problem) => problem.split(":")[1]),
      ["2", "3", "5"],
    );
    const many = await problemsOf(`agencies:\n${"- agency: 0\n".repeat(50)}`);
    assert.equal(many.length, 21);
    assert.equal(many.at(-1), `${PATH}: and more`);
  });

  it("never repeats a token that somebody wrote into it, wherever it is", async () => {
    const places = [
      `${TOKEN}: 1`,
      `agencies: ${TOKEN}`,
      `agencies: {${TOKEN}: `,
      `agencies:\n- ${TOKEN}`,
      `agencies:\n- agency: ${TOKEN}\n  name: x`,
      `agencies:\n- agency: 1\n  name: ${TOKEN}`,
      ...["certificates", "tokens", "enabled", "limits"].flatMap((key) => [
        entry(`    ${key}: ${TOKEN}`),
        entry(`    ${key}: [${TOKEN}]`),
        entry(`    ${key}: {${TOKEN}: 1}`),
        entry(`    ${key}: *${TOKEN}`),
        entry(`    ${key}: !${TOKEN} x`),
        entry(`    ${key}: "${TOKEN}`),
      ]),
      entry(`    limits: {connections: ${TOKEN}}`),
      entry(`    ${TOKEN}: x`),
      entry(`    ${TOKEN}`),
      entry(`    @${TOKEN}`),
      entry(`   ${TOKEN}`),
      `%${TOKEN}\n---\nagencies:`,
    ];
    for (const text of places) {
      const problems = (await problemsOf(text)).join("\n");
      assert.doesNotMatch(problems, /Salted/i, text);
    }
  });

  it("is read as the whole text is in YAML, however it is written", async () => {
    const hex = fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((bytes) => Buffer.from(bytes).toString("hex"));
    const proofs = fc.array(hex, { maxLength: 2 });
    // Also names that look like YAML, such as "- x" or "a: b # c".
    const names = fc
      .array(fc.constantFrom("a", "Ñ", "- ", "#", ": ", " ", "'", '"', "|", ">", "\\", "{", "]"), {
        minLength: 1,
        maxLength: 40,
      })
      .map((parts) => `x${parts.join("")}`);
    const limit = fc.integer({ min: 1, max: 1000 });
    const entries = fc.uniqueArray(
      fc.record(
        {
          agency: fc.integer({ min: 1, max: 4294967295 }),
          name: names,
          enabled: fc.boolean(),
          certificates: proofs,
          tokens: proofs,
          limits: fc.record(
            { connections: limit, batches_per_second: limit },
            { requiredKeys: [] },
          ),
        },
        { requiredKeys: ["agency", "name"] },
      ),
      { selector: ({ agency }) => agency, minLength: 1, maxLength: 6 },
    );
    const style = fc.record({
      indent: fc.integer({ min: 1, max: 6 }),
      indentSeq: fc.boolean(),
      lineWidth: fc.constantFrom(0, 20, 80),
      defaultStringType: fc.constantFrom<("PLAIN" | "QUOTE_DOUBLE" | "BLOCK_FOLDED")[]>(
        "PLAIN",
        "QUOTE_DOUBLE",
        "BLOCK_FOLDED",
      ),
      defaultKeyType: fc.constant("PLAIN" as const),
      crlf: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(entries, style, async (agencies, { crlf, ...style }) => {
        const written = stringify({ agencies }, style);
        const text = crlf ? written.replaceAll("\n", "\r\n") : written;
        const whole: unknown[] = parse(text, { schema: "failsafe" }).agencies;
        assert.equal(cutAgencies(text).pieces.length, whole.length);
        const expected = (whole as Record<string, unknown>[]).map((one) => ({
          agency: Number(one["agency"]),
          name: one["name"],
          enabled: one["enabled"] !== "false",
          certificates: one["certificates"] ?? [],
          tokens: one["tokens"] ?? [],
          limits: Object.fromEntries(
            Object.entries(one["limits"] ?? {}).map(([key, value]) => [
              key === "connections" ? key : "batchesPerSecond",
              Number(value),
            ]),
          ),
        }));
        assert.deepEqual(await read(text), expected);
      }),
    );
  });

  it("is read or refused by line, whatever text it is", async () => {
    const unit = fc.constantFrom(
      ..."a:- \n#[]{}&*!\"'|>%?\t\r".split(""),
      "\n  - agency: 1",
      "\n    name: x",
      "agencies:",
    );
    await fc.assert(
      fc.asyncProperty(fc.string({ unit, maxLength: 30 }), async (text) => {
        const { head, pieces } = cutAgencies(text);
        assert.equal(head + pieces.map((piece) => piece.text).join(""), text);
        const lines = text.split("\n").length;
        try {
          await readAgencyDirectory(PATH, text);
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error;
          for (const problem of error.problems) {
            const line = Number(problem.split(":")[1]);
            assert.ok((line >= 1 && line <= lines) || problem.endsWith("and more"), problem);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it("has at most 100,000 agencies", async () => {
    const [problem = ""] = await problemsOf(`agencies:\n${"-\n".repeat(AGENCIES_MAX + 1)}`);
    assert.match(problem, /^agencies\.yaml:100002: agencies: has 100001 entries; allowed: at most/);
  });

  it("leaves other work its turns while a long list is read", async () => {
    const entries = Array.from({ length: 2000 }, (_, index) => `- agency: ${index + 1}\n  name: x`);
    let turns = 0;
    let reading = true;
    const count = (): void => {
      turns++;
      if (reading) setImmediate(count);
    };
    setImmediate(count);
    const directory = await readAgencyDirectory(PATH, `agencies:\n${entries.join("\n")}`);
    reading = false;
    assert.equal(directory.size, 2000);
    assert.ok(turns >= 60, `${turns} turns`);
  });
});

describe("loadAgencyDirectory", () => {
  it("reads a file, also through a link", async (t) => {
    const dir = await tempDir(t);
    await writeFile(join(dir, "real.yaml"), "\uFEFFagencies:\n  - agency: 5\n    name: Cinco\n");
    await symlink("real.yaml", join(dir, "link.yaml"));
    assert.equal((await loadAgencyDirectory(join(dir, "link.yaml"))).find(5)?.name, "Cinco");
  });

  it("says which file it cannot read, and why", async (t) => {
    const dir = await tempDir(t);
    await mkdir(join(dir, "folder"));
    await writeFile(join(dir, "latin1"), Buffer.from("agencies: # \xf1", "latin1"));
    for (const [name, reason] of [
      ["missing", "there is no such file"],
      ["folder", "it is a folder, not a file"],
      ["latin1", "it is not UTF-8"],
    ] as const) {
      const path = join(dir, name);
      await assert.rejects(loadAgencyDirectory(path), {
        code: "CONFIG_UNREADABLE",
        problems: [`${path}: ${reason}`],
      });
    }
  });

  it("refuses a file whose last line has no end: the rest may be missing", async (t) => {
    const path = join(await tempDir(t), "agencies.yaml");
    const text = entry(`    tokens: ["${A}"]\n`);
    await writeFile(path, text);
    assert.equal((await loadAgencyDirectory(path)).size, 1);
    for (const end of [text.length - 1, text.length - 10, text.indexOf("name") + 6]) {
      await writeFile(path, text.slice(0, end));
      await assert.rejects(loadAgencyDirectory(path), {
        code: "CONFIG_INVALID",
        message: /agencies\.yaml:\d: the last line has no end/,
      });
    }
  });

  it("is read again when it is written meanwhile, and refused while that goes on", async (t) => {
    const path = join(await tempDir(t), "agencies.yaml");
    const text = entry(`    tokens: ["${A}"]\n`);
    await writeFile(path, text);
    const once = changing((looks) => looks === 2);
    assert.equal((await loadAgencyDirectory(path, once)).size, 1);
    await assert.rejects(
      loadAgencyDirectory(
        path,
        changing(() => true),
      ),
      { code: "CONFIG_UNREADABLE", message: /is being written; try again when it is whole/ },
    );
  });

  it("refuses a file of more than 64 MiB", async (t) => {
    const path = join(await tempDir(t), "large.yaml");
    await writeFile(path, "agencies:\n");
    await truncate(path, AGENCIES_FILE_BYTES_MAX + 1);
    await assert.rejects(loadAgencyDirectory(path), {
      code: "CONFIG_INVALID",
      problems: [`${path}: is too large; allowed: at most 67108864 bytes`],
    });
  });
});
