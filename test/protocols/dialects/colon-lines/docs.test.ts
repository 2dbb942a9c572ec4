import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ANSWER_BYTES_MAX,
  CENTRAL_TYPES,
  CLIENT_TYPES,
  QUESTION_PAUSE_MS,
  SENDER_DIGITS_MAX,
  SINGLE_BET_PAUSE_MS,
} from "../../../../src/protocols/dialects/colon-lines/wire.ts";
import { PART_BYTES_MAX } from "../../../../src/limits.ts";
import { docPage } from "../../doc-page.ts";
import { WatchedDesk } from "../../watched-desk.ts";
import { serve } from "./served.ts";

const page = docPage("colon-lines");

/** The lines of the page's block, `>` or `<` and their bytes. */
function block(language: string, read: (line: string) => Buffer): [string, string][] {
  const [, text = ""] = new RegExp(`^\`\`\`${language}\n([^\`]*)\`\`\`$`, "m").exec(page) ?? [];
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => [line.slice(0, 1), read(line.slice(2)).toString()]);
}

const hex = block("hex", (line) => Buffer.from(line.replaceAll(" ", ""), "hex"));
const text = block("text", (line) => Buffer.from(line.replaceAll("␊", "\n").replaceAll("␍", "\r")));

describe("docs/protocols/colon-lines.md", () => {
  it("shows a conversation that our central has so", async () => {
    const served = serve(new WatchedDesk(1));
    const heard: [string, string][] = [];
    for (const [side, bytes] of hex) {
      if (side === "<") continue;
      heard.push([side, bytes]);
      const answer = await served.say(bytes);
      if (answer !== "") heard.push(["<", answer]);
    }
    assert.ok(hex.length > 0);
    assert.deepEqual(heard, hex);
  });

  it("shows the same conversation as text", () => {
    const joined = ([, ...turns]: [string, string][], bytes = hex[0]?.[1] ?? "") => [
      bytes + (turns[0]?.[1] ?? ""),
      ...turns.slice(1).map(([, line]) => line),
    ];
    assert.deepEqual(
      text.map(([, line]) => line),
      joined(hex),
    );
  });

  it("has a row for every type", () => {
    for (const type of Object.values(CLIENT_TYPES)) {
      assert.ok(page.includes(`\n| agency | \`<agency>:${type}`), type);
    }
    for (const type of Object.values(CENTRAL_TYPES)) {
      assert.ok(page.includes(`\n| central | \`server:${type}`), type);
    }
  });

  it("tells the limits that the code has", () => {
    assert.equal(SINGLE_BET_PAUSE_MS, 1000);
    assert.ok(page.includes("for 1,000 ms"));
    assert.equal(QUESTION_PAUSE_MS, 1000);
    assert.ok(page.includes("asks again after 1,000 ms"));
    assert.equal(ANSWER_BYTES_MAX, 16 * 2 ** 20);
    assert.ok(page.includes("up to 16 MiB"));
    assert.equal(PART_BYTES_MAX, 64 * 2 ** 10);
    assert.ok(page.includes("beyond 64 KiB"));
    assert.ok(page.includes(`1 to ${SENDER_DIGITS_MAX} digits`));
  });
});
