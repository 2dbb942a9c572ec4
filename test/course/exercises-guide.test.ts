import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { root } from "../support/paths.ts";

const docs = join(root, "docs");
const guide = readFileSync(join(docs, "exercises.md"), "utf8");

describe("docs/exercises.md", () => {
  it("names code and tests that exist", () => {
    const named = [...guide.matchAll(/`((?:src|test)\/[^`\s]*)`/g)].map(([, path = ""]) => path);
    assert.ok(named.length > 10);
    assert.deepEqual(
      named.filter((path) => !existsSync(join(root, path))),
      [],
    );
  });

  it("links to files that exist, and to headings of its own", () => {
    const targets = [...guide.matchAll(/\]\(([^)]+)\)/g)].map(([, target = ""]) => target);
    const headings = [...guide.matchAll(/^##+ (.+)$/gm)].map(([, heading = ""]) =>
      anchorOf(heading),
    );
    const dead = targets.filter((target) =>
      target.startsWith("#")
        ? !headings.includes(target.slice(1))
        : !existsSync(join(docs, target.replace(/#.*/, ""))),
    );
    assert.deepEqual(dead, []);
  });
});

/** The anchor of a heading, as GitHub makes it. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} -]/gu, "")
    .replaceAll(" ", "-");
}
