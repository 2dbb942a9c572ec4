import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AgencyLink } from "../../../../src/protocols/agency-link.ts";
import { createColonLinesDialer } from "../../../../src/protocols/dialects/colon-lines/dial.ts";
import type { Version } from "../../../../src/protocols/dialects/colon-lines/encode.ts";
import { QUESTION_PAUSE_MS } from "../../../../src/protocols/dialects/colon-lines/wire.ts";
import { readConnections, type RecordedConnection, sentBy, turnsOf } from "../../transcript.ts";
import { bet, inBatches, outgoing } from "../../plain-bets.ts";
import { recordedBets } from "../../recorded-bets.ts";
import { pieces } from "../../cuts.ts";
import { dialContext } from "../../dial-context.ts";
import { type FakeCentral, hurried } from "../../fake-central.ts";
import { fakeCentral } from "./codec.ts";

const BATCH_SIZE = 3;

/** Says on each connection what the recorded server said then, once the same was asked. */
function recordedServer(
  connections: readonly RecordedConnection[],
  pieceBytes: number,
): FakeCentral {
  const answers = connections.map((connection) =>
    turnsOf(connection).filter(({ dir, end }) => dir === "server" && end === undefined),
  );
  return fakeCentral((_asked, connection) => {
    const { bytes } = answers[connection]?.shift() ?? assert.fail("it says more than was recorded");
    return pieces(bytes, [pieceBytes]);
  });
}

/** Pauses between questions are over at once. */
const hasty = hurried(QUESTION_PAUSE_MS);

function dial(version: Version, server: FakeCentral, agency: number): Promise<AgencyLink> {
  return createColonLinesDialer(version, hasty).dial(dialContext(server.connect, agency));
}

/** Sends an agency's whole file. @returns its winners */
async function run(link: AgencyLink, inputs: string, agency: number) {
  for (const batch of inBatches(recordedBets(inputs, agency), BATCH_SIZE)) {
    assert.deepEqual(await link.send(batch), { kind: "accepted" });
  }
  await link.done({ batches: 3, bets: 7, head: Buffer.alloc(32) });
  const results = await link.results();
  await link.close();
  return results;
}

const FOLDERS = [
  ["", "ej8"],
  ["edge-exact-multiple", "ej8"],
  ["edge-empty-field", "ej8"],
  ["ej6", "ej6"],
  ["ej7", "ej7"],
] as const;

describe("our agency, with the input of a recorded client,", () => {
  for (const [folder, version] of FOLDERS) {
    for (const agency of [1, 2, 3]) {
      for (const pieceBytes of [1, 1448]) {
        it(`sends what agency ${agency} of ${folder || "the final version"} sent, answered in pieces of ${pieceBytes}`, async () => {
          const recorded = readConnections("colon-lines", folder).filter(
            (connection) => connection.agency === agency,
          );
          const server = recordedServer(recorded, pieceBytes);
          const inputs = folder.startsWith("edge-") ? folder : "";
          const results = await run(await dial(version, server, agency), inputs, agency);
          assert.deepEqual(
            server.texts,
            recorded.map((connection) => String(sentBy(connection, "client"))),
          );
          assert.equal(server.heard.length, recorded.length);
          if (version === "ej6") assert.equal(results, undefined);
          else assert.deepEqual(results?.winners, winnersOf(inputs, agency));
        });
      }
    }
  }

  it("sends the single bet of exercise 5 as its client did", async () => {
    const [recorded] = readConnections("colon-lines", "ej5");
    assert.ok(recorded);
    const server = recordedServer([recorded], 1);
    const link = await dial("ej8", server, 1);
    const single = bet({
      firstName: "Santiago Lionel",
      lastName: "Núñez",
      document: "30904465",
      birthdate: "1999-03-17",
    });
    assert.deepEqual(await link.sendSingle(outgoing([single])), { kind: "accepted" });
    await link.close();
    assert.deepEqual(server.texts, [String(sentBy(recorded, "client"))]);
  });
});

function winnersOf(inputs: string, agency: number): string[] {
  return recordedBets(inputs, agency)
    .filter(({ number }) => number === 7574)
    .map(({ document }) => document);
}
