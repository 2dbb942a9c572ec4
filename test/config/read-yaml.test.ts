import assert from "node:assert/strict";
import { it } from "node:test";
import * as fc from "fast-check";
import { stringify } from "yaml";
import { readYaml } from "../../src/config/read-yaml.ts";

const names = fc.stringMatching(/^[a-z][A-Za-z]{0,8}$/);
const values = fc.oneof(fc.string(), fc.integer(), fc.boolean());

it("readYaml reads everything that the library writes as flat text, section by section", () => {
  fc.assert(
    fc.property(fc.dictionary(names, fc.dictionary(names, values, { minKeys: 1 })), (sections) => {
      const { entries, problems } = readYaml(stringify(sections));
      assert.deepEqual(problems, []);
      assert.deepEqual(
        entries.map(({ key, text }) => [key, text]),
        Object.entries(sections).flatMap(([section, settings]) =>
          Object.entries(settings).map(([key, value]) => [`${section}.${key}`, String(value)]),
        ),
      );
    }),
  );
});

it("readYaml reads or refuses any text", () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom(
          "a",
          ":",
          " ",
          "\n",
          "-",
          "{",
          "}",
          "[",
          "&",
          "*",
          "!",
          '"',
          "?",
          "|",
          "%",
          "\t",
        ),
      }),
      (text) => {
        const { entries, problems } = readYaml(text);
        const lines = text.split("\n").length;
        assert.ok([...entries, ...problems].every(({ line }) => line >= 1 && line <= lines));
      },
    ),
    { numRuns: 500 },
  );
});
