import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ledgerSize } from "../../bench/measure/flushes.ts";
import { openLedger } from "../../src/stores/ledger/ledger.ts";
import { drawDirectory } from "../../src/stores/ledger/draw-directory.ts";
import { SEGMENT_HEADER_BYTES } from "../../src/stores/ledger/layout.ts";
import { recordBytes } from "../../src/stores/ledger/record.ts";
import { agencyId } from "../../src/lottery/bet.ts";
import { tempDir } from "../support/temp-dir.ts";

const LINES = Buffer.from("1,Santiago Lionel,Lorca,30904465,1999-03-17,7574\r\n");

describe("the size of a ledger", () => {
  it("is read from its files while it is written", async (t) => {
    const dir = await tempDir(t);
    const store = await openLedger({
      dir,
      draw: "1",
      winningNumber: 7574,
      agencies: 1,
      onFailure: (error) => assert.fail(error),
    });
    t.after(() => store.close());
    const agency = agencyId(1);
    assert.ok(agency !== undefined);
    const drawDir = drawDirectory(dir, "1");
    assert.deepEqual(ledgerSize(drawDir), { flushes: 0, bytes: 0 });
    for (let sequence = 1; sequence <= 3; sequence++) {
      await new Promise((resolve) =>
        store.submit({ agency, sequence, count: 1, lines: LINES }, resolve),
      );
      // Each batch was answered before the next one came, so each had its own flush.
      const bytes = SEGMENT_HEADER_BYTES + sequence * recordBytes(LINES.length);
      assert.deepEqual(ledgerSize(drawDir), { flushes: sequence, bytes });
    }
  });
});
