import { join } from "node:path";
import type { SealedAgency } from "../../lottery/seal.ts";
import type { Disk } from "../disk/disk.ts";
import { readWhole, replaceBytes } from "../disk/disk-io.ts";
import { StoreError } from "../../store/store-error.ts";

/** What the seal fixed, for people and programs: docs/ledger.md. */
export const SEAL_FILE = "seal.json";
/** Every bet of the draw, as canonical lines in the order of acceptance. */
export const BETS_FILE = "bets.csv";

const VERSION = 1;

/** Hashes are lowercase hex. */
export interface SealFile {
  readonly version: typeof VERSION;
  readonly draw: string;
  readonly winningNumber: number;
  readonly agencies: readonly {
    readonly agency: number;
    readonly batches: number;
    readonly bets: number;
    readonly head: string;
  }[];
  readonly bets: number;
  readonly seal: string;
  readonly betsCsvSha256: string;
  readonly betsCsvBytes: number;
}

export interface SealedDraw {
  readonly draw: string;
  readonly winningNumber: number;
  readonly agencies: readonly SealedAgency[];
  readonly seal: Uint8Array;
}

export interface FileDigest {
  readonly sha256: string;
  readonly bytes: number;
}

/** The contents that `seal.json` must have for a sealed draw and its `bets.csv`. */
export function sealFile(sealed: SealedDraw, betsCsv: FileDigest): SealFile {
  return {
    version: VERSION,
    draw: sealed.draw,
    winningNumber: sealed.winningNumber,
    agencies: sealed.agencies.map(({ agency, batches, bets, head }) => ({
      agency,
      batches,
      bets,
      head: hex(head),
    })),
    bets: sealed.agencies.reduce((sum, { bets }) => sum + bets, 0),
    seal: hex(sealed.seal),
    betsCsvSha256: betsCsv.sha256,
    betsCsvBytes: betsCsv.bytes,
  };
}

export async function writeSealFile(disk: Disk, dir: string, contents: SealFile): Promise<void> {
  const text = `${JSON.stringify(contents, undefined, 2)}\n`;
  await replaceBytes(disk, dir, SEAL_FILE, Buffer.from(text));
}

/**
 * @returns the parsed file, its shape not checked; undefined when there is no file
 * @throws StoreError `LEDGER_CORRUPT` when it is not JSON
 */
export async function readSealFile(disk: Disk, dir: string): Promise<unknown> {
  const path = join(dir, SEAL_FILE);
  const bytes = await readWhole(disk, path);
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    throw new StoreError("LEDGER_CORRUPT", `Cannot read ${path}: it is no JSON`, { cause: error });
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
