import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Random } from "../../src/generate/random.ts";
import { openLedger } from "../../src/stores/ledger/ledger.ts";
import { readDrawFiles } from "../checker/read-draw-files.ts";
import { type FoundRecord, readLedger } from "../checker/read-ledger.ts";
import {
  agency,
  batchesOf,
  claimOf,
  submitAll,
  WINNING_NUMBER,
  tell,
} from "../stores/conformance/batches.ts";
import { copyLedger } from "../support/copy-ledger.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { cli } from "../support/paths.ts";
import { runCli } from "../support/run-cli.ts";

const SEGMENT_BYTES = 65_536;
const AGENCIES = 2;
const FLUSH = 8;

/** Real files of an open draw, as a kill leaves them, and of the same draw when it is drawn. */
export interface DrawFiles {
  readonly open: string;
  readonly drawn: string;
  readonly records: readonly FoundRecord[];
  remove(): void;
}

export async function layDrawFiles(batches: number): Promise<DrawFiles> {
  const root = await mkdtemp(join(tmpdir(), "quiniela-files-"));
  const [live, open, drawn] = ["live", "open", "drawn"].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  const store = await openLedger({
    dir: live,
    draw: "1",
    winningNumber: WINNING_NUMBER,
    agencies: AGENCIES,
    segmentBytes: SEGMENT_BYTES,
    // Time stands still, so closing waits as long as needed.
    clock: new FakeClock(),
    onFailure: assert.ifError,
  });
  const each = batches / AGENCIES;
  for (let from = 1; from <= each; from += FLUSH) {
    for (const number of [1, 2]) {
      await submitAll(store, batchesOf(number, from, Math.min(each, from + FLUSH - 1)));
    }
  }
  copyLedger(live, open);
  for (const number of [1, 2]) await store.done(agency(number), claimOf(number, each));
  await store.performDraw(tell);
  await store.close();
  copyLedger(live, drawn);
  const { records } = readLedger(readDrawFiles(join(open, "1")));
  return { open, drawn, records, remove: () => rmSync(root, { recursive: true }) };
}

/**
 * Flips a bit of a record. A later flush proves that the record was complete, so it is refused with
 * file and offset.
 */
export async function flipInTheMiddle({ open, records }: DrawFiles, random: Random): Promise<void> {
  const last = records.at(-1);
  // Segments before the last one have summaries, and their records are read again only after the
  // draw.
  const exposed = records.filter(
    ({ segment, flush }) => segment === last?.segment && flush !== last.flush,
  );
  const record = exposed[random.below(exposed.length)];
  assert.ok(record !== undefined);
  await withFlip(open, segmentName(record), spotIn(record, random), async (dir) => {
    const place = `${join(dir, "1", segmentName(record))} at byte ${record.at}: expected`;
    const verified = await runCli(["verify", dir]);
    assert.equal(verified.status, 1);
    assert.ok(verified.stdout.includes(place), verified.stdout);
    const central = await runCli(centralArguments(dir));
    assert.equal(central.status, 1);
    assert.ok(central.stderr.includes("LEDGER_CORRUPT"), central.stderr);
    assert.ok(central.stderr.includes(place), central.stderr);
  });
}

/** Flips a bit that a summary covers: a start does not read it, but `verify` does. */
export async function flipBehindSummary(
  { open, records }: DrawFiles,
  random: Random,
): Promise<void> {
  const last = records.at(-1);
  const covered = records.filter(({ segment }) => segment !== last?.segment);
  const record = covered[random.below(covered.length)];
  assert.ok(record !== undefined);
  await withFlip(open, segmentName(record), spotIn(record, random), async (dir) => {
    const verified = await runCli(["verify", dir]);
    assert.equal(verified.status, 1);
    const place = `${join(dir, "1", segmentName(record))} at byte ${record.at}: expected`;
    assert.ok(verified.stdout.includes(place), verified.stdout);
  });
}

/**
 * Flips a bit of the last flush, which looks like a torn flush: it is cut, the log says so, and the
 * central starts.
 */
export async function flipInLastFlush({ open, records }: DrawFiles, random: Random): Promise<void> {
  const last = records.filter(({ flush }) => flush === records.at(-1)?.flush);
  const record = last[random.below(last.length)];
  assert.ok(record !== undefined);
  await withFlip(open, segmentName(record), spotIn(record, random), async (dir) => {
    const path = join(dir, "1", segmentName(record));
    const verified = await runCli(["verify", dir]);
    assert.equal(verified.status, 0, verified.stdout);
    assert.ok(verified.stdout.includes(`from byte ${record.at}: the next start`), verified.stdout);
    const log = await startAndStop(dir);
    const line = `action: cut_torn_tail | result: success | file: ${path} | offset: ${record.at}`;
    assert.ok(log.includes(line), log);
    const after = await runCli(["verify", dir]);
    assert.equal(after.status, 0, after.stdout);
    assert.ok(after.stdout.includes("Everything agrees."), after.stdout);
  });
}

/** Flips a bit of `bets.csv`: `verify` names the line. */
export async function flipInBets({ drawn }: DrawFiles, random: Random): Promise<void> {
  const bytes = readDrawFiles(join(drawn, "1")).get("bets.csv") ?? new Uint8Array();
  const offset = random.below(bytes.length);
  const line = bytes.subarray(0, offset).filter((byte) => byte === 0x0a).length + 1;
  await withFlip(drawn, "bets.csv", { offset, bit: random.below(8) }, async (dir) => {
    const verified = await runCli(["verify", dir]);
    assert.equal(verified.status, 1);
    const place = `${join(dir, "1", "bets.csv")} at line ${line}: expected`;
    assert.ok(verified.stdout.includes(place), verified.stdout);
  });
}

interface Spot {
  readonly offset: number;
  readonly bit: number;
}

function spotIn({ at, end }: FoundRecord, random: Random): Spot {
  return { offset: at + random.below(end - at), bit: random.below(8) };
}

/** Calls back with a copy of the files in which one bit is flipped. */
async function withFlip(
  from: string,
  file: string,
  { offset, bit }: Spot,
  look: (dir: string) => Promise<void>,
): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), "quiniela-flip-"));
  try {
    copyLedger(from, dir);
    const handle = openSync(join(dir, "1", file), "r+");
    const byte = Buffer.alloc(1);
    readSync(handle, byte, 0, 1, offset);
    byte.writeUInt8(byte.readUInt8(0) ^ (1 << bit));
    writeSync(handle, byte, 0, 1, offset);
    closeSync(handle);
    await look(dir);
  } catch (error) {
    throw new Error(`bit ${bit} of byte ${offset} of ${file}`, { cause: error });
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** @returns the log of a central that was started on the files, and stopped when it listened */
async function startAndStop(dir: string): Promise<string> {
  const central = spawn(process.execPath, [cli, ...centralArguments(dir)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(central, "exit");
  const lines: string[] = [];
  for await (const line of createInterface(central.stdout)) {
    lines.push(line);
    if (line.includes("action: accept_connections")) central.kill("SIGTERM");
  }
  assert.deepEqual(await ended, [0, null]);
  return lines.join("\n");
}

function centralArguments(dir: string): string[] {
  const place = ["--port", "0", "--bind", "127.0.0.1", "--data-dir", dir];
  return ["central", "--agencies", `${AGENCIES}`, ...place];
}

function segmentName({ segment }: FoundRecord): string {
  return `${String(segment).padStart(8, "0")}.seg`;
}
