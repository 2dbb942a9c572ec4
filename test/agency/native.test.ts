import assert from "node:assert/strict";
import { it } from "node:test";
import * as fc from "fast-check";
import { runAgency } from "../../src/agency/run.ts";
import { silentLogger } from "../../src/log/logger.ts";
import { encodeLines } from "../../src/lottery/canonical-line.ts";
import { nativeDialect } from "../../src/protocols/dialects/native/dialect.ts";
import { startRealCentral } from "./real-central.ts";
import { startCuttingProxy } from "./cutting-proxy.ts";
import { sampleBet } from "./fake-central.ts";
import { CONFIG, withTempDir, writeBets } from "./harness.ts";
import { seed, seedNote } from "../support/seed.ts";

const bets = Array.from({ length: 600 }, (_, index) => sampleBet(index));

/** A whole draw of one agency over TCP. @returns how often its connection was cut */
async function draw(dataFile: string, amountMax: number, cutAfterBytes: number[]): Promise<number> {
  const { central, store } = await startRealCentral({ agencies: 1 });
  const proxy = await startCuttingProxy(central.address.port, cutAfterBytes);
  try {
    const outcome = await runAgency({
      config: {
        ...CONFIG,
        host: "127.0.0.1",
        port: proxy.port,
        dataFile,
        batchAmountMax: amountMax,
        retry: { firstDelayMs: 1, delayMaxMs: 2, giveUpAfterMs: 0 },
      },
      dialer: nativeDialect.dialer,
      logger: silentLogger,
      signal: new AbortController().signal,
    });
    assert.equal(outcome.kind, "success", outcome.error?.message);
    assert.equal(outcome.bets, bets.length);
    assert.deepEqual(
      outcome.winners,
      bets.filter(({ number }) => number === 7574).map(({ document }) => document),
    );
    const stored = Buffer.concat(store.batches.map(({ lines }) => Buffer.from(lines)));
    assert.equal(stored.toString(), encodeLines(bets).toString());
    assert.equal(store.draws, 1);
    return proxy.cuts;
  } finally {
    await proxy.close();
    await central.stop("test");
  }
}

it(`a draw over TCP survives cuts anywhere, with every bet stored once, ${seedNote}`, async () => {
  await withTempDir(async (dir) => {
    const dataFile = writeBets(dir, bets);
    let cuts = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 120 }),
        fc.array(fc.integer({ min: 1, max: 30_000 }), { minLength: 1, maxLength: 6 }),
        async (amountMax, cutAfterBytes) => {
          cuts += await draw(dataFile, amountMax, cutAfterBytes);
        },
      ),
      { seed, numRuns: 20 },
    );
    assert.ok(cuts > 20, "connections were cut");
  });
});
