import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  encodeAgency,
  encodeCentral,
  md5FramesMeasure,
} from "../../../../src/protocols/dialects/md5-frames/encode.ts";
import { ASK_AGAIN_MS, TYPES } from "../../../../src/protocols/dialects/md5-frames/wire.ts";
import { bytesBelow, docPage } from "../../doc-page.ts";
import { WatchedDesk } from "../../watched-desk.ts";
import { identifierIn } from "./codec.ts";
import { serve } from "./served.ts";
import { bet } from "../../plain-bets.ts";

const page = docPage("md5-frames");

const shown = (heading: string): Buffer => bytesBelow(page, heading);

const PLAYED = [
  bet({
    firstName: "Ñandú",
    lastName: "Peña",
    document: "05123456",
    birthdate: "1988-02-29",
  }),
  bet({ firstName: "Luz", lastName: "", number: 42 }),
];

describe("docs/protocols/md5-frames.md", () => {
  it("shows what an agency sends", () => {
    const batch = encodeAgency({ kind: "batch", bets: PLAYED });
    assert.deepEqual(shown("A batch"), batch);
    const bytes = PLAYED.map((each, index) => md5FramesMeasure.betBytes(each, 0, index));
    assert.equal(
      batch.length,
      bytes.reduce((sum, each) => sum + each, md5FramesMeasure.overheadBytes),
    );
    assert.deepEqual(shown("All sent"), encodeAgency({ kind: "done", agency: 1 }));
    assert.deepEqual(shown("The question"), encodeAgency({ kind: "question", agency: 1 }));
  });

  it("shows what a central answers", async () => {
    const served = serve(new WatchedDesk(1));
    for (const [asked, answered] of [
      ["A batch", "It is stored"],
      ["All sent", "It is recorded"],
      ["The question", "The winners"],
    ] as const) {
      assert.deepEqual(await served.bring(shown(asked)), [shown(answered)], answered);
    }
    const late = encodeAgency({ kind: "batch", bets: [bet()] });
    const identifier = identifierIn(late);
    assert.deepEqual(await served.bring(late), [encodeCentral({ kind: "failure", identifier })]);
    assert.ok(page.includes("`{result:failure}`"));
  });

  it("shows the answer that only the course's central gives", () => {
    const identifier = identifierIn(shown("The question"));
    assert.deepEqual(shown("Not yet"), encodeCentral({ kind: "in-progress", identifier }));
  });

  it("lists every type", () => {
    for (const type of Object.values(TYPES)) {
      assert.match(page, new RegExp(`^\\| ${type} \\|`, "m"));
    }
  });

  it("tells the constant that the code has", () => {
    assert.equal(ASK_AGAIN_MS, 500);
    assert.ok(page.includes("500 ms"));
  });
});
