import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../support/paths.ts";

/** The page of a dialect's bytes. */
export function docPage(dialect: string): string {
  return readFileSync(join(root, "docs/protocols", `${dialect}.md`), "utf8");
}

/** The bytes of the block below a heading of a page. */
export function bytesBelow(page: string, heading: string): Buffer {
  const [, text = assert.fail(heading)] =
    new RegExp(`^#### ${heading}\\n\\n\`\`\`hex\\n([^\`]*)\`\`\`$`, "m").exec(page) ?? [];
  return Buffer.from(text.replaceAll(/#.*$/gm, "").replaceAll(/\s/g, ""), "hex");
}
