import assert from "node:assert/strict";
import { it } from "node:test";
import * as fc from "fast-check";
import type { AgencyConfig } from "../../src/config/agency-config.ts";
import type { Bet } from "../../src/lottery/bet.ts";
import { formatLine } from "../../src/lottery/canonical-line.ts";
import { FakeCentral, type Fault, sampleBet } from "./fake-central.ts";
import { runFake, withTempDir, writeBets } from "./harness.ts";

const FAULTS: readonly Fault[] = ["none", "none", "none", "lost-before", "lost-after", "busy"];

/** Everything that happens to an agency until its draw. */
const story = fc.record({
  betCount: fc.nat({ max: 40 }),
  amountMax: fc.integer({ min: 1, max: 7 }),
  /** The window of one connection after the other. */
  windows: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
  /**
   * What goes wrong at one step after the other; after the last one nothing goes wrong any more.
   */
  faults: fc.array(fc.constantFrom(...FAULTS), { maxLength: 60 }),
  badRows: fc.array(fc.nat({ max: 39 }), { maxLength: 3 }),
  /** After this many stored batches the agency is stopped and started again, one run each. */
  stops: fc.array(fc.nat({ max: 12 }), { maxLength: 3 }),
  /** Whether the dialect numbers batches and reports what the central has of an agency. */
  tells: fc.boolean(),
  /** Before these connections the central is restarted, with a store that forgets batches. */
  restarts: fc.array(fc.integer({ min: 2, max: 9 }), { maxLength: 3 }),
});

type Story = typeof story extends fc.Arbitrary<infer S> ? S : never;

/** The batches that are stored if nothing goes wrong: all batches without a bad row. */
function storable(bets: readonly Bet[], badRows: readonly number[], amountMax: number): Bet[] {
  const batches: Bet[][] = [];
  for (let at = 0; at < bets.length; at += amountMax) {
    const isBad = badRows.some((row) => row >= at && row < Math.min(at + amountMax, bets.length));
    if (!isBad) batches.push(bets.slice(at, at + amountMax));
  }
  return batches.flat();
}

async function play(dir: string, story: Story): Promise<void> {
  const { betCount, amountMax, windows, tells, restarts } = story;
  const badRows = story.badRows.filter((row) => row < betCount);
  const bets = Array.from({ length: betCount }, (_, index) =>
    sampleBet(index, badRows.includes(index) ? { birthdate: "1999-02-30" } : {}),
  );
  const faults = [...story.faults];
  const central = new FakeCentral({
    windows,
    tells,
    fault: (step) => {
      if (step === "dial" && restarts.includes(central.dials)) central.restartForgetful();
      return faults.shift() ?? "none";
    },
  });
  const config: Partial<AgencyConfig> = {
    dataFile: writeBets(dir, bets),
    batchAmountMax: amountMax,
    badRow: "send",
  };

  for (const batches of story.stops) {
    const stop = new AbortController();
    let stored = 0;
    await runFake(central, config, {
      signal: stop.signal,
      onProgress: () => {
        if (stored++ === batches) stop.abort();
      },
    });
    assert.equal(central.openLinks, 0, "a stopped agency leaves nothing open");
  }
  const { outcome } = await runFake(central, config);

  const expected = storable(bets, badRows, amountMax);
  assert.deepEqual(
    central.stored,
    expected.map((bet) => formatLine(bet).replace("\r\n", "")),
  );
  assert.equal(outcome.bets, expected.length);
  if (restarts.length === 0) assert.equal(central.dones, 1);
  assert.deepEqual(
    outcome.winners,
    expected.filter(({ number }) => number === 7574).map(({ document }) => document),
  );
  if (badRows.length === 0) assert.equal(outcome.kind, "success", outcome.error?.message);
  else assert.equal(outcome.error?.code, "BETS_REFUSED", outcome.error?.message);
  assert.equal(central.openLinks, 0);
  assert.ok(central.unansweredMax <= Math.max(...windows));
}

it("every bet is stored once, in order, whatever is cut, refused, or stopped", async () => {
  await withTempDir(async (dir) => {
    await fc.assert(
      fc.asyncProperty(story, (story) => play(dir, { ...story, restarts: [] })),
      { numRuns: 250 },
    );
  });
});

it("every bet is stored once while the agency runs, even if the central forgets its batches", async () => {
  await withTempDir(async (dir) => {
    await fc.assert(
      // When the central has forgotten its batches and then stored more, only the agency knows what
      // it had sent.
      fc.asyncProperty(story, (story) => play(dir, { ...story, tells: true, stops: [] })),
      { numRuns: 150 },
    );
  });
});
