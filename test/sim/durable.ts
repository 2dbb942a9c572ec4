import { crc32 } from "node:zlib";
import type { MemoryDisk } from "../support/disk-memory.ts";

// What would be left of a draw if the power failed now, read in the simplest way (docs/ledger.md).

export const DATA_DIR = "/data";

const SEGMENT_HEADER_BYTES = 32;
const BATCH = 1;
const DONE = 2;
const SEAL = 3;
const DRAW = 4;
const TOLD = 5;
const ACT = 6;

/** `written`: it need not be on stable storage. */
type How = "durable" | "written";

/** What an operator or the clock did, as its record has it. */
export interface ActFound {
  readonly act: string;
  readonly agency?: number;
  readonly number?: number;
  readonly at: string;
  readonly by: string;
}

/** The directory of a draw; names in the simulation need no escapes. */
export function folderOf(draw: string): string {
  return `${DATA_DIR}/${draw}`;
}

/** Whether these lines are on stable storage, in a segment. */
export function holdsLines(
  disk: MemoryDisk,
  draw: string,
  lines: Uint8Array,
  how: How = "durable",
): boolean {
  return some(disk, draw, how, ({ kind, body }) => kind === BATCH && body.equals(lines));
}

/** How many batches of an agency are on stable storage. */
export function batchesOf(disk: MemoryDisk, draw: string, of: number): number {
  let count = 0;
  for (const { kind, agency } of recordsOf(disk, draw, "durable")) {
    if (kind === BATCH && agency === of) count++;
  }
  return count;
}

export function holdsDone(disk: MemoryDisk, draw: string, of: number): boolean {
  return some(disk, draw, "durable", ({ kind, agency }) => kind === DONE && agency === of);
}

export function holdsDraw(disk: MemoryDisk, draw: string, how: How = "durable"): boolean {
  return some(disk, draw, how, ({ kind }) => kind === DRAW);
}

/** Whether the record that the draw was told is on stable storage. */
export function holdsTold(disk: MemoryDisk, draw: string): boolean {
  return some(disk, draw, "durable", ({ kind }) => kind === TOLD);
}

/** The seal in its record, hexadecimal; undefined while there is none. */
export function sealIn(disk: MemoryDisk, draw: string, how: How = "durable"): string | undefined {
  for (const { kind, head } of recordsOf(disk, draw, how)) {
    if (kind === SEAL) return head.toString("hex");
  }
  return undefined;
}

export function actsIn(disk: MemoryDisk, draw: string, how: How = "durable"): ActFound[] {
  const found: ActFound[] = [];
  for (const { kind, body } of recordsOf(disk, draw, how)) {
    if (kind === ACT) found.push(JSON.parse(body.toString("utf8")) as ActFound);
  }
  return found;
}

export function isCancelled(disk: MemoryDisk, draw: string, how: How = "durable"): boolean {
  return actsIn(disk, draw, how).some(({ act }) => act === "cancel");
}

/** Whether no more bets of an agency are taken, by a record. */
export function isOverFor(disk: MemoryDisk, draw: string, of: number): boolean {
  return (
    sealIn(disk, draw, "written") !== undefined ||
    holdsDone(disk, draw, of) ||
    actsIn(disk, draw, "written").some(
      ({ act, agency }) =>
        act === "close" || act === "cancel" || (act === "close-out" && agency === of),
    )
  );
}

/** Whether the draw goes on, or has gone on, without an agency. */
export function isClosedOut(disk: MemoryDisk, draw: string, of: number): boolean {
  if (holdsDone(disk, draw, of)) return false;
  return actsIn(disk, draw).some(
    ({ act, agency }) => act === "close" || (act === "close-out" && agency === of),
  );
}

interface Found {
  readonly kind: number;
  readonly agency: number;
  readonly head: Buffer;
  readonly body: Buffer;
}

function some(disk: MemoryDisk, draw: string, how: How, is: (record: Found) => boolean): boolean {
  for (const record of recordsOf(disk, draw, how)) if (is(record)) return true;
  return false;
}

function* recordsOf(disk: MemoryDisk, draw: string, how: How): Generator<Found> {
  for (const bytes of segmentsOf(disk, draw, how)) yield* records(bytes);
}

function segmentsOf(disk: MemoryDisk, draw: string, how: How): Buffer[] {
  const folder = `${folderOf(draw)}/`;
  const isSegment = (path: string): boolean => path.startsWith(folder) && path.endsWith(".seg");
  if (how === "written") return disk.paths.filter(isSegment).map((path) => disk.bytesOf(path));
  return [...disk.durableFiles]
    .filter(([path]) => isSegment(path))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, bytes]) => bytes);
}

function* records(bytes: Buffer): Generator<Found> {
  for (let at = SEGMENT_HEADER_BYTES; at + 68 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    if (length < 60 || at + 8 + length > bytes.length) return;
    // The end, or a record that was not written to its end.
    if (bytes.readUInt32BE(at + 4) !== crc32(bytes.subarray(at + 8, at + 8 + length))) return;
    const kind = bytes.readUInt8(at + 8);
    const agency = bytes.readUInt32BE(at + 12);
    const head = bytes.subarray(at + 36, at + 68);
    yield { kind, agency, head, body: bytes.subarray(at + 68, at + 8 + length) };
    at += 8 + length;
  }
}
