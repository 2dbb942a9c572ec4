import assert from "node:assert/strict";
import { type Duplex, duplexPair } from "node:stream";
import { describe, it } from "node:test";
import type { AgencyId } from "../../../../src/lottery/bet.ts";
import type { AgencyLink, Connect } from "../../../../src/protocols/agency-link.ts";
import { createColonLinesDialer } from "../../../../src/protocols/dialects/colon-lines/dial.ts";
import type { Version } from "../../../../src/protocols/dialects/colon-lines/encode.ts";
import { QUESTION_PAUSE_MS } from "../../../../src/protocols/dialects/colon-lines/wire.ts";
import type { StartTimer } from "../../../../src/protocols/timers.ts";
import { readConnections, type RecordedConnection, sentBy, turnsOf } from "../../transcript.ts";
import { bet, inBatches, outgoing } from "../../plain-bets.ts";
import { recordedBets } from "../../recorded-bets.ts";

const BATCH_SIZE = 3;

/** A recorded server: says on each connection what it said then, once the same was asked. */
class RecordedServer {
  readonly heard: Buffer[] = [];
  /** Bytes in each write of an answer. */
  readonly #pieceBytes: number;
  readonly #connections: RecordedConnection[];

  constructor(connections: readonly RecordedConnection[], pieceBytes: number) {
    this.#connections = [...connections];
    this.#pieceBytes = pieceBytes;
  }

  readonly connect: Connect = async () => {
    const connection = this.#connections.shift() ?? assert.fail("one connection too many");
    const [ours, theirs] = duplexPair();
    const index = this.heard.push(Buffer.alloc(0)) - 1;
    const turns = turnsOf(connection);
    let due = 0;
    theirs.on("data", (chunk: Buffer) => {
      this.heard[index] = Buffer.concat([this.heard[index] ?? assert.fail(), chunk]);
      due += chunk.length;
      const [asked, answered] = turns;
      if (asked?.dir !== "client" || due < asked.bytes.length) return;
      due = 0;
      turns.splice(0, 2);
      this.#answer(theirs, answered?.bytes ?? assert.fail());
    });
    theirs.on("end", () => theirs.end());
    return ours;
  };

  get unused(): number {
    return this.#connections.length;
  }

  #answer(to: Duplex, bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += this.#pieceBytes) {
      to.write(bytes.subarray(at, at + this.#pieceBytes));
    }
  }
}

/** Pauses between questions are over at once, and nothing is ever late. */
const hurried: StartTimer = (callback, delayMs) => {
  if (delayMs !== QUESTION_PAUSE_MS) return () => undefined;
  const immediate = setImmediate(callback);
  return () => clearImmediate(immediate);
};

function dial(version: Version, server: RecordedServer, agency: number): Promise<AgencyLink> {
  return createColonLinesDialer(version, hurried).dial({
    agency: agency as AgencyId,
    draw: "",
    connect: server.connect,
    answerTimeoutMs: 60_000,
    frameBytesMax: 8192,
    signal: new AbortController().signal,
  });
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
          const server = new RecordedServer(recorded, pieceBytes);
          const inputs = folder.startsWith("edge-") ? folder : "";
          const results = await run(await dial(version, server, agency), inputs, agency);
          assert.deepEqual(
            server.heard.map(String),
            recorded.map((connection) => String(sentBy(connection, "client"))),
          );
          assert.equal(server.unused, 0);
          if (version === "ej6") assert.equal(results, undefined);
          else assert.deepEqual(results?.winners, winnersOf(inputs, agency));
        });
      }
    }
  }

  it("sends the single bet of exercise 5 as its client did", async () => {
    const [recorded] = readConnections("colon-lines", "ej5");
    assert.ok(recorded);
    const server = new RecordedServer([recorded], 1);
    const link = await dial("ej8", server, 1);
    const single = bet({
      firstName: "Santiago Lionel",
      lastName: "Núñez",
      document: "30904465",
      birthdate: "1999-03-17",
    });
    assert.deepEqual(await link.sendSingle(outgoing([single])), { kind: "accepted" });
    await link.close();
    assert.equal(String(server.heard), String(sentBy(recorded, "client")));
  });
});

function winnersOf(inputs: string, agency: number): string[] {
  return recordedBets(inputs, agency)
    .filter(({ number }) => number === 7574)
    .map(({ document }) => document);
}
