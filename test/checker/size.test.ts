import assert from "node:assert/strict";
import { it } from "node:test";
import { generateBets } from "../../src/generate/generate-bets.ts";
import { encodeLines } from "../../src/lottery/canonical-line.ts";
import { openLedger } from "../../src/stores/ledger/ledger.ts";
import { drawPerformed } from "../../src/log/mandated-lines.ts";
import { agency, submit, WINNING_NUMBER, tell } from "../stores/conformance/batches.ts";
import { documentsOf } from "../support/documents.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { MemoryDisk, noLock } from "../support/disk-memory.ts";
import { assertSound } from "./check-evidence.ts";
import { findMarkers } from "./find-markers.ts";
import { centralLine, filesOn, filesWritten } from "./sound-draw.ts";

const AGENCIES = 5;
const BATCHES = 160;
const BATCH_BETS = 100;

it("the checker is fast enough for 80,000 bets", async (t) => {
  const disk = new MemoryDisk();
  const store = await openLedger({
    dir: "/data",
    draw: "1",
    winningNumber: WINNING_NUMBER,
    agencies: AGENCIES,
    disk,
    lock: noLock,
    // Time stands still, so closing waits as long as needed.
    clock: new FakeClock(),
    onFailure: assert.fail,
  });
  const sent = Array.from({ length: AGENCIES }, (_, index) => {
    const request = { seed: 4711, agency: agency(index + 1), count: BATCHES * BATCH_BETS };
    const bets = [...generateBets(request)];
    return Array.from({ length: BATCHES }, (_, at) => ({
      lines: encodeLines(bets.slice(at * BATCH_BETS, (at + 1) * BATCH_BETS)),
      answer: "acknowledged" as const,
    }));
  });
  for (const [index, batches] of sent.entries()) {
    const of = agency(index + 1);
    const verdicts = batches.map(({ lines }, at) =>
      submit(store, { agency: of, sequence: at + 1, count: BATCH_BETS, lines }),
    );
    for (const { kind } of await Promise.all(verdicts)) assert.equal(kind, "stored");
    await store.done(of);
  }
  await store.performDraw(tell);
  const markers = findMarkers(sent);
  const clients = await Promise.all(
    sent.map(async (batches, index) => {
      const winners = await documentsOf(await store.winners(agency(index + 1)));
      return {
        agency: index + 1,
        batches,
        done: true,
        winners,
        received: [Buffer.concat([Buffer.alloc(50 * BATCHES), Buffer.from(winners?.join() ?? "")])],
        markers: markers[index] ?? [],
        mayRepeat: false,
      };
    }),
  );
  await filesWritten(disk);
  await store.close();
  const files = filesOn(disk);
  const startMs = performance.now();
  assertSound({
    draw: "1",
    winningNumber: WINNING_NUMBER,
    agencies: AGENCIES,
    clients,
    files,
    centralLog: [centralLine(drawPerformed())],
    agencyLog: [],
    drawMayBeToldAgain: false,
    over: true,
  });
  t.diagnostic(`${Math.round(performance.now() - startMs)} ms`);
});
