import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ACT, BATCH, SEGMENT_BYTES, TOLD } from "../../../src/stores/ledger/layout.ts";
import { encodeRecord, parseRecord, recordBytes } from "../../../src/stores/ledger/record.ts";
import { encodeSegmentHeader } from "../../../src/stores/ledger/segment-image.ts";
import type { AgencyId } from "../../../src/lottery/bet.ts";
import { FIRST_HEAD, nextHead } from "../../../src/lottery/chain.ts";
import { encodeAct } from "../../../src/lottery/act.ts";
import { sealOf } from "../../../src/lottery/seal.ts";
import { root } from "../../support/paths.ts";

const doc = readFileSync(join(root, "docs", "ledger.md"), "utf8");

/** The hex digits of the block that follows the named comment. */
function example(name: string): Buffer {
  const block = new RegExp(`<!-- example: ${name} -->\n\`\`\`text\n([^\`]+)\`\`\``).exec(doc);
  assert.ok(block?.[1] !== undefined, `docs/ledger.md has an example "${name}"`);
  return Buffer.from(block[1].replaceAll(/\s/g, ""), "hex");
}

describe("docs/ledger.md", () => {
  it("shows the segment header that is written", () => {
    assert.deepEqual(example("header"), encodeSegmentHeader(1, SEGMENT_BYTES));
  });

  it("shows the record that is written, and read back", () => {
    const body = Buffer.from("1,Santiago Lionel,Lorca,30904465,1999-03-17,7574\r\n");
    const head = nextHead(FIRST_HEAD, 1, 1, body);
    const numbers = { groupOffset: 0, agency: 1, group: 1, sequence: 1, count: 1 };
    const bytes = Buffer.alloc(recordBytes(body.length));
    encodeRecord({ kind: BATCH, ...numbers, head, body }, bytes, 0);
    assert.deepEqual(example("record"), bytes);

    const seal = sealOf({
      draw: "1",
      agencies: [{ agency: 1 as AgencyId, batches: 1, bets: 1, head, closedOut: false }],
      acts: { count: 0, head: FIRST_HEAD },
    });
    const told = Buffer.alloc(recordBytes(0));
    const nothing = { agency: 0, sequence: 0, count: 0, body: Buffer.alloc(0) };
    encodeRecord({ kind: TOLD, groupOffset: 0, group: 4, head: seal, ...nothing }, told, 0);
    assert.deepEqual(example("told"), told);

    const text = encodeAct({
      deed: { kind: "close" },
      atMs: Date.UTC(2026, 11, 1, 21),
      by: "ana",
      reason: "agency 2 has no power",
    });
    const act = Buffer.alloc(recordBytes(text.length));
    const first = { agency: 0, sequence: 1, count: 0, body: text };
    const actsHead = nextHead(FIRST_HEAD, 1, 0, text);
    encodeRecord({ kind: ACT, groupOffset: 0, group: 3, head: actsHead, ...first }, act, 0);
    assert.deepEqual(example("act"), act);

    const parsed = parseRecord(example("record"), 0);
    assert.equal(parsed.kind, "record");
    assert.deepEqual(parsed.kind === "record" && parsed.record.body, body);
  });
});
