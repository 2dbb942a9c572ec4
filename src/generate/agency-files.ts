import { createWriteStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { AgencyId, Bet } from "../lottery/bet.ts";
import { formatRow } from "../lottery/canonical-line.ts";
import { generateBets } from "./generate-bets.ts";
import { splitBets } from "./split-bets.ts";

export interface AgencyFilesRequest {
  /** Folder of the files, made if missing; files with the same names are replaced. */
  readonly dir: string;
  readonly agencies: number;
  /** Number of bets of all agencies together; each gets at least one. */
  readonly bets: number;
  readonly seed: number;
  /** @param bets how many bets of all agencies are written so far; called at least once per agency */
  readonly onProgress?: (bets: number) => void;
  /** Ends the work between two pieces of a file; files that are finished stay. */
  readonly signal?: AbortSignal;
}

export interface AgencyFile {
  readonly agency: AgencyId;
  readonly bets: number;
  readonly path: string;
}

/**
 * Writes `agency-1.csv` to `agency-N.csv` with made-up bets, in the form of the course's files.
 *
 * A file appears whole or not at all, because an agency may send it.
 *
 * @throws RangeError when there are fewer bets than agencies; the system's error when a file cannot
 * be written; the signal's reason
 */
export async function generateAgencyFiles(request: AgencyFilesRequest): Promise<AgencyFile[]> {
  const { dir, agencies, bets, seed, onProgress = () => undefined, signal } = request;
  const counts = splitBets(bets, agencies);
  await mkdir(dir, { recursive: true });
  const files: AgencyFile[] = [];
  let before = 0;
  for (const [index, count] of counts.entries()) {
    const agency = (index + 1) as AgencyId;
    const path = join(dir, `agency-${agency}.csv`);
    const start = before;
    const temp = `${path}.${process.pid}.tmp`;
    try {
      const rows = generateBets({ seed, agency, count });
      await writeAgencyFile(temp, rows, (written) => onProgress(start + written), signal);
      await rename(temp, path);
    } catch (error) {
      await rm(temp, { force: true });
      throw error;
    }
    files.push({ agency, bets: count, path });
    before += count;
  }
  return files;
}

/**
 * Writes an agency's own CSV file: a row `first,last,document,birthdate,number` CR LF for each bet,
 * UTF-8, no header. Bets are only made as fast as rows can be written.
 *
 * @param onProgress called now and then, and at the end, with the number of bets so far
 */
export async function writeAgencyFile(
  path: string,
  bets: Iterable<Bet>,
  onProgress: (bets: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted();
  const out = createWriteStream(path);
  // A pipeline does not accept undefined as its signal.
  await pipeline(chunksOf(bets, onProgress), out, signal === undefined ? {} : { signal });
}

/** Rows are written in chunks of this size: one write per row would take most of the time. */
const CHUNK_CHARACTERS = 64 * 1024;

function* chunksOf(bets: Iterable<Bet>, onProgress: (bets: number) => void): Generator<string> {
  let rows = "";
  let count = 0;
  for (const bet of bets) {
    rows += formatRow(bet);
    count++;
    if (rows.length >= CHUNK_CHARACTERS) {
      yield rows;
      rows = "";
      onProgress(count);
    }
  }
  yield rows;
  onProgress(count);
}
