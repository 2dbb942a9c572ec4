import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AgencyLink } from "../../../../src/protocols/agency-link.ts";
import {
  createTlvBatchesDialer,
  createTlvDialer,
} from "../../../../src/protocols/dialects/tlv/dial.ts";
import { recordedBets } from "../../recorded-bets.ts";
import { type RecordedConnection, readConnections, sentBy, turnsOf } from "../../transcript.ts";
import type { Reply } from "../../fake-central.ts";
import { fakeCentral } from "./codec.ts";
import { withPlainNumbers } from "./plain-numbers.ts";
import { inBatches, outgoing } from "../../plain-bets.ts";
import { CLAIM, dialContext } from "../../dial-context.ts";

const EMPTY_BATCH = Buffer.from("03000000023023", "hex");
const BATCH_SIZE = 3;

/** What the recorded server answered, in the pieces that it came in, a connection at a time. */
function answers(connections: readonly RecordedConnection[]): (connection: number) => Reply {
  const replies = connections.map(({ pieces }) => {
    const said: Buffer[][] = [];
    for (const [index, piece] of pieces.entries()) {
      if (piece.dir !== "server" || piece.end !== undefined) continue;
      if (pieces[index - 1]?.dir === "server") said.at(-1)?.push(piece.bytes);
      else said.push([piece.bytes]);
    }
    return said;
  });
  return (connection) =>
    replies[connection]?.shift() ?? assert.fail("it says more than was recorded");
}

function agenciesOf(connections: readonly RecordedConnection[]): number[] {
  return [...new Set(connections.map(({ agency }) => agency))].toSorted(
    (one, other) => one - other,
  );
}

async function sendAll(link: AgencyLink, folder: string, agency: number): Promise<void> {
  for (const batch of inBatches(recordedBets(folder, agency), BATCH_SIZE)) {
    assert.equal((await link.send(batch)).kind, "accepted");
  }
}

describe("our agency says what the recorded client said", () => {
  for (const folder of ["", "edge-exact-multiple", "edge-empty-field", "ej7"]) {
    const all = readConnections("tlv", folder);
    for (const agency of agenciesOf(all)) {
      it(`in ${folder || "the final version"}, as agency ${agency}`, async () => {
        const recorded = all
          .filter((each) => each.agency === agency)
          // The course's client ends a file of full batches with an empty one; ours does not.
          .filter((each) => !sentBy(each, "client").equals(EMPTY_BATCH));
        const reply = answers(recorded);
        const central = fakeCentral((_packet, connection) => reply(connection));
        const link = await createTlvDialer({ askAgainMs: 0 }).dial(
          dialContext(central.connect, agency),
        );
        await sendAll(link, folder, agency);
        await link.done(CLAIM);
        const results = await link.results();
        await link.close();
        assert.deepEqual(
          central.bytes,
          recorded.map((each) => withPlainNumbers(sentBy(each, "client"))),
        );
        const expected = recordedBets(folder, agency).filter(({ number }) => number === 7574);
        assert.deepEqual(
          results?.winners,
          expected.map(({ document }) => document),
        );
      });
    }
  }

  it("in edge-exact-multiple, without the empty batch that is refused", () => {
    const empty = readConnections("tlv", "edge-exact-multiple").filter((each) =>
      sentBy(each, "client").equals(EMPTY_BATCH),
    );
    assert.equal(empty.length, 5);
  });

  for (const recorded of readConnections("tlv", "ej6")) {
    it(`in ej6, as agency ${recorded.agency}`, async () => {
      const reply = answers([recorded]);
      const central = fakeCentral((_packet, connection) => reply(connection));
      const context = dialContext(central.connect, recorded.agency);
      const link = await createTlvBatchesDialer().dial(context);
      await sendAll(link, "", recorded.agency);
      await link.done(CLAIM);
      assert.equal(await link.results(), undefined);
      await link.close();
      const packets = turnsOf(recorded)
        .filter(({ dir, end }) => dir === "client" && end === undefined)
        .map(({ bytes }) => withPlainNumbers(bytes));
      assert.deepEqual(central.heard[0]?.messages, packets);
      assert.equal(central.heard.length, 1);
    });
  }

  it("in ej5, with a single bet", async () => {
    const recorded = readConnections("tlv", "ej5");
    const reply = answers(recorded);
    const central = fakeCentral((_packet, connection) => reply(connection));
    const link = await createTlvDialer().dial(dialContext(central.connect));
    const [first] = recordedBets("", 1);
    const bet = { ...(first ?? assert.fail()), lastName: "Núñez" };
    assert.equal((await link.sendSingle(outgoing([bet]))).kind, "accepted");
    await link.close();
    assert.deepEqual(
      central.bytes,
      recorded.map((each) => sentBy(each, "client")),
    );
  });
});
