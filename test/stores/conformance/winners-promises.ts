import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { Batch } from "../../../src/lottery/batch.ts";
import type { Bet } from "../../../src/lottery/bet.ts";
import { encodeLines } from "../../../src/lottery/canonical-line.ts";
import type { BetStore, Winners } from "../../../src/store/bet-store.ts";
import { seedNote, seed } from "../../support/seed.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { agency, submit, tell, WINNING_NUMBER } from "./batches.ts";
import { opener, type StoreUnderTest } from "./subject.ts";

const AGENCIES = [1, 2];
/** The largest block, unless a single batch is larger. */
const BLOCK_BYTES_MAX = 64 * 1024;

/** Telling winners: any number of them, with the memory for one block. */
export function winnersPromises(subject: StoreUnderTest): void {
  describe("winners", () => {
    it("P9 come in blocks of whole lines, in the agency's order, even if many ask at once", async (t) => {
      const store = await opener(subject, t)();
      const batches = crowd();
      await drawn(store, batches);
      const asked = AGENCIES.flatMap((of) => [of, of, of]);
      await Promise.all(
        asked.map(async (of) => {
          const winners = await store.winners(agency(of));
          const expected = linesThatWin(batches, of);
          const blocks = await blocksOf(winners);
          assert.ok(blocks.length > 2, `${blocks.length} blocks`);
          assert.ok(blocks.every(({ length }) => length > 0 && length <= BLOCK_BYTES_MAX));
          assert.ok(blocks.every((block) => block.toString().endsWith("\r\n")));
          assert.equal(Buffer.concat(blocks).toString(), expected.join(""));
          const documents = expected.map((line) => line.split(",").at(-3) ?? "");
          assert.equal(winners.count, expected.length);
          assert.equal(winners.documentBytes, documents.join("").length);
        }),
      );
    });

    it("are read as often as they are asked for, and may be left unread in the middle", async (t) => {
      const store = await opener(subject, t)();
      const batches = crowd();
      await drawn(store, batches);
      const winners = await store.winners(agency(1));
      let first: Uint8Array | undefined;
      for await (const block of winners.blocks()) {
        first = block;
        break;
      }
      assert.deepEqual(first, (await blocksOf(winners))[0]);
      assert.equal(
        Buffer.concat(await blocksOf(winners)).toString(),
        linesThatWin(batches, 1).join(""),
      );
    });

    it("end with an error when the store is closed while they are read", async (t) => {
      const store = await opener(subject, t)();
      await drawn(store, crowd());
      const winners = await store.winners(agency(1));
      const blocks = winners.blocks()[Symbol.asyncIterator]();
      assert.equal((await blocks.next()).done, false);
      const next = blocks.next().catch((error: unknown) => error);
      await store.close();
      const heard = await next;
      assert.ok(heard instanceof Error ? "code" in heard : true);
      await assert.rejects(blocksOf(winners), { code: "STORE_CLOSED" });
    });

    it(`P6 are exactly the bets on the number, whatever was stored (${seedNote})`, async (t) => {
      const place = tempDir(t);
      let draws = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(anyBatch, { maxLength: 12 }), async (batches) => {
          const open = (): Promise<BetStore> =>
            place.then((dir) =>
              subject.open(`${dir}/${draws}`, {
                draw: "1",
                winningNumber: WINNING_NUMBER,
                agencies: AGENCIES.length,
                smallBuffers: false,
                onFailure: (error) => assert.fail(error),
              }),
            );
          draws++;
          const numbered = numberedBy(batches);
          let store = await open();
          if (batches.length % 2 === 1) {
            const half = Math.ceil(numbered.length / 2);
            await storeAll(store, numbered.slice(0, half));
            await store.close();
            store = await open();
            const rest = numbered.slice(half);
            await storeAll(store, subject.capabilities.remembersBatches ? rest : numberedBy(rest));
          } else {
            await storeAll(store, numbered);
          }
          for (const of of AGENCIES) await store.done(agency(of));
          await store.performDraw(tell);
          for (const of of AGENCIES) {
            const told = Buffer.concat(await blocksOf(await store.winners(agency(of))));
            assert.equal(told.toString(), linesThatWin(numbered, of).join(""));
          }
          await store.close();
        }),
        { numRuns: 12, seed },
      );
    });

    if (subject.capabilities.remembersDraw) {
      it("P10 are the same after a restart", async (t) => {
        const open = opener(subject, t);
        const batches = crowd();
        const first = await open();
        await storeAll(first, batches.slice(0, 100));
        await first.close();
        const second = await open();
        await drawn(second, batches.slice(100));
        await second.close();
        const third = await open();
        for (const of of AGENCIES) {
          const told = Buffer.concat(await blocksOf(await third.winners(agency(of))));
          assert.equal(told.toString(), linesThatWin(batches, of).join(""));
        }
      });
    }
  });
}

/**
 * About 500 kB of bets of each agency, in turns. Every second bet wins, but some batches have no
 * winners.
 */
function crowd(): Batch[] {
  return numberedBy(
    Array.from({ length: 300 }, (_, index) => ({
      of: (index % 2) + 1,
      bets: Array.from({ length: 100 }, (_, bet) => ({
        name: index % 7 === 0 ? 'Ana "la" Paz, hija' : "Ana",
        document: String(index * 1000 + bet),
        wins: index % 5 !== 0 && bet % 2 === 0,
      })),
    })),
  );
}

interface AnyBatch {
  readonly of: number;
  readonly bets: readonly {
    readonly name: string;
    readonly document: string;
    readonly wins: boolean;
  }[];
}

const anyBatch: fc.Arbitrary<AnyBatch> = fc.record({
  of: fc.constantFrom(...AGENCIES),
  bets: fc.array(
    fc.record({
      name: fc.constantFrom("Ana", "Zoë", 'x,7574"', "José María"),
      document: fc.nat({ max: 0xffff_ffff }).map(String),
      wins: fc.boolean(),
    }),
    { minLength: 1, maxLength: 200 },
  ),
});

function numberedBy(batches: readonly (AnyBatch | Batch)[]): Batch[] {
  const sequences = new Map<number, number>();
  return batches.map((batch) => {
    const of = "of" in batch ? batch.of : batch.agency;
    const sequence = (sequences.get(of) ?? 0) + 1;
    sequences.set(of, sequence);
    if (!("of" in batch)) return { ...batch, sequence };
    const bets = batch.bets.map(
      ({ name, document, wins }): Bet => ({
        agency: agency(of),
        firstName: name,
        lastName: "",
        document,
        birthdate: "1990-01-31",
        number: wins ? WINNING_NUMBER : 574,
      }),
    );
    return { agency: agency(of), sequence, count: bets.length, lines: encodeLines(bets) };
  });
}

async function storeAll(store: BetStore, batches: readonly Batch[]): Promise<void> {
  for (const batch of batches) {
    let { kind } = await submit(store, batch);
    while (kind === "busy") {
      await new Promise<void>((resolve) => store.whenRoom(() => setImmediate(resolve)));
      ({ kind } = await submit(store, batch));
    }
    assert.equal(kind, "stored");
  }
}

async function drawn(store: BetStore, batches: readonly Batch[]): Promise<void> {
  await storeAll(store, batches);
  for (const of of AGENCIES) await store.done(agency(of));
  await store.performDraw(tell);
}

async function blocksOf(winners: Winners): Promise<Buffer[]> {
  const blocks: Buffer[] = [];
  for await (const block of winners.blocks()) blocks.push(Buffer.from(block));
  return blocks;
}

function linesThatWin(batches: readonly Batch[], of: number): string[] {
  return batches
    .filter((batch) => batch.agency === of)
    .flatMap(({ lines }) => Buffer.from(lines).toString().split("\r\n"))
    .filter((line) => line.endsWith(`,${WINNING_NUMBER}`))
    .map((line) => `${line}\r\n`);
}
