import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeLines } from "../../../../src/lottery/canonical-line.ts";
import type { OutgoingBatch } from "../../../../src/protocols/agency-link.ts";
import { recordedBets } from "../../recorded-bets.ts";
import {
  readConnection,
  readConnections,
  type RecordedConnection,
  sentBy,
} from "../../transcript.ts";
import { agency } from "./bytes.ts";
import { isFit, sentBets, turnsBy } from "./recorded.ts";
import type { FakeCentral } from "../../fake-central.ts";
import { dial, fakeCentral } from "./codec.ts";

const BATCH_SIZE = 3;
const NO_CLAIM = { batches: 0, bets: 0, head: Buffer.alloc(32) };

interface Spoken {
  readonly heard: Buffer;
  readonly winners: readonly string[] | undefined;
}

/** Our agency against the recorded server's answers, each after as many bytes as it came then. */
async function speak(
  connection: RecordedConnection,
  version: "final" | "ej6",
  folder: string,
): Promise<Spoken> {
  const central = fakeCentral();
  const link = await dial(central, version, { agency: agency(connection.agency) });
  const answered = answer(central, connection);
  let sequence = 0;
  for (const batch of batches(folder, connection.agency)) {
    assert.deepEqual(await link.send({ ...batch, sequence: ++sequence }), { kind: "accepted" });
  }
  await link.done(NO_CLAIM);
  const results = await link.results();
  await link.close();
  await answered;
  return { heard: central.last.bytes, winners: results?.winners };
}

async function answer(central: FakeCentral, connection: RecordedConnection): Promise<void> {
  const answers = turnsBy(connection, "server");
  let awaited = 0;
  for (const [index, asked] of turnsBy(connection, "client").slice(0, answers.length).entries()) {
    awaited += asked.length;
    const bytes = answers[index] ?? assert.fail();
    // In two segments, which the course's servers may well send.
    await central.writeAfter(awaited, bytes.subarray(0, 3), bytes.subarray(3));
  }
}

function batches(folder: string, number: number): Omit<OutgoingBatch, "sequence">[] {
  const bets = sentBets(folder, number);
  return Array.from({ length: Math.ceil(bets.length / BATCH_SIZE) }, (_, index) => {
    const part = bets.slice(index * BATCH_SIZE, (index + 1) * BATCH_SIZE);
    return { bets: part, lines: encodeLines(part) };
  });
}

function recordedWinners(connection: RecordedConnection): string[] {
  const bytes = turnsBy(connection, "server").at(-1) ?? assert.fail();
  return Array.from({ length: bytes.readUInt32BE() }, (_, index) =>
    String(bytes.readUInt32BE(4 + 4 * index)),
  );
}

describe("our agency against recorded servers of fixed70", () => {
  for (const folder of ["", "ej7", "edge-empty-field", "edge-utf8-cut"]) {
    for (const connection of readConnections("fixed70", folder)) {
      // The recorded client broke off: our agency would not even begin, see below.
      if (folder === "edge-utf8-cut" && connection.agency === 1) continue;
      it(`says what the recorded client said: ${connection.name}`, async () => {
        const { heard, winners } = await speak(connection, "final", folder);
        assert.deepEqual(heard, sentBy(connection, "client"));
        assert.deepEqual(winners, recordedWinners(connection));
      });
    }
  }

  // Different from the recorded client 3, which sends a second zero and never learns of its winner.
  for (const connection of readConnections("fixed70", "edge-exact-multiple")) {
    it(`sends one zero and gets its winners: ${connection.name}`, async () => {
      const { heard, winners } = await speak(connection, "final", "edge-exact-multiple");
      const client = sentBy(connection, "client");
      assert.deepEqual(heard, connection.agency === 3 ? client.subarray(0, -4) : client);
      assert.deepEqual(winners, recordedWinners(connection));
    });
  }

  for (const connection of readConnections("fixed70", "ej6")) {
    it(`says what the recorded client said: ${connection.name}`, async () => {
      const { heard, winners } = await speak(connection, "ej6", "ej6");
      assert.deepEqual(heard, sentBy(connection, "client"));
      assert.equal(winners, undefined);
    });
  }

  it("sends a single bet as exercise 5 does", async () => {
    const connection = readConnection("fixed70", "ej5/1-1");
    const central = fakeCentral();
    const link = await dial(central);
    const answered = answer(central, connection);
    const [first] = recordedBets("", 1);
    const bet = { ...(first ?? assert.fail()), lastName: "Núñez" };
    const batch = { sequence: 1, bets: [bet], lines: encodeLines([bet]) };
    assert.deepEqual(await link.sendSingle(batch), { kind: "accepted" });
    await answered;
    await link.close();
    assert.deepEqual(central.last.bytes, sentBy(connection, "client"));
  });

  it("refuses beforehand what the recorded client sends altered", () => {
    const unfit = [1, 2, 3, 4, 5]
      .flatMap((number) => [...recordedBets("", number), ...recordedBets("edge-utf8-cut", number)])
      .filter((bet) => !isFit(bet));
    assert.deepEqual(
      unfit.map(({ firstName, document }) => [firstName, document]),
      [
        ["Ángel", "05123456"],
        ["Maximiliano Bartolome Ezequiel", "33444555"],
        ["María de los Milagros Ñañá", "30000002"],
      ],
    );
  });
});
