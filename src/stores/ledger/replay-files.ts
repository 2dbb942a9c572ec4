import { join } from "node:path";
import type { AgencyId } from "../../lottery/bet.ts";
import type { WinnersSum } from "../../lottery/winners.ts";
import type { StoredBatch, TornTail } from "../../store/bet-store.ts";
import { openIfThere, readFully } from "../disk/disk-io.ts";
import type { Disk } from "../disk/disk.ts";
import { listSegments } from "./draw-directory.ts";
import { BATCH, SEGMENT_HEADER_BYTES, segmentName } from "./layout.ts";
import { LedgerCorrupt } from "./ledger-corrupt.ts";
import type { PlacedRecord } from "./record.ts";
import type { Replay } from "./replay.ts";
import {
  firstNonZero,
  readSegment,
  type SegmentImage,
  type WalkEnd,
  walkSegment,
} from "./segment-image.ts";
import { findProofOfDamage, tornTail } from "./judge-tail.ts";

/** How many times a flaw is read: a central may be writing there at this moment. */
const LOOKS = 3;
/** How many segments are read at once, of 16 MiB at the most. */
const READ_AHEAD = 2;
/** The first bytes after the header: a segment in use has a record there, a prepared one has zeros. */
const PROBE_BYTES = 4096;

export interface ReplayedRecord {
  readonly image: SegmentImage;
  readonly record: PlacedRecord;
  /** The sums of its bets that win. */
  readonly winners: WinnersSum;
}

/**
 * Replays a draw's segments without changing them, while a central may be writing to them.
 *
 * @returns the torn or unfinished tail, if there is one
 * @throws LedgerCorrupt
 */
export async function* replayFiles(
  disk: Disk,
  dir: string,
  replay: Replay,
): AsyncGenerator<ReplayedRecord, TornTail | undefined> {
  const last = await lastUsed(disk, dir, await listSegments(disk, dir));
  for (let number = 1; number <= last; number++) {
    let image = await readSegment(disk, dir, number);
    let at = SEGMENT_HEADER_BYTES;
    for (let looks = 1; ; looks++) {
      const end = yield* replaySegment(image, at, replay);
      if (end.kind === "clean") break;
      at = end.at;
      // Only the last segment is read again: nothing is written to the others any more.
      if (number === last && looks < LOOKS) {
        image = await readSegment(disk, dir, number);
        continue;
      }
      const damaged =
        number < last || end.intact || (await findProofOfDamage(image, at, [])) !== undefined;
      if (!damaged) return tornTail(image, at);
      const { expected, found } = end;
      throw new LedgerCorrupt({ file: image.path, at: { offset: at }, expected, found });
    }
  }
  return undefined;
}

function* replaySegment(
  image: SegmentImage,
  from: number,
  replay: Replay,
): Generator<ReplayedRecord, WalkEnd> {
  const walk = walkSegment(image, from);
  let step = walk.next();
  for (; step.done !== true; step = walk.next()) {
    const winners = replay.apply(image, step.value);
    yield { image, record: step.value, winners };
  }
  return step.value;
}

/**
 * The last segment that is in use, found before anything is read. All segments before it are complete, so
 * that only this one can change while it is read.
 */
async function lastUsed(disk: Disk, dir: string, numbers: readonly number[]): Promise<number> {
  for (const number of numbers.toReversed()) {
    const file = await openIfThere(disk, join(dir, segmentName(number)));
    // A central removes its prepared segments after the draw.
    if (file === undefined) continue;
    try {
      const probe = Buffer.alloc(PROBE_BYTES);
      await readFully(file, probe, SEGMENT_HEADER_BYTES);
      if (firstNonZero(probe, 0) >= 0) return number;
    } finally {
      await file.close();
    }
  }
  return 0;
}

/**
 * Every batch up to an offset of the last segment, in the order of acceptance.
 * The lines of a batch belong to the caller.
 *
 * @throws LedgerCorrupt
 */
export async function* scanBatches(
  disk: Disk,
  dir: string,
  lastSegment: number,
  end: number,
): AsyncGenerator<StoredBatch> {
  for await (const { records } of recordsUpTo(disk, dir, lastSegment, end)) {
    for (const record of records) if (record.kind === BATCH) yield storedBatch(record);
  }
}

/**
 * The records up to an offset of the last segment, segment by segment. The records of a segment must be taken
 * before the next one.
 *
 * @throws LedgerCorrupt
 */
export async function* recordsUpTo(
  disk: Disk,
  dir: string,
  lastSegment: number,
  end: number,
): AsyncGenerator<{ readonly segment: number; readonly records: Iterable<PlacedRecord> }> {
  const reading: Promise<SegmentImage>[] = [];
  for (let segment = 1, next = 1; segment <= lastSegment; segment++) {
    // Further ones are read while the records of this one are taken: several reads at once are faster.
    for (; next <= lastSegment && reading.length < READ_AHEAD; next++) {
      const image = readSegment(disk, dir, next);
      image.catch(() => undefined);
      reading.push(image);
    }
    const image = await reading.shift();
    if (image === undefined) return;
    yield { segment, records: recordsIn(image, segment === lastSegment ? end : undefined) };
  }
}

function* recordsIn(image: SegmentImage, end: number | undefined): Generator<PlacedRecord> {
  const limit = end ?? image.bytes.length;
  const walk = walkSegment(image, SEGMENT_HEADER_BYTES);
  let step = walk.next();
  for (; step.done !== true && step.value.at < limit; step = walk.next()) yield step.value;
  if (step.done === true && step.value.kind === "flaw" && step.value.at < limit) {
    const { at: offset, expected, found } = step.value;
    throw new LedgerCorrupt({ file: image.path, at: { offset }, expected, found });
  }
}

export function storedBatch({ agency, sequence, count, head, body }: PlacedRecord): StoredBatch {
  return { agency: agency as AgencyId, sequence, count, lines: body, head };
}
