import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CENTRAL_TYPES,
  CLIENT_TYPES,
  EARLY_MESSAGES_MAX,
  ERROR_CODES,
  FRAME_BYTES_MAX,
  WINDOW,
} from "../../../../src/protocols/dialects/native/wire.ts";
import { docPage } from "../../doc-page.ts";
import { conversationText, vectors } from "./golden.ts";

const page = docPage("native");

describe("docs/protocols/native.md", () => {
  it("shows every golden vector as it is, and no others", () => {
    const shown = [...page.matchAll(/^#### `([a-z-]+)`\n\n```hex\n([^`]*)```$/gm)].map(
      ([, name = "", text]) => [name, text] as const,
    );
    assert.equal(shown.length, vectors.length);
    assert.deepEqual(
      Object.fromEntries(shown),
      Object.fromEntries(vectors.map(({ name, text }) => [name, text])),
    );
  });

  it("shows the golden conversation as it is", () => {
    assert.ok(page.includes(`\`\`\`text\n${conversationText}\`\`\``));
  });

  it("has a section for every type, under its code", () => {
    for (const [name, type] of Object.entries({ ...CLIENT_TYPES, ...CENTRAL_TYPES })) {
      const code = type.toString(16).padStart(2, "0");
      assert.ok(page.includes(`\n### \`${code}\` ${name.toUpperCase()}\n`), name);
    }
  });

  it("lists every error code", () => {
    for (const [code, name] of ERROR_CODES.entries()) {
      if (name !== undefined) assert.ok(page.includes(`\n| ${code} | ${name} |`), name);
    }
  });

  it("tells the limits that the code has", () => {
    assert.equal(FRAME_BYTES_MAX, 8192);
    assert.ok(page.includes("at most 8,192 bytes"));
    assert.ok(page.includes(`this central: ${WINDOW} |`));
    assert.ok(page.includes(`keeps up to ${EARLY_MESSAGES_MAX} messages`));
  });
});
