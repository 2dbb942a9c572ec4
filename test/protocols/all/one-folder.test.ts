import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { it } from "node:test";
import { AGENCY_DIALERS, DIALECTS } from "../../../src/protocols/dialects.ts";
import { root } from "../../support/paths.ts";
import { DECODERS } from "./decoders.ts";
import { OPENINGS } from "./first-bytes.ts";

/** An agency's usual one, and a mode of the whole central: those two have a meaning of their own. */
const NAMED_ELSEWHERE = ["native", "echo"];

/** The dialects themselves, and the load generator's part for each of them. */
const DIALECTS_OWN = [`protocols${sep}`, `load${sep}drivers${sep}`];

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

it("every dialect has its part in the tests of all of them", () => {
  for (const { name } of DIALECTS) {
    assert.ok(
      OPENINGS.some(({ dialect }) => dialect === name),
      `no opening of ${name}`,
    );
  }
  for (const name of AGENCY_DIALERS.keys()) {
    const sides = DECODERS.filter(({ dialect }) => dialect === name.split("/")[0]);
    assert.deepEqual([...new Set(sides.map(({ by }) => by))].toSorted(), ["agency", "central"]);
  }
});
