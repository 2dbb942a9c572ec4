import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeAgency, tlvMeasure } from "../../../../src/protocols/dialects/tlv/encode.ts";
import {
  ASK_AGAIN_MS,
  BATCH_REFUSED_TEXT,
  CODES,
  PIECE_BYTES_MAX,
  UNKNOWN_AGENCY_TEXT,
} from "../../../../src/protocols/dialects/tlv/wire.ts";
import { bytesBelow, docPage } from "../../doc-page.ts";
import { WatchedDesk } from "../../watched-desk.ts";
import { serve } from "./served.ts";
import { bet } from "../../plain-bets.ts";

const page = docPage("tlv");

const shown = (heading: string): Buffer => bytesBelow(page, heading);

const PLAYED = bet({
  firstName: "Ñandú",
  lastName: "Peña",
  document: "05123456",
  birthdate: "1988-02-29",
});

describe("docs/protocols/tlv.md", () => {
  it("shows what an agency sends", () => {
    const batch = encodeAgency({ kind: "batch", bets: [PLAYED] });
    assert.deepEqual(shown("A batch"), batch);
    assert.equal(batch.length, tlvMeasure.overheadBytes + tlvMeasure.betBytes(PLAYED, 0, 0));
    assert.deepEqual(shown("All sent"), encodeAgency({ kind: "done", agency: 1 }));
    assert.deepEqual(shown("The question"), encodeAgency({ kind: "question", agency: 1 }));
  });

  it("shows what a central answers", async () => {
    const served = serve(new WatchedDesk(1));
    for (const [asked, answered] of [
      ["The question", "Not yet"],
      ["A batch", "It is stored"],
      ["All sent", "It is recorded"],
      ["The question", "The winners"],
    ] as const) {
      assert.deepEqual(await served.say(shown(asked)), [shown(answered).toString("hex")], answered);
    }
    const late = encodeAgency({ kind: "batch", bets: [bet()] });
    assert.deepEqual(await served.say(late), [shown("Refused").toString("hex")]);
    assert.ok(shown("Refused").includes(BATCH_REFUSED_TEXT));
  });

  it("lists every code", () => {
    for (const code of Object.values(CODES))
      assert.match(page, new RegExp(`^\\| ${code} \\|`, "m"));
  });

  it("tells the constants that the code has", () => {
    assert.equal(PIECE_BYTES_MAX, 8192);
    assert.equal(ASK_AGAIN_MS, 1000);
    assert.ok(page.includes(`the text \`${UNKNOWN_AGENCY_TEXT}\``));
  });
});
