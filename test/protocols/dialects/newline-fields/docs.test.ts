import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ANSWER_BYTES_MAX,
  ASK_AGAIN_MS,
  NOTED_TEXT,
  STORED_TEXT,
  UNREADABLE_TEXT,
} from "../../../../src/protocols/dialects/newline-fields/wire.ts";
import { PART_BYTES_MAX } from "../../../../src/limits.ts";
import { docPage } from "../../doc-page.ts";
import { WatchedDesk } from "../../watched-desk.ts";
import { serve } from "./served.ts";

const page = docPage("newline-fields");

interface Said {
  readonly by: string;
  readonly bytes: Buffer;
}

/** The example's turns: lines of the same side in a row are one message. */
function turnsOf(block: string, read: (line: string) => Buffer): Said[] {
  const text = new RegExp(`\`\`\`${block}\\n([^\`]*)\`\`\``).exec(page)?.[1] ?? assert.fail(block);
  const turns: Said[] = [];
  for (const line of text.trimEnd().split("\n")) {
    const by = line.slice(0, 1);
    const bytes = read(line.slice(2));
    const last = turns.at(-1);
    if (last?.by === by) turns.splice(-1, 1, { by, bytes: Buffer.concat([last.bytes, bytes]) });
    else turns.push({ by, bytes });
  }
  return turns;
}

const inHex = turnsOf("hex", (line) => Buffer.from(line.replaceAll(" ", ""), "hex"));
const inText = turnsOf("text", (line) => Buffer.from(line.replaceAll("␊", "\n")));

describe("docs/protocols/newline-fields.md", () => {
  it("shows the same example in bytes and as text", () => {
    assert.deepEqual(inHex, inText);
    assert.equal(inHex.length, 6);
  });

  it("shows an example that our central answers so", async () => {
    const desk = new WatchedDesk(1);
    const served = serve(desk);
    for (const [index, { by, bytes }] of inHex.entries()) {
      if (by === "<") continue;
      assert.deepEqual(await served.say(bytes), [inHex[index + 1]?.bytes.toString()]);
    }
    assert.equal(served.ended, true);
    assert.equal(
      desk.lines,
      "1,Ana,Paz,30000001,1990-01-31,7574\r\n1,Zoë,Peña,05123456,2000-02-29,42\r\n",
    );
  });

  it("tells the texts and limits that the code has", () => {
    for (const text of [STORED_TEXT, NOTED_TEXT, UNREADABLE_TEXT]) {
      assert.ok(page.includes(`| central | \`${text}\` LF LF |`), text);
    }
    assert.equal(PART_BYTES_MAX, 64 * 1024);
    assert.ok(page.includes("winners beyond 64 KiB leave in parts"));
    assert.equal(ANSWER_BYTES_MAX, 16 * 1024 * 1024);
    assert.ok(page.includes("Answers are taken up to 16 MiB"));
    assert.equal(ASK_AGAIN_MS, 1000);
    assert.ok(page.includes("asks again after 1,000 ms"));
  });
});
