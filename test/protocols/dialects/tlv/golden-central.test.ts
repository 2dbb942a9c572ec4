import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { encodeLines } from "../../../../src/lottery/canonical-line.ts";
import { tlvDialect } from "../../../../src/protocols/dialects/tlv/dialect.ts";
import { MemoryDesk } from "../../memory-desk.ts";
import { serveStream } from "../../stream-peer.ts";
import { recordedBets } from "../../recorded-bets.ts";
import {
  type RecordedConnection,
  readConnections,
  recordedFolders,
  turnsOf,
} from "../../transcript.ts";
import { pieces } from "../../cuts.ts";
import { inBatches } from "../../plain-bets.ts";
import { seed, seedNote } from "../../../support/seed.ts";

fc.configureGlobal({ seed });

type Cut = (bytes: Buffer) => readonly Buffer[];

const whole: Cut = (bytes) => [bytes];

/** Agency 2 has a bet on this number, which the recorded server stores; for us 9999 is the last. */
const TOO_LARGE = 75_740;
const REFUSED = Buffer.concat([
  Buffer.from("0400000022", "hex"),
  Buffer.from("Error al procesar el batch enviado"),
]);

interface Turn {
  readonly asked: Buffer;
  /** As recorded, but for what our central refuses. */
  readonly answer: Buffer;
}

function expectedTurns(recorded: RecordedConnection): Turn[] {
  const said = turnsOf(recorded).filter(({ end }) => end === undefined);
  const [askedFirst] = said;
  assert.ok(askedFirst?.dir === "client" && said.length % 2 === 0);
  return said.flatMap(({ dir, bytes: asked }, index) => {
    if (dir === "server") return [];
    const answer = said[index + 1]?.bytes ?? assert.fail();
    return [{ asked, answer: asked.includes(`#${TOO_LARGE}#`) ? REFUSED : answer }];
  });
}

function answersTo(recorded: RecordedConnection): Buffer {
  return Buffer.concat(expectedTurns(recorded).map(({ answer }) => answer));
}

/** Lets the recorded client speak to our central. @returns everything that the central says */
async function converse(recorded: RecordedConnection, desk: MemoryDesk, cut: Cut): Promise<Buffer> {
  const [client, central] = duplexPair();
  serveStream(central, tlvDialect, desk);
  const said: Buffer[] = [];
  let wake: (() => void) | undefined;
  client.on("data", (chunk: Buffer) => {
    said.push(chunk);
    wake?.();
  });
  const ended = new Promise<void>((resolve) => client.on("end", resolve));
  for (const [index, { asked }] of expectedTurns(recorded).entries()) {
    for (const piece of cut(asked)) client.write(piece);
    // Each answer is one piece; the client goes on once it has it.
    while (said.length <= index) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  client.end();
  await ended;
  return Buffer.concat(said);
}

async function replay(folder: string, cut: Cut, desk = new MemoryDesk(5)): Promise<MemoryDesk> {
  for (const recorded of readConnections("tlv", folder)) {
    const said = await converse(recorded, desk, cut);
    assert.equal(said.toString("hex"), answersTo(recorded).toString("hex"), recorded.name);
  }
  return desk;
}

/** What the recorded clients had to send, in the order in which they sent it, and what we refuse. */
function recordedLines(folder: string): string {
  if (folder === "ej5") {
    const [first] = recordedBets(folder, 1);
    return encodeLines([{ ...(first ?? assert.fail()), lastName: "Núñez" }]).toString();
  }
  const agencies = new Set(readConnections("tlv", folder).map(({ agency }) => agency));
  return [...agencies]
    .flatMap((agency) => inBatches(recordedBets(folder, agency), 3))
    .filter(({ bets }) => bets.every(({ number }) => number !== TOO_LARGE))
    .map(({ lines }) => Buffer.from(lines).toString())
    .join("");
}

for (const folder of recordedFolders("tlv")) {
  describe(`our central answers the recorded clients of ${folder || "the final version"}`, () => {
    it("as the recorded server did, and stores what they sent", async () => {
      assert.equal((await replay(folder, whole)).lines, recordedLines(folder));
    });

    it("byte by byte", async () => {
      assert.equal(
        (await replay(folder, (bytes) => pieces(bytes, [1]))).lines,
        recordedLines(folder),
      );
    });

    it(`however their bytes are cut (${seedNote})`, async () => {
      const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 });
      await fc.assert(
        fc.asyncProperty(sizes, async (each) => {
          const desk = await replay(folder, (bytes) => pieces(bytes, each));
          assert.equal(desk.lines, recordedLines(folder));
        }),
        { numRuns: 20 },
      );
    });

    it("as duplicates, when they are run again", async () => {
      const desk = await replay(folder, whole);
      for (const recorded of readConnections("tlv", folder)) {
        const [first] = expectedTurns(recorded);
        const said = await converse(recorded, desk, whole);
        // Winners are known by now, where they were not.
        if (first?.answer[0] !== 0x08) assert.deepEqual(said, answersTo(recorded));
      }
      assert.equal(desk.lines, recordedLines(folder));
    });
  });
}

describe("our central answers a recorded client", () => {
  for (const folder of ["ej5", "ej6"]) {
    it(`of ${folder} whose bytes are cut in two, anywhere`, async () => {
      const longest = Math.max(
        ...readConnections("tlv", folder).flatMap((each) =>
          turnsOf(each).map(({ bytes }) => bytes.length),
        ),
      );
      for (let at = 1; at < longest; at++) {
        const cut: Cut = (bytes) =>
          [bytes.subarray(0, at), bytes.subarray(at)].filter((part) => part.length > 0);
        assert.equal((await replay(folder, cut)).lines, recordedLines(folder), `cut at ${at}`);
      }
    });
  }
});
