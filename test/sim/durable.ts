import type { MemoryDisk } from "../support/disk-memory.ts";

// What would be left of a draw if the power failed now, read in the simplest way (docs/ledger.md).

const SEGMENT_HEADER_BYTES = 32;
const BATCH = 1;
const DONE = 2;
const DRAW = 4;
const TOLD = 5;

/** Whether these lines are on stable storage, in a segment. */
export function holdsLines(disk: MemoryDisk, lines: Uint8Array): boolean {
  for (const bytes of segments(disk)) {
    for (const record of records(bytes)) {
      if (record.kind === BATCH && record.body.equals(lines)) return true;
    }
  }
  return false;
}

/** How many batches of an agency are on stable storage. */
export function batchesOf(disk: MemoryDisk, of: number): number {
  const all = segments(disk).flatMap((bytes) => [...records(bytes)]);
  return all.filter(({ kind, agency }) => kind === BATCH && agency === of).length;
}

export function holdsDone(disk: MemoryDisk, agency: number): boolean {
  return segments(disk).some((bytes) =>
    [...records(bytes)].some((record) => record.kind === DONE && record.agency === agency),
  );
}

/** @param how `written`: it need not be on stable storage */
export function holdsDraw(disk: MemoryDisk, how: "durable" | "written" = "durable"): boolean {
  const all = how === "durable" ? segments(disk) : writtenSegments(disk);
  return all.some((bytes) => [...records(bytes)].some(({ kind }) => kind === DRAW));
}

/** Whether the record that the draw was told is on stable storage. */
export function holdsTold(disk: MemoryDisk): boolean {
  return segments(disk).some((bytes) => [...records(bytes)].some(({ kind }) => kind === TOLD));
}

function segments(disk: MemoryDisk): Buffer[] {
  return [...disk.durableFiles].filter(([path]) => isSegment(path)).map(([, bytes]) => bytes);
}

function writtenSegments(disk: MemoryDisk): Buffer[] {
  return disk.paths.filter(isSegment).map((path) => disk.bytesOf(path));
}

function isSegment(path: string): boolean {
  return path.endsWith(".seg");
}

function* records(bytes: Buffer): Generator<{ kind: number; agency: number; body: Buffer }> {
  for (let at = SEGMENT_HEADER_BYTES; at + 68 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    if (length < 60 || at + 8 + length > bytes.length) return;
    const kind = bytes.readUInt8(at + 8);
    const agency = bytes.readUInt32BE(at + 12);
    yield { kind, agency, body: bytes.subarray(at + 68, at + 8 + length) };
    at += 8 + length;
  }
}
