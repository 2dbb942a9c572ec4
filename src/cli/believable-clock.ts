import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { CentralError } from "../central/central-error.ts";
import { errorCode } from "../stores/disk/disk.ts";

/** Clocks of two machines, or of one machine before and after it was set, may differ by so much. */
export const CLOCK_TOLERANCE_MS = 5 * 60_000;

/** An event in the past: a clock that is right cannot be before it. */
export interface Landmark {
  /** The event, such as `the program was built`. */
  readonly what: string;
  readonly at: Date;
  /** The draw's file that has this time, if it is one. */
  readonly file: string | undefined;
}

/**
 * Compares the clock with past events. With a clock that is years late, a central takes every birthdate for
 * one in the future, refuses every bet, and draws without any.
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

/** Files that a store writes when something is stored. Locks are left out: their time means nothing. */
const WRITTEN = /^(?:\d{8}\.(?:seg|sum)|draw\.json|bets\.csv|seal\.json)$/;

/**
 * The file of a store that was written last. Call it before the store is opened, because opening writes.
 *
 * @param dir the folder of the store's files
 * @returns undefined when there is no such file
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

/** The names in a folder; none when it cannot be read: the store reports that when it opens. */
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
