import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createMd5FramesDialer } from "../../../../src/protocols/dialects/md5-frames/dial.ts";
import type { FakeCentral } from "../../fake-central.ts";
import { fakeCentral } from "./codec.ts";
import { answerTo, betsOf, type Exchange, readExchanges, withPlainNumbers } from "./recorded.ts";
import { inBatches, outgoing } from "../../plain-bets.ts";
import { CLAIM, dialContext } from "../../dial-context.ts";

const BATCH_SIZE = 3;

/** A central that says what was recorded, connection after connection. */
function playing(exchanges: readonly Exchange[]): FakeCentral {
  return fakeCentral((asked, connection) => {
    const { answer } = exchanges[connection] ?? assert.fail("it says more than was recorded");
    return [answerTo(asked, answer)];
  });
}

function agenciesOf(exchanges: readonly Exchange[]): number[] {
  return [...new Set(exchanges.map(({ agency }) => agency))];
}

describe("our agency says what the recorded client said", () => {
  for (const folder of ["", "edge-exact-multiple", "edge-empty-field", "ej7", "ej6"]) {
    const all = readExchanges(folder);
    for (const agency of agenciesOf(all)) {
      it(`in ${folder || "the final version"}, as agency ${agency}`, async () => {
        const recorded = all.filter((each) => each.agency === agency);
        const central = playing(recorded);
        const draws = folder !== "ej6";
        const dialer = createMd5FramesDialer({ draws, askAgainMs: 0 });
        const link = await dialer.dial(dialContext(central.connect, agency));
        for (const batch of inBatches(betsOf(folder, agency), BATCH_SIZE)) {
          assert.equal((await link.send(batch)).kind, "accepted");
        }
        await link.done(CLAIM);
        const results = await link.results();
        await link.close();
        assert.deepEqual(
          central.bytes,
          recorded.map(({ asked }) => withPlainNumbers(asked)),
        );
        const won = betsOf(folder, agency).filter(({ number }) => number === 7574);
        const documents = won.map(({ document }) => document);
        assert.deepEqual(results?.winners, draws ? documents : undefined);
      });
    }
  }

  it("in ej5, with a single bet", async () => {
    const recorded = readExchanges("ej5");
    const central = playing(recorded);
    const link = await createMd5FramesDialer().dial(dialContext(central.connect));
    assert.equal((await link.sendSingle(outgoing(betsOf("ej5", 1)))).kind, "accepted");
    await link.close();
    assert.deepEqual(
      central.bytes,
      recorded.map(({ asked }) => asked),
    );
  });

  it("in all but one batch to the byte: the course's writes a number as it is in the file", () => {
    const others = readExchanges("").filter(({ asked }) => !asked.equals(withPlainNumbers(asked)));
    assert.equal(others.length, 1);
    assert.match(others[0]?.asked.toString() ?? "", /numero:0007\}/);
  });
});
