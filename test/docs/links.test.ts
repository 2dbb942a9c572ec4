import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, it } from "node:test";
import { root } from "../support/paths.ts";

const LEFT_OUT = ["node_modules", "dist", ".git"];

function pages(dir = ""): string[] {
  return readdirSync(join(root, dir), { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return LEFT_OUT.includes(entry.name) ? [] : pages(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}

/** Every file of the repository that a page names, as a link or as a path in code. */
function named(page: string): string[] {
  const text = readFileSync(join(root, page), "utf8");
  const links = [...text.matchAll(/\]\(([^)#\s]+)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => normalize(join(dirname(page), target)));
  const paths = [...text.matchAll(/`((?:src|test|bench|scripts|examples)\/[\w./-]+)`/g)];
  return [...links, ...paths.map(([, path = ""]) => path)];
}

describe("the pages", () => {
  for (const page of pages()) {
    it(`name only files that exist: ${page}`, () => {
      const missing = named(page).filter((path) => !existsSync(join(root, path)));
      assert.deepEqual(missing, []);
    });
  }
});
