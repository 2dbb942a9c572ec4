import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { it } from "node:test";
import { root } from "../support/paths.ts";

/** The entries of the checker; everything that they import counts. */
const ENTRIES = ["check-evidence.ts", "read-draw-files.ts", "read-ledger.ts", "find-markers.ts"];

/** The modules of Node that reading, counting and hashing need. */
const NODE = [
  "node:assert/strict",
  "node:buffer",
  "node:crypto",
  "node:fs",
  "node:path",
  "node:zlib",
];

it("the checker imports nothing from the programs that it checks", () => {
  const folder = join(root, "test", "checker");
  const files = ENTRIES.map((name) => join(folder, name));
  const others = new Set<string>();
  for (const file of files) {
    for (const specifier of importsOf(readFileSync(file, "utf8"))) {
      if (!specifier.startsWith(".")) {
        others.add(specifier);
        continue;
      }
      const imported = join(dirname(file), specifier);
      assert.equal(dirname(imported), folder, `${relative(root, file)} imports ${specifier}`);
      if (!files.includes(imported)) files.push(imported);
    }
  }
  assert.deepEqual([...others].toSorted(), NODE);
  assert.ok(files.length > 12);
});

it("an import is found in every form", () => {
  const text = `
import one from "./one.ts";
import {
  two,
} from "./two.ts";
import type { Three } from '../three.ts';
export * from "./four.ts";
export { five } from "./five.ts";
const six = await import("./six.ts");
import "./seven.ts";
const eight = require("./eight.cjs");`;
  assert.deepEqual(
    importsOf(text).map((specifier) => /\w+(?=\.c?[jt]s$)/.exec(specifier)?.[0]),
    ["one", "two", "three", "four", "five", "six", "seven", "eight"],
  );
});

function importsOf(text: string): string[] {
  const found = text.matchAll(/(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*["']([^"']+)["']/g);
  return Array.from(found, ([, specifier = ""]) => specifier);
}
