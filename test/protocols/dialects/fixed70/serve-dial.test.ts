import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { Bet } from "../../../../src/lottery/bet.ts";
import { encodeLines } from "../../../../src/lottery/canonical-line.ts";
import type { AgencyLink } from "../../../../src/protocols/agency-link.ts";
import { createFixed70Dialer } from "../../../../src/protocols/dialects/fixed70/dial.ts";
import { fixed70Dialect } from "../../../../src/protocols/dialects/fixed70/dialect.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { MemoryDesk } from "../../memory-desk.ts";
import { turn } from "../../scripted-desk.ts";
import { serveStream } from "../../stream-peer.ts";
import { agency, bet } from "./bytes.ts";

const NO_CLAIM = { batches: 0, bets: 0, head: Buffer.alloc(32) };

/** Our agency and our central, in memory; both live by one clock, which passes when both wait. */
class Line {
  readonly desk: MemoryDesk;
  readonly clock = new FakeClock();
  readonly number: number;
  /** Bytes after which the connection is cut. */
  readonly bytesMax: number;

  constructor(desk: MemoryDesk, number = 1, bytesMax = Infinity) {
    this.desk = desk;
    this.number = number;
    this.bytesMax = bytesMax;
  }

  dial(version: "final" | "ej6" = "final"): Promise<AgencyLink> {
    const [ours, theirs] = duplexPair();
    serveStream(theirs, fixed70Dialect, this.desk, { clock: this.clock });
    let bytes = 0;
    ours.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes >= this.bytesMax) ours.destroy();
    });
    const dialer = createFixed70Dialer(version, (callback, delayMs) =>
      this.clock.after(delayMs, callback),
    );
    return dialer.dial({
      agency: agency(this.number),
      draw: "",
      connect: () => Promise.resolve(ours),
      answerTimeoutMs: 60_000,
      frameBytesMax: 8192,
      signal: new AbortController().signal,
    });
  }

  /** Sends a whole file. @returns the winners' documents, or undefined when the connection was cut */
  async run(bets: readonly Bet[], batchSize: number): Promise<readonly string[] | undefined> {
    const link = await this.dial();
    try {
      for (let at = 0, sequence = 1; at < bets.length; at += batchSize, sequence++) {
        const part = bets.slice(at, at + batchSize);
        const answer = await link.send({ sequence, bets: part, lines: encodeLines(part) });
        assert.equal(answer.kind, "accepted");
      }
      await link.done(NO_CLAIM);
      return (await this.#patiently(link.results()))?.winners;
    } catch (error) {
      assert.ok(error instanceof Error && "code" in error && error.code === "CONNECTION_LOST");
      return undefined;
    } finally {
      await link.close();
    }
  }

  /** Lets time pass until there is an answer. */
  async #patiently<Value>(promise: Promise<Value>): Promise<Value> {
    const settled = promise.then(
      () => true,
      () => true,
    );
    for (;;) {
      const over = await Promise.race([settled, quietly()]);
      if (over) return promise;
      // Less than either side waits for: what happens meanwhile happens in between.
      this.clock.advance(50);
    }
  }
}

async function quietly(): Promise<false> {
  for (let turns = 0; turns < 4; turns++) await turn();
  return false;
}

function file(count: number, number = 7, of = 1): Bet[] {
  return Array.from({ length: count }, (_, index) =>
    bet({ agency: agency(of), document: String(30_000_000 + index), number }),
  );
}

describe("an agency and a central that speak fixed70", () => {
  for (const [what, bets, batchSize] of [
    ["a file whose last batch is shorter", 7, 3],
    ["a file of one batch", 3, 5],
    ["a file that fills its only batch", 3, 3],
    ["a file that fills its last batch", 6, 3],
    ["a file of batches of one", 4, 1],
    ["a file of one bet", 1, 1],
    ["an empty file", 0, 3],
  ] as const) {
    for (const [how, number] of [
      ["no winner", 7],
      ["nothing but winners", 7574],
    ] as const) {
      it(`carry ${what} with ${how}`, async () => {
        const desk = new MemoryDesk(1);
        const sent = file(bets, number);
        const winners = await new Line(desk).run(sent, batchSize);
        assert.deepEqual(winners, number === 7574 ? sent.map(({ document }) => document) : []);
        assert.equal(desk.lines, encodeLines(sent).toString());
      });
    }
  }

  it("carry exactly one winner behind a last batch that is full", async () => {
    const bets = file(6).with(4, bet({ document: "5", number: 7574 }));
    assert.deepEqual(await new Line(new MemoryDesk(1)).run(bets, 3), ["5"]);
  });

  it("carry a draw of three agencies, who all wait for the last", async () => {
    const desk = new MemoryDesk(3);
    const results = await Promise.all(
      [1, 2, 3].map((number) =>
        new Line(desk, number).run(file(10 * number, number === 2 ? 7574 : 7, number), 4),
      ),
    );
    assert.deepEqual(
      results.map((winners) => winners?.length),
      [0, 20, 0],
    );
  });

  it("carry more winners than a segment holds", async () => {
    const winners = await new Line(new MemoryDesk(1)).run(file(40_001, 7574), 116);
    assert.equal(winners?.length, 40_001);
    assert.equal(winners.at(-1), "30040000");
  });

  it("store every bet once, however often the agency is killed and run again", async () => {
    const bets = [...file(9), ...file(9), ...file(5, 7574)];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 6 }),
        fc.integer({ min: 1, max: 9 }),
        async (cuts, batchSize) => {
          const desk = new MemoryDesk(1);
          for (const bytesMax of cuts) await new Line(desk, 1, bytesMax).run(bets, batchSize);
          const winners = await new Line(desk).run(bets, batchSize);
          assert.equal(winners?.length, 5);
          assert.equal(desk.lines, encodeLines(bets).toString());
        },
      ),
      { numRuns: 40 },
    );
  });

  it("part when a batch is refused", async () => {
    const desk = new MemoryDesk(1);
    const link = await new Line(desk).dial();
    const bad = [bet(), bet({ number: 10_000 })];
    const sent = link.send({ sequence: 1, bets: bad, lines: encodeLines(bad) });
    await assert.rejects(sent, { code: "CONNECTION_ENDED" });
    assert.equal(desk.lines, "");
    await link.close();
  });

  it("carry a single bet", async () => {
    const desk = new MemoryDesk(1);
    const link = await new Line(desk).dial();
    const bets = file(1);
    const answer = await link.sendSingle({ sequence: 1, bets, lines: encodeLines(bets) });
    assert.deepEqual(answer, { kind: "accepted" });
    assert.equal(desk.lines, encodeLines(bets).toString());
    await link.close();
  });

  it("carry a file as exercise 6 does, and leave the agency open", async () => {
    const desk = new MemoryDesk(1);
    const link = await new Line(desk).dial("ej6");
    const bets = file(6);
    for (const part of [bets.slice(0, 3), bets.slice(3)]) {
      const answer = await link.send({ sequence: 1, bets: part, lines: encodeLines(part) });
      assert.deepEqual(answer, { kind: "accepted" });
    }
    await link.done(NO_CLAIM);
    assert.equal(await link.results(), undefined);
    await link.close();
    assert.equal(desk.lines, encodeLines(bets).toString());
    assert.equal(desk.book.state, "open");
  });
});
