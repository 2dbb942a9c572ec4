import type { BigIntStats } from "node:fs";
import { lstat, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { targetOf } from "./whole-file.ts";

/** Where receipts go, and the files that must be others. */
export interface ReceiptsFileOptions {
  readonly path: string;
  /** The file with the agency's bets. */
  readonly dataFile: string;
  /** The file that gets the agency's winners: it is replaced at the draw. */
  readonly winnersFile?: string | undefined;
}

/**
 * Follows links to the file itself, so that every name of it leads to one lock. Makes nothing.
 *
 * @throws Error when receipts must not be written there
 */
export async function receiptsTarget(place: ReceiptsFileOptions): Promise<string> {
  const target = await targetOf(resolve(place.path));
  await expectOwnFile(target, place);
  const found = await look(target);
  if (found === undefined) {
    const link = await lstat(target).catch(() => undefined);
    if (link !== undefined) {
      throw new Error("it is a link to a file that is not there; make that file, or its folder");
    }
    return target;
  }
  if (!found.isFile()) throw new Error("it is not a regular file; set receipts.file to a file");
  if (found.nlink > 1n) {
    throw new Error(
      "it has another name too (a hard link), under which another agency may write it; set receipts.file to a file with one name",
    );
  }
  return target;
}

/** @throws Error when the file of receipts is the file of the bets or of the winners */
export async function expectOwnFile(
  target: string,
  { dataFile, winnersFile = "" }: ReceiptsFileOptions,
): Promise<void> {
  if (await isSameFile(target, dataFile)) {
    throw new Error("it is the file of bets; set receipts.file to another");
  }
  if (winnersFile !== "" && (await isSameFile(target, winnersFile))) {
    throw new Error("it is the file of the winners; set receipts.file to another");
  }
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = [await look(one), await look(other)];
  if (a !== undefined && b !== undefined) return a.ino === b.ino && a.dev === b.dev;
  return (await placeOf(one)) === (await placeOf(other));
}

/** The path of a file that need not exist, without links in its folder. */
async function placeOf(path: string): Promise<string> {
  const folder = dirname(resolve(path));
  return join(await realpath(folder).catch(() => folder), basename(path));
}

/** Undefined also when the file cannot be looked at: opening it tells why. */
function look(path: string): Promise<BigIntStats | undefined> {
  return stat(path, { bigint: true }).catch(() => undefined);
}
