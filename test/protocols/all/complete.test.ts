import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { describe, it } from "node:test";
import { AGENCY_DIALERS, DIALECTS } from "../../../src/protocols/dialects.ts";
import { root } from "../../support/paths.ts";
import { BEHAVIOURS, type SpokenBets } from "../spoken.ts";
import { BETTING, SPOKEN, VERSIONS } from "./spoken.ts";

// What a new dialect needs, said by failures: a folder, a line in src/protocols/dialects.ts, and an entry in
// the table of the tests.

/** An agency's usual one, and a mode of the whole central: those two have a meaning of their own. */
const NAMED_ELSEWHERE = ["native", "echo"];

/** The dialects themselves, and the load generator's part for each of them. */
const DIALECTS_OWN = [`protocols${sep}`, `load${sep}drivers${sep}`];

const TABLE = "test/protocols/all/spoken.ts";

/** Fails with all that is missing, a sentence each. */
function assertNothingMissing(missing: readonly (string | false)[]): void {
  const said = missing.filter((each) => each !== false);
  assert.ok(said.length === 0, said.join("\n"));
}

function foldersOf(path: string): string[] {
  const entries = readdirSync(join(root, path), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

it("no dialect's name appears outside the protocols", () => {
  const src = join(root, "src");
  const names = DIALECTS.map(({ name }) => name).filter((name) => !NAMED_ELSEWHERE.includes(name));
  const places = readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .filter((file) => !DIALECTS_OWN.some((folder) => file.startsWith(folder)))
    .flatMap((file) => {
      const source = readFileSync(join(src, file), "utf8");
      return names
        .filter((name) => new RegExp(`\\b${name}\\b`).test(source))
        .map((name) => `${file} names ${name}`);
    });
  assert.deepEqual(places, []);
});

describe("a dialect is complete", () => {
  it("when its folder has a line in the list of dialects", () => {
    const names = DIALECTS.map(({ name }) => name);
    assertNothingMissing(
      foldersOf("src/protocols/dialects").map(
        (folder) =>
          !names.includes(folder) &&
          `the folder src/protocols/dialects/${folder} is in no list: add its dialect to DIALECTS in src/protocols/dialects.ts, under the name '${folder}'`,
      ),
    );
  });

  it("when it has an entry in the table of the tests", () => {
    const names = SPOKEN.map(({ dialect }) => dialect.name);
    assertNothingMissing([
      ...DIALECTS.map(
        ({ name }) =>
          !names.includes(name) &&
          `dialect '${name}' has no entry in ${TABLE}: write test/protocols/dialects/${name}/spoken.ts, which says how it is spoken, and add it to SPOKEN`,
      ),
      ...names.map(
        (name) =>
          !DIALECTS.some((dialect) => dialect.name === name) &&
          `'${name}' of ${TABLE} is no dialect: add it to DIALECTS in src/protocols/dialects.ts`,
      ),
    ]);
    assert.equal(new Set(names).size, names.length, `a dialect is in ${TABLE} twice`);
  });

  it("when its entry knows all versions that an agency can speak, and no others", () => {
    const known = VERSIONS.map(({ name }) => name);
    const spoken = [...AGENCY_DIALERS.keys()];
    assertNothingMissing([
      ...spoken.map(
        (name) =>
          !known.includes(name) &&
          `an agency can speak '${name}', which is not in the tests: add it to 'dialers' in test/protocols/dialects/${name.split("/")[0]}/spoken.ts`,
      ),
      ...known.map(
        (name) => !spoken.includes(name) && `no agency can speak '${name}' of the tests' 'dialers'`,
      ),
    ]);
    for (const { name, dialer } of VERSIONS) {
      assert.equal(dialer.drawless === true, AGENCY_DIALERS.get(name)?.drawless === true, name);
    }
  });

  for (const { dialect, openings, bets } of SPOKEN) {
    it(`when its entry says enough of it: ${dialect.name}`, () => {
      assertNothingMissing([
        Object.keys(openings).length === 0 &&
          `${dialect.name} has no 'openings': how do its connections begin?`,
        ...(typeof bets === "string"
          ? [bets === "" && `${dialect.name} takes no bets, and does not say why`]
          : lackingIn(dialect.name, bets)),
      ]);
    });
  }

  it("when what it lacks has a reason in words", () => {
    for (const { name, lacks } of BETTING) {
      for (const [behaviour, reason] of Object.entries(lacks)) {
        assert.ok(behaviour in BEHAVIOURS, `${name} lacks '${behaviour}', which nobody tests`);
        assert.ok(reason.includes(" "), `${name} lacks '${behaviour}', and does not say why`);
      }
    }
  });
});

/** What an entry leaves out without a reason. */
function lackingIn(name: string, bets: SpokenBets): (string | false)[] {
  const { lacks, manners } = bets;
  const speaker = bets.speak();
  const unless = (behaviour: keyof typeof BEHAVIOURS, there: boolean, what: string) =>
    !there &&
    lacks[behaviour] === undefined &&
    `${name} has no ${what}: add it, or say in 'lacks.${behaviour}' why it cannot be that ${BEHAVIOURS[behaviour]}`;
  const sides = ["agency", "central"] as const;
  return [
    ...sides.map(
      (side) =>
        !bets.decoders.some(({ by }) => by === side) &&
        `${name} has no decoder of what ${side === "agency" ? "agencies send" : "the central sends"} in 'decoders'`,
    ),
    bets.dialers[""] === undefined &&
      `${name} has no dialer of its final version, "", in 'dialers'`,
    bets.refused.length === 0 && `${name} has no batch in 'refused': what is a bad bet in it?`,
    bets.violations.length === 0 &&
      `${name} has nothing in 'violations': what is no message of it?`,
    bets.oddBets.length === 0 && `${name} has none of 'oddBets': whose names have marks in them`,
    unless("done", speaker.done !== undefined, "'done' in what 'speak' gives"),
    unless("question", speaker.question !== undefined, "'question' in what 'speak' gives"),
    unless("places", manners.firstPlace !== undefined, "'firstPlace' in 'manners'"),
    unless("wholeWinners", bets.winners !== undefined, "'winners'"),
  ];
}
