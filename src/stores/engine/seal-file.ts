import { join } from "node:path";
import { type ActFields, actFields } from "../../lottery/act.ts";
import type { DrawBook } from "../../lottery/draw-book.ts";
import type { Disk } from "../disk/disk.ts";
import { readWhole, replaceBytes } from "../disk/disk-io.ts";
import { StoreError } from "../../store/store-error.ts";

/** What the seal fixed, for people and programs: docs/ledger.md. */
export const SEAL_FILE = "seal.json";
/** Every bet of the draw, as canonical lines in the order of acceptance. */
export const BETS_FILE = "bets.csv";

/** Hashes are lowercase hex, times are ISO dates. Version 1 is of draws whose plan is of version 1. */
export interface SealFile {
  readonly version: 1 | 2;
  readonly draw: string;
  readonly winningNumber: number;
  readonly agencies: readonly {
    readonly agency: number;
    /** Version 2, where the draw's plan has names. */
    readonly name?: string;
    readonly batches: number;
    readonly bets: number;
    readonly head: string;
    /** Version 2: only for agencies that were not done. */
    readonly closedOut?: true;
  }[];
  /** Version 2: what operators and the clock did, in this order. */
  readonly acts?: readonly ActFields[];
  readonly bets: number;
  readonly seal: string;
  readonly betsCsvSha256: string;
  readonly betsCsvBytes: number;
}

export interface FileDigest {
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * The contents that `seal.json` must have for a drawn draw and its `bets.csv`.
 *
 * @throws RangeError for a draw that is not drawn
 */
export function sealFile(book: DrawBook, betsCsv: FileDigest): SealFile {
  const { plan, roster, winningNumber, seal } = book;
  if (seal === undefined || winningNumber === undefined) {
    throw new RangeError(`Cannot publish a draw that is ${book.state}`);
  }
  const { agencies } = book.sealed();
  const version = plan.sealVersion ?? 2;
  return {
    version,
    draw: plan.name,
    winningNumber,
    agencies: agencies.map(({ agency, batches, bets, head, closedOut }) => {
      const name = roster.nameOf(agency);
      return {
        agency,
        ...(name === undefined ? {} : { name }),
        batches,
        bets,
        head: hex(head),
        ...(closedOut ? { closedOut } : {}),
      };
    }),
    ...(version === 1 ? {} : { acts: book.acts.map(actFields) }),
    bets: agencies.reduce((sum, { bets }) => sum + bets, 0),
    seal: hex(seal),
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
