import { hash } from "node:crypto";
import { join } from "node:path";
import { plural } from "../../lottery/plural.ts";
import type { Disk } from "../disk/disk.ts";
import { segmentNumber, summaryNumber } from "./layout.ts";
import { LedgerCorrupt } from "./ledger-corrupt.ts";

/** Longer names are cut and get a hash, which makes them unique: file systems allow 255 bytes. */
const NAME_BYTES_MAX = 150;

/** The directory of a draw in a data directory, which holds many. */
export function drawDirectory(dir: string, draw: string): string {
  return join(dir, encodeDrawName(draw));
}

/** Letters, digits, `_`, `-` and dots that are not first stay as they are; every other byte becomes `%XX`. */
export function encodeDrawName(draw: string): string {
  const encoded = Array.from(Buffer.from(draw), (byte, index) => {
    const char = String.fromCharCode(byte);
    return /[\w-]/.test(char) || (char === "." && index > 0)
      ? char
      : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
  if (encoded === "") return "%";
  if (encoded.length <= NAME_BYTES_MAX) return encoded;
  return `${encoded.slice(0, NAME_BYTES_MAX)}~${hash("sha256", draw).slice(0, 32)}`;
}

/**
 * Numbers of a draw's segments, ascending from 1.
 *
 * @throws LedgerCorrupt when one is missing between two, or when a summary has no segment: summaries are
 * written only for segments that have records
 */
export async function listSegments(disk: Disk, dir: string): Promise<number[]> {
  const names = await disk.list(dir);
  const numbers = names
    .map(segmentNumber)
    .filter((number) => number !== undefined)
    .toSorted((a, b) => a - b);
  const hole = numbers.findIndex((number, index) => number !== index + 1);
  if (hole >= 0) {
    throw new LedgerCorrupt({
      file: dir,
      at: undefined,
      expected: `a segment ${hole + 1}`,
      found: `segments ${numbers.slice(Math.max(0, hole - 1), hole + 1).join(", ")}`,
    });
  }
  const lost = names.find((name) => (summaryNumber(name) ?? 0) > numbers.length);
  if (lost !== undefined) {
    throw new LedgerCorrupt({
      file: join(dir, lost),
      at: undefined,
      expected: "the segment of this number beside its summary",
      found: `${plural(numbers.length, "segment")} in all`,
    });
  }
  return numbers;
}
