import type { DrawBook } from "../../lottery/draw-book.ts";
import type { TornTail } from "../../store/bet-store.ts";
import type { Disk } from "../disk/disk.ts";
import { writeFully } from "../disk/disk-io.ts";
import { listSegments } from "./draw-directory.ts";
import { SEGMENT_HEADER_BYTES } from "./layout.ts";
import { LedgerCorrupt } from "./ledger-corrupt.ts";
import { parseRecord } from "./record.ts";
import { Replay } from "./replay.ts";
import { firstNonZero, readSegment, type SegmentImage, walkSegment } from "./segment-image.ts";
import { firstToRead, readSummary, type Summary, SummaryBuilder, writeSummary } from "./summary.ts";
import { findProofOfDamage, laterRecord, tornTail } from "./judge-tail.ts";
import type { WinnerPlaces } from "./winners-reader.ts";

/** What recovery found, and where the ledger goes on. */
export interface Recovered {
  /** How many segments there are; they are numbered from 1. */
  readonly segments: number;
  /** The segment that holds the last record; 0 when there is none. */
  readonly active: number;
  /** Offset after the last record. */
  readonly end: number;
  /** Summary of the active segment so far. */
  readonly summary: SummaryBuilder;
  /** Offset after the last record that its summary on disk covers. */
  readonly summaryEnd: number;
  readonly lastGroup: number;
  /** What was cut. */
  readonly torn: TornTail | undefined;
}

/**
 * Reads a draw's segments into its book, and the places of winners into `places`. Cuts off what a crash left
 * half written, and makes sure that all that was read is on stable storage: a process that was killed may
 * have left its last flush in the page cache only.
 *
 * @throws LedgerCorrupt when anything but the last flush is damaged
 */
export async function recover(
  disk: Disk,
  dir: string,
  book: DrawBook,
  places: WinnerPlaces,
): Promise<Recovered> {
  const numbers = await listSegments(disk, dir);
  const replay = new Replay(book, places);
  let summary = new SummaryBuilder(1);
  let last: SegmentImage | undefined;
  let lastCovered = 0;
  let torn: TornTail | undefined;
  for (const number of numbers) {
    const { image, known } = await load(disk, dir, number);
    const builder = new SummaryBuilder(number, known);
    if (known !== undefined) replay.adopt(image, known);
    const walk = walkSegment(image, known?.end ?? SEGMENT_HEADER_BYTES);
    let step = walk.next();
    for (; step.done !== true; step = walk.next()) {
      const record = step.value;
      builder.add(record, replay.apply(image, record), record.at, record.end);
    }
    if (!builder.empty) {
      // Only now is it known that the segment before is full: write its summary if it is not complete.
      if (last !== undefined && lastCovered < summary.end) {
        await writeSummary(disk, dir, last.number, summary);
      }
      last = image;
      lastCovered = known?.end ?? 0;
      summary = builder;
    }
    if (step.value.kind === "flaw") {
      torn = await judge(image, step.value, readEach(disk, dir, numbers.slice(number)));
      await cut(disk, image, torn.offset);
      break;
    }
  }
  if (last !== undefined) await settleLastFlush(disk, last, replay);
  const { segment: active, end, group: lastGroup } = replay.to;
  return {
    segments: numbers.length,
    active,
    end,
    summary,
    summaryEnd: lastCovered,
    lastGroup,
    torn,
  };
}

/**
 * Reads the segment and its summary; of the records that the summary covers, only the last one is read, and acts.
 *
 * @throws LedgerCorrupt when that record is not there: a summary is written after its records are on
 * stable storage, so it was there
 */
async function load(
  disk: Disk,
  dir: string,
  number: number,
): Promise<{ image: SegmentImage; known: Summary | undefined }> {
  const known = await readSummary(disk, dir, number);
  if (known === undefined) return { image: await readSegment(disk, dir, number), known };
  const from = firstToRead(known);
  const image = await readSegment(disk, dir, number, (size) => Math.min(from, size));
  const parsed = parseRecord(image.bytes, known.lastAt);
  const agrees =
    parsed.kind === "record" &&
    parsed.record.end === known.end &&
    parsed.record.group === known.lastGroup;
  if (agrees) return { image, known };
  throw new LedgerCorrupt({
    file: image.path,
    at: { offset: known.lastAt },
    expected: `the last record of its summary, of flush ${known.lastGroup} up to byte ${known.end}`,
    found: parsed.kind === "invalid" ? parsed.found : "another record or none",
  });
}

/** Reads segments one by one, only after a flaw. */
async function* readEach(
  disk: Disk,
  dir: string,
  numbers: readonly number[],
): AsyncGenerator<SegmentImage, void> {
  for (const number of numbers) yield await readSegment(disk, dir, number);
}

async function judge(
  image: SegmentImage,
  flaw: { at: number; expected: string; found: string; intact: boolean },
  later: AsyncIterable<SegmentImage>,
): Promise<TornTail> {
  const proof = flaw.intact
    ? laterRecord(image, flaw.at)
    : await findProofOfDamage(image, flaw.at, later);
  if (proof === undefined) return tornTail(image, flaw.at);
  throw new LedgerCorrupt({
    file: image.path,
    at: { offset: flaw.at },
    expected: flaw.expected,
    found: `${flaw.found}, and ${proof}`,
  });
}

/** Overwrites everything from `at` on with zeros, which were there before the torn flush. */
async function cut(disk: Disk, image: SegmentImage, at: number): Promise<void> {
  if (firstNonZero(image.bytes, at) < 0) return;
  const { bytes } = tornTail(image, at);
  image.bytes.fill(0, at);
  await overwrite(disk, image, at, at + bytes);
}

/**
 * Writes the last flush once more. That it can be read proves nothing: it may be in memory only, even after
 * a sync that failed in an earlier process. All flushes before it are on stable storage.
 */
async function settleLastFlush(disk: Disk, last: SegmentImage, { to }: Replay): Promise<void> {
  if (to.groupStart !== undefined) await overwrite(disk, last, to.groupStart, to.end);
}

async function overwrite(disk: Disk, image: SegmentImage, from: number, to: number): Promise<void> {
  const file = await disk.open(image.path, { mode: "write", durable: true });
  try {
    await writeFully(file, image.bytes.subarray(from, to), from);
  } finally {
    await file.close();
  }
}
