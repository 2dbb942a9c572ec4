import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import { buffer } from "node:stream/consumers";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { encodeLines } from "../../../../src/lottery/canonical-line.ts";
import { md5FramesDialect } from "../../../../src/protocols/dialects/md5-frames/dialect.ts";
import { seed, seedNote } from "../../../support/seed.ts";
import { MemoryDesk } from "../../memory-desk.ts";
import { serveStream } from "../../stream-peer.ts";
import { recordedFolders } from "../../transcript.ts";
import { frame, identifierIn } from "./codec.ts";
import { betsOf, type Exchange, readExchanges, typeOf } from "./recorded.ts";
import { pieces } from "../../cuts.ts";
import { inBatches } from "../../plain-bets.ts";

type Cut = (bytes: Buffer) => readonly Buffer[];

const whole: Cut = (bytes) => [bytes];

const QUESTION = 5;
/** Agency 2 has a bet on this number, which the recorded server stores; for us 9999 is the last. */
const TOO_LARGE = 75_740;

const isQuestion = ({ asked }: Exchange): boolean => typeOf(asked) === QUESTION;

/** The recorded answer, but for what our central refuses, and for "in progress": it answers later. */
function expectedAnswer({ asked, answer, agency }: Exchange, all: readonly Exchange[]): Buffer {
  const identifier = identifierIn(asked);
  if (asked.includes(`numero:${TOO_LARGE}}`)) return frame(2, "{result:failure}", identifier);
  if (!answer.includes("{result:in_progress}")) return answer;
  const told = all.findLast((each) => each.agency === agency && isQuestion(each));
  assert.ok(told !== undefined && told.answer.includes("{ganadores:"));
  return told.answer;
}

/** Lets the recorded client connect and speak to our central. @returns everything the central says */
function converse({ asked }: Exchange, desk: MemoryDesk, cut: Cut): Promise<Buffer> {
  const [client, central] = duplexPair();
  serveStream(central, md5FramesDialect, desk);
  for (const piece of cut(asked)) client.write(piece);
  // An answer is one write, and the client ends once it has it.
  client.once("data", () => client.end());
  return buffer(client);
}

async function replay(folder: string, cut: Cut, desk = new MemoryDesk(3)): Promise<MemoryDesk> {
  const exchanges = readExchanges(folder);
  const converseOne = async (exchange: Exchange): Promise<void> => {
    const said = await converse(exchange, desk, cut);
    const expected = expectedAnswer(exchange, exchanges);
    assert.equal(said.toString("hex"), expected.toString("hex"), exchange.name);
  };
  const held: Promise<void>[] = [];
  for (const exchange of exchanges) {
    const answered = converseOne(exchange);
    // The recorded client goes on once it is told "in progress"; ours is told nothing yet.
    if (isQuestion(exchange)) held.push(answered);
    else await answered;
  }
  await Promise.all(held);
  return desk;
}

/** What the recorded clients had to send, in the order in which they did, without what we refuse. */
function recordedLines(folder: string, exchanges: readonly Exchange[]): string {
  const batches = new Map(
    [1, 2, 3].map((agency) => [agency, inBatches(betsOf(folder, agency), 3)]),
  );
  return exchanges
    .filter(({ asked }) => [1, 3].includes(typeOf(asked)))
    .map(({ agency }) => batches.get(agency)?.shift() ?? assert.fail())
    .filter(({ bets }) => bets.every(({ number }) => number !== TOO_LARGE))
    .map(({ bets }) => encodeLines(bets).toString())
    .join("");
}

for (const folder of recordedFolders("md5-frames")) {
  describe(`our central answers the recorded clients of ${folder || "the final version"}`, () => {
    const exchanges = readExchanges(folder);
    const lines = recordedLines(folder, exchanges);

    it("as the recorded server did in the end, and stores what they sent", async () => {
      assert.equal((await replay(folder, whole)).lines, lines);
    });

    it("byte by byte", async () => {
      assert.equal((await replay(folder, (bytes) => pieces(bytes, [1]))).lines, lines);
    });

    it(`however their bytes are cut (${seedNote})`, async () => {
      const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 });
      await fc.assert(
        fc.asyncProperty(sizes, async (each) => {
          assert.equal((await replay(folder, (bytes) => pieces(bytes, each))).lines, lines);
        }),
        { numRuns: 20, seed },
      );
    });

    it("as duplicates, when they are run again", async () => {
      const desk = await replay(folder, whole);
      assert.equal((await replay(folder, whole, desk)).lines, lines);
    });
  });
}

describe("our central answers a recorded client", () => {
  for (const folder of ["ej5", "ej6"]) {
    it(`of ${folder} whose bytes are cut in two, anywhere`, async () => {
      const exchanges = readExchanges(folder);
      const longest = Math.max(...exchanges.map(({ asked }) => asked.length));
      const lines = recordedLines(folder, exchanges);
      for (let at = 1; at < longest; at++) {
        const cut: Cut = (bytes) =>
          [bytes.subarray(0, at), bytes.subarray(at)].filter((part) => part.length > 0);
        assert.equal((await replay(folder, cut)).lines, lines, `cut at ${at}`);
      }
    });
  }
});

describe("the recordings", () => {
  it("have every agency told in the end what its bets won", () => {
    for (const folder of ["", "edge-exact-multiple", "edge-empty-field", "ej7"]) {
      const exchanges = readExchanges(folder);
      for (const agency of [1, 2, 3]) {
        const won = betsOf(folder, agency).filter(({ number }) => number === 7574);
        const told = exchanges.findLast((each) => each.agency === agency && isQuestion(each));
        const documents = won.map(({ document }) => document).join("|");
        assert.ok(told?.answer.toString().endsWith(`{ganadores:${documents}}`));
      }
    }
  });
});
