import assert from "node:assert/strict";
import { it } from "node:test";
import * as fc from "fast-check";
import ini from "ini";
import { readIni } from "../../src/config/read-ini.ts";

const keys = fc.stringMatching(/^[A-Z][A-Z_]{0,10}$/);
const values = fc.oneof(
  fc.string().filter((text) => !/[\r\n]/.test(text)),
  fc.string({ unit: fc.constantFrom("a", "1", "=", ";", "#", "\\", '"', "'", " ", "[", "é") }),
);

it("reads a sound file as the library does, and knows where things stand", () => {
  fc.assert(
    fc.property(fc.dictionary(keys, values), (settings) => {
      const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}`);
      const text = ["[DEFAULT]", ...lines].join("\n");
      const { entries, problems } = readIni(text);
      assert.deepEqual(problems, []);
      const read = ini.parse(text)["DEFAULT"] as Record<string, unknown>;
      assert.deepEqual(
        entries,
        Object.entries(read).map(([key, value], index) => ({
          key,
          text: typeof value === "string" ? value : JSON.stringify(value),
          line: index + 2,
        })),
      );
    }),
  );
});

it("makes something of any text", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("[", "]", "=", ";", "\n", "\r", " ", "A") }),
      (text) => {
        const { entries, problems } = readIni(text);
        const lines = text.split(/\r\n|\r|\n/).length;
        assert.ok([...entries, ...problems].every(({ line }) => line >= 1 && line <= lines));
      },
    ),
  );
});
