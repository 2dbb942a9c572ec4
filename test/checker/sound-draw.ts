import assert from "node:assert/strict";
import { openLedger } from "../../src/stores/ledger/ledger.ts";
import { formatText } from "../../src/log/format-text.ts";
import {
  accepting,
  batchReceived,
  drawPerformed,
  winnersQueried,
} from "../../src/log/mandated-lines.ts";
import type { LogEvent } from "../../src/log/logger.ts";
import type { Batch } from "../../src/lottery/batch.ts";
import { encodeCentral } from "../../src/protocols/dialects/native/encode.ts";
import type { Verdict } from "../../src/store/bet-store.ts";
import { agency, batchOf, submit, WINNING_NUMBER, tell } from "../stores/conformance/batches.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { MemoryDisk, noLock } from "../support/disk-memory.ts";
import { documentsOf } from "../support/documents.ts";
import type { BatchEvidence, ClientEvidence, Evidence } from "./evidence.ts";
import { findMarkers } from "./find-markers.ts";

/** The last one sends nothing, and is done. */
export const AGENCIES = 3;
const BATCHES = 12;

/**
 * Evidence of a draw in the real ledger: two agencies whose batches came in turns, some of them
 * twice, in several segments.
 */
export async function soundDraw(): Promise<Evidence> {
  const disk = new MemoryDisk();
  const store = await openLedger({
    dir: "/data",
    draw: "1",
    winningNumber: WINNING_NUMBER,
    agencies: AGENCIES,
    segmentBytes: 2048,
    disk,
    lock: noLock,
    // Time stands still, so closing waits as long as needed.
    clock: new FakeClock(),
    onFailure: (error) => {
      throw error;
    },
  });
  const sent: BatchEvidence[][] = [[], [], []];
  const received: Buffer[][] = [[], [], []];
  const centralLog = [centralLine(accepting())];
  const offer = async (batch: Batch): Promise<void> => {
    let verdict: Verdict;
    // The next segment is being made.
    while ((verdict = await submit(store, batch)).kind === "busy") {
      await new Promise(setImmediate);
    }
    if (verdict.kind === "duplicate") return;
    const head = verdict.kind === "stored" ? verdict.head : undefined;
    const answer = head === undefined ? "refused" : "acknowledged";
    sent[batch.agency - 1]?.push({ lines: batch.lines, answer });
    const result = head === undefined ? "fail" : "success";
    centralLog.push(centralLine(batchReceived(result, batch.count)));
    if (head === undefined) return;
    received[batch.agency - 1]?.push(
      encodeCentral({ kind: "ack", sequence: batch.sequence, head, done: false }),
    );
  };
  for (let sequence = 1; sequence <= BATCHES; sequence++) {
    for (const of of [1, 2]) await offer(batchOf(of, sequence, 1 + (sequence % 3)));
    if (sequence % 4 === 0) await offer(batchOf(1, sequence - 1, 1 + ((sequence - 1) % 3)));
  }
  for (let of = 1; of <= AGENCIES; of++) await store.done(agency(of));
  await offer(batchOf(1, BATCHES + 1));
  await store.performDraw(tell);
  centralLog.push(centralLine(drawPerformed()));
  const { seal } = await store.whenDrawn();
  const markers = findMarkers(sent);
  const clients: ClientEvidence[] = [];
  for (let of = 1; of <= AGENCIES; of++) {
    const documents = (await documentsOf(await store.winners(agency(of)))) ?? [];
    const total = documents.length;
    const drawn = { winningNumber: WINNING_NUMBER, seal, total, index: 0, documents };
    clients.push({
      agency: of,
      batches: sent[of - 1] ?? [],
      done: true,
      winners: documents,
      received: [
        Buffer.concat([...(received[of - 1] ?? []), encodeCentral({ kind: "drawn", ...drawn })]),
      ],
      markers: markers[of - 1] ?? [],
      mayRepeat: false,
    });
  }
  await filesWritten(disk);
  await store.close();
  return {
    draw: "1",
    winningNumber: WINNING_NUMBER,
    agencies: AGENCIES,
    clients,
    files: filesOn(disk),
    centralLog,
    agencyLog: clients.map(({ winners }) => agencyLine(winnersQueried(winners?.length ?? 0))),
    drawMayBeToldAgain: false,
    over: true,
  };
}

/** Resolves when the files of draw "1" that follow its draw are there: a close does not wait for long. */
export async function filesWritten(disk: MemoryDisk): Promise<void> {
  for (let turns = 0; !disk.paths.includes("/data/1/seal.json"); turns++) {
    assert.ok(turns < 100_000, "there is never a seal.json");
    await new Promise(setImmediate);
  }
}

/** Copies of the files of draw "1". */
export function filesOn(disk: MemoryDisk): Map<string, Uint8Array> {
  const dir = "/data/1/";
  return new Map(
    disk.paths
      .filter((path) => path.startsWith(dir))
      .map((path) => [path.slice(dir.length), Buffer.from(disk.bytesOf(path))]),
  );
}

const TIME = new Date(2024, 7, 21, 22, 11, 15);

export function centralLine(event: LogEvent, time = TIME): string {
  return formatText("central", "info", event, time);
}

export function agencyLine(event: LogEvent, time = TIME): string {
  return formatText("agency", "info", event, time);
}
