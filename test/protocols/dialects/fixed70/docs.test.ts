import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeAgency, encodeCentral } from "../../../../src/protocols/dialects/fixed70/encode.ts";
import {
  EMPTY_BATCH_PAUSE_MS,
  LONE_ONE_MS,
  OPENING_PAUSE_MS,
  WINNERS_MAX,
} from "../../../../src/protocols/dialects/fixed70/wire.ts";
import { docPage } from "../../doc-page.ts";
import { agency, bet } from "./bytes.ts";
import { WatchedDesk } from "../../watched-desk.ts";
import { serve } from "./served.ts";

const page = docPage("fixed70");

interface Line {
  readonly who: string;
  readonly bytes: Buffer;
}

/** The lines of the worked example. */
const lines: readonly Line[] = [
  ...page.matchAll(/^(agency|central) {2,3}((?:[0-9a-f]{2} )+)/gm),
].map(([, who = "", digits = ""]) => ({
  who,
  bytes: Buffer.from(digits.replaceAll(" ", ""), "hex"),
}));

function said(who: string): Buffer {
  return Buffer.concat(lines.filter((line) => line.who === who).map(({ bytes }) => bytes));
}

describe("docs/protocols/fixed70.md", () => {
  it("shows what an agency and a central encode", () => {
    const bets = [
      bet({
        agency: agency(3),
        firstName: "Ángel",
        document: "30904465",
        birthdate: "1999-03-17",
        number: 7574,
      }),
    ];
    assert.deepEqual(
      said("agency"),
      Buffer.concat([
        encodeAgency({ kind: "hello", agency: 3 }),
        encodeAgency({ kind: "batch", bets }),
        encodeAgency({ kind: "zero" }),
      ]),
    );
    assert.deepEqual(
      said("central"),
      Buffer.concat([
        encodeCentral({ kind: "confirmation", version: "final" }),
        encodeCentral({ kind: "winners", documents: ["30904465"] }),
      ]),
    );
  });

  it("shows what a central answers", async () => {
    const desk = new WatchedDesk(3);
    await desk.done(agency(1));
    await desk.done(agency(2));
    const served = serve(desk);
    const answers: string[] = [];
    for (const { who, bytes } of lines) {
      if (who === "agency") answers.push(...(await served.say(bytes)));
    }
    assert.equal(answers.join(""), said("central").toString("hex"));
    assert.equal(desk.lines, "3,Ángel,Paz,30904465,1999-03-17,7574\r\n");
  });

  it("tells the pauses and limits that the code has", () => {
    assert.deepEqual([EMPTY_BATCH_PAUSE_MS, LONE_ONE_MS, OPENING_PAUSE_MS], [1000, 1000, 100]);
    assert.ok(page.includes(`at most ${WINNERS_MAX.toLocaleString("en")} winners`));
  });
});
