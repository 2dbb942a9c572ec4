import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { encodeLines } from "../../../../src/lottery/canonical-line.ts";
import { SINGLE_BET_PAUSE_MS } from "../../../../src/protocols/dialects/colon-lines/wire.ts";
import { WatchedDesk } from "../../watched-desk.ts";
import {
  type Piece,
  readConnections,
  type RecordedConnection,
  recordedFolders,
  sentBy,
  turnsOf,
} from "../../transcript.ts";
import { serve } from "./served.ts";
import type { Served } from "../../served.ts";
import { recordedBets } from "../../recorded-bets.ts";
import { seed, seedNote } from "../../../support/seed.ts";

fc.configureGlobal({ seed });

/** A message of a recorded client, and what the recorded server said to it. */
interface Exchange {
  readonly connection: RecordedConnection;
  readonly tMs: number;
  /** Where the message begins in what the client sent on its connection. */
  readonly at: number;
  readonly question: Buffer;
  readonly answer: Buffer;
}

/** A number that the course's server took, of agency 2's sixth bet; ours takes 0 to 9999. */
const LARGE = "75740";
const LEGAL = "5740";

/** A recorded message, with a legal number in place of the one that ours refuses. */
function legal(message: Buffer): Buffer {
  return Buffer.from(message.toString().replace(LARGE, LEGAL));
}

/** All exchanges of a folder, in the order of their time. */
function exchangesOf(folder: string): Exchange[] {
  const exchanges = readConnections("colon-lines", folder).flatMap((connection) => {
    const turns = turnsOf(connection).filter(({ end }) => end === undefined);
    let at = 0;
    return pairs(turns).map(([asked, answered]): Exchange => {
      assert.deepEqual([asked.dir, answered.dir], ["client", "server"]);
      const exchange = {
        connection,
        at,
        tMs: asked.tMs,
        question: asked.bytes,
        answer: answered.bytes,
      };
      at += asked.bytes.length;
      return exchange;
    });
  });
  return exchanges.toSorted((one, other) => one.tMs - other.tMs);
}

function pairs(turns: readonly Piece[]): [Piece, Piece][] {
  assert.equal(turns.length % 2, 0);
  return Array.from({ length: turns.length / 2 }, (_, index) => [
    turns[2 * index] ?? assert.fail(),
    turns[2 * index + 1] ?? assert.fail(),
  ]);
}

type Cut = (exchange: Exchange) => readonly Uint8Array[];

/** Plays a folder against our central. Every answer must be the recorded one, byte for byte. */
async function play(folder: string, cut: Cut): Promise<WatchedDesk> {
  const desk = new WatchedDesk(3);
  const connections = new Map<string, Served<string>>();
  for (const recorded of exchangesOf(folder)) {
    const exchange = { ...recorded, question: legal(recorded.question) };
    const { name } = exchange.connection;
    const served = connections.get(name) ?? serve(desk);
    connections.set(name, served);
    let answer = await served.say(...cut(exchange));
    if (folder === "ej5") {
      assert.equal(answer, "");
      answer = await served.wait(SINGLE_BET_PAUSE_MS);
    }
    assert.equal(answer, exchange.answer.toString(), `${name} at byte ${exchange.at}`);
    // The final server keeps connections; ours does so in exercise 7 too, where its server ends them.
    const untyped = folder === "ej5" || folder === "ej6";
    assert.equal(served.peer.ends, untyped ? 1 : 0, name);
    assert.deepEqual(served.peer.events, []);
  }
  return desk;
}

const whole: Cut = ({ question }) => [question];

function cutAt(question: Buffer, marks: readonly number[]): Buffer[] {
  const inside = marks.filter((mark) => mark > 0 && mark < question.length);
  const sorted = [0, ...new Set(inside.toSorted((a, b) => a - b)), question.length];
  return sorted.slice(1).map((mark, index) => question.subarray(sorted[index], mark));
}

const folders = recordedFolders("colon-lines");

function storedIn(folder: string): string[] {
  if (folder === "ej5") return ["1,Santiago Lionel,Núñez,30904465,1999-03-17,7574\r\n"];
  const inputs = folder.startsWith("edge-") ? folder : "";
  return [1, 2, 3].map((agency) => {
    const lines = encodeLines(recordedBets(inputs, agency));
    return legal(lines).toString();
  });
}

describe("our central, asked what recorded clients asked,", () => {
  for (const folder of folders) {
    const what = folder === "" ? "the final version" : folder;

    it(`answers ${what} as the recorded server did, and stores every bet`, async () => {
      const desk = await play(folder, whole);
      const lines = desk.lines.split(/(?<=\n)/);
      const byAgency = [1, 2, 3].map((agency) =>
        lines.filter((line) => line.startsWith(`${agency},`)).join(""),
      );
      assert.deepEqual(byAgency.filter(Boolean), storedIn(folder));
    });

    it(`answers ${what} so in pieces of one byte`, async () => {
      const desk = await play(folder, ({ question }) =>
        cutAt(question, Array.from(question.keys())),
      );
      assert.equal(Buffer.byteLength(desk.lines), Buffer.byteLength(storedIn(folder).join("")));
    });

    it(`answers ${what} so in pieces cut at random (${seedNote})`, async () => {
      const runs = { numRuns: folder === "ej7" ? 10 : 30 };
      const marks = fc.array(fc.array(fc.nat(250), { maxLength: 5 }), { minLength: 1 });
      await fc.assert(
        fc.asyncProperty(marks, async (lists) => {
          let next = 0;
          await play(folder, ({ question }) => cutAt(question, lists[next++ % lists.length] ?? []));
        }),
        runs,
      );
    });
  }

  for (const folder of ["", "ej5", "ej6"]) {
    it(`answers ${folder || "the final version"} so with one cut, at every byte`, async () => {
      const [connection] = readConnections("colon-lines", folder);
      assert.ok(connection);
      const bytes = sentBy(connection, "client").length;
      for (let mark = 1; mark < bytes; mark++) {
        await play(folder, (exchange) =>
          exchange.connection.name === connection.name
            ? cutAt(exchange.question, [mark - exchange.at])
            : [exchange.question],
        );
      }
    });
  }

  it("refuses the batch with a number above 9999, which the recorded server stored", async () => {
    const desk = new WatchedDesk(3);
    const served = serve(desk);
    const answers: string[] = [];
    for (const { connection, question } of exchangesOf("")) {
      if (connection.agency === 2) answers.push(await served.say(question));
      if (served.peer.ends > 0) break;
    }
    assert.deepEqual(answers, ["server:0\r\n", "server:1\r\n"]);
    assert.equal(desk.lines, encodeLines(recordedBets("", 2).slice(0, 3)).toString());
  });
});
