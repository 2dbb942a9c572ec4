import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { CentralError } from "../central/central-error.ts";
import { errorCode } from "../stores/disk/disk.ts";

/** Clocks of two machines, or of one before and after it was set, may differ by so much. */
export const CLOCK_TOLERANCE_MS = 5 * 60_000;

/** Something that has happened: no clock that is right can be before it. */
export interface Landmark {
  /** Such as `the program was built`. */
  readonly what: string;
  readonly at: Date;
  /** The file whose time this is, where it is one of a draw's. */
  readonly file: string | undefined;
}

/**
 * Compares the clock with what has happened. A central whose clock is years behind takes every
 * birthdate for one in the future, refuses every bet, and draws without any.
 *
 * @throws CentralError `CLOCK_UNBELIEVABLE`
 */
export function expectBelievable(now: Date, landmarks: readonly Landmark[]): void {
  const newest = landmarks.toSorted((a, b) => b.at.getTime() - a.at.getTime())[0];
  if (newest === undefined) return;
  if (now.getTime() >= newest.at.getTime() - CLOCK_TOLERANCE_MS) return;
  const { what, at, file } = newest;
  const advice =
    file === undefined
      ? "set the clock"
      : `set the clock; if the clock was wrong then and is right now: touch ${file}`;
  throw new CentralError(
    "CLOCK_UNBELIEVABLE",
    `Cannot start: the clock says ${iso(now)}, but ${what} at ${iso(at)}; ${advice} (or start with SERVER_CLOCK=trust)`,
  );
}

/** Files of a store that are written to when something is stored; no lock, whose time is nobody's. */
const WRITTEN = /^(?:\d{8}\.(?:seg|sum)|draw\.json|bets\.csv|seal\.json)$/;

/**
 * The file of a store that was written last. To be asked before the store is opened: that writes.
 *
 * @param dir where the store has its files
 * @returns undefined when there is none
 */
export async function newestFile(dir: string): Promise<Landmark | undefined> {
  let newest: Landmark | undefined;
  for (const name of await namesIn(dir)) {
    if (!WRITTEN.test(name)) continue;
    const file = join(dir, name);
    const at = await timeOf(file);
    if (at === undefined || (newest !== undefined && at <= newest.at)) continue;
    newest = { what: `${file} was written`, at, file };
  }
  return newest;
}

/** What cannot be read here is for the store to refuse. */
async function namesIn(dir: string): Promise<string[]> {
  return readdir(dir).catch(() => []);
}

/** @returns undefined for a file that has just been removed */
async function timeOf(file: string): Promise<Date | undefined> {
  try {
    return (await stat(file)).mtime;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

function iso(date: Date): string {
  return date.toISOString();
}
