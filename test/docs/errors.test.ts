import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { root } from "../support/paths.ts";

/** The members of every `type …ErrorCode = "A" | "B"` in the sources. */
function errorCodes(): Set<string> {
  const codes = new Set<string>();
  for (const name of readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".ts")) continue;
    const source = readFileSync(join(root, "src", name), "utf8");
    for (const [, members = ""] of source.matchAll(/type \w+ErrorCode =([\s\S]*?");$/gm)) {
      for (const [, code = ""] of members.matchAll(/\| "([A-Z_]+)"/g)) codes.add(code);
    }
  }
  return codes;
}

it("docs/errors.md lists every error code, and no other", () => {
  const doc = readFileSync(join(root, "docs", "errors.md"), "utf8");
  const listed = new Set([...doc.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code));
  assert.deepEqual(listed, errorCodes());
});
