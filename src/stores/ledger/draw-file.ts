import { join } from "node:path";
import type { DrawBook } from "../../lottery/draw-book.ts";
import { plural } from "../../lottery/plural.ts";
import { StoreError } from "../../store/store-error.ts";
import { readWhole, replaceBytes } from "../disk/disk-io.ts";
import { type Disk, errorCode } from "../disk/disk.ts";
import { SEAL_FILE } from "../engine/seal-file.ts";
import { FORMAT_VERSION } from "./layout.ts";
import { LedgerCorrupt } from "./ledger-corrupt.ts";

/** The file in a draw's directory with the settings that the draw was begun with. */
export const DRAW_FILE = "draw.json";

/** The settings of a draw: they never change. */
export interface DrawSettings {
  readonly draw: string;
  readonly winningNumber: number;
  readonly agencies: number;
}

/** @returns undefined when the directory holds no draw @throws LedgerCorrupt */
export async function readDrawFile(disk: Disk, dir: string): Promise<DrawSettings | undefined> {
  const path = join(dir, DRAW_FILE);
  let bytes: Buffer | undefined;
  try {
    bytes = await readWhole(disk, path);
  } catch (error) {
    if (errorCode(error) === "ENOTDIR") return undefined;
    throw error;
  }
  if (bytes === undefined) return undefined;
  const text = bytes.toString("utf8");
  const settings = parse(text);
  if (settings !== undefined) return settings;
  throw new LedgerCorrupt({
    file: path,
    at: undefined,
    expected: `JSON with version ${FORMAT_VERSION}, draw, winningNumber and agencies`,
    found: JSON.stringify(text.slice(0, 200)),
  });
}

/**
 * Compares the settings asked for with those that the draw was begun with; writes them for a new draw.
 * @throws StoreError `DRAW_MISMATCH` naming what differs
 */
export async function claimDraw(disk: Disk, dir: string, asked: DrawSettings): Promise<void> {
  const begun = await readDrawFile(disk, dir);
  if (begun === undefined) {
    const { draw, winningNumber, agencies } = asked;
    const contents = { version: FORMAT_VERSION, draw, winningNumber, agencies };
    const text = `${JSON.stringify(contents, undefined, 2)}\n`;
    await replaceBytes(disk, dir, DRAW_FILE, Buffer.from(text));
    return;
  }
  const differences = [
    differs("draw", JSON.stringify(begun.draw), JSON.stringify(asked.draw)),
    differs("winning number", begun.winningNumber, asked.winningNumber),
    differs("count of agencies", begun.agencies, asked.agencies),
  ].filter((difference) => difference !== undefined);
  if (differences.length === 0) return;
  throw new StoreError(
    "DRAW_MISMATCH",
    `Cannot open ${dir}: ${differences.join(", ")}; start with the draw's own settings, or with another draw`,
  );
}

function differs<T>(what: string, begun: T, asked: T): string | undefined {
  return begun === asked ? undefined : `its ${what} is ${String(begun)}, not ${String(asked)}`;
}

function parse(text: string): DrawSettings | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { version, draw, winningNumber, agencies } = value as Record<string, unknown>;
  const valid =
    version === FORMAT_VERSION &&
    typeof draw === "string" &&
    typeof winningNumber === "number" &&
    typeof agencies === "number";
  return valid ? { draw, winningNumber, agencies } : undefined;
}

/**
 * Checks that a ledger with a `seal.json` has its seal: the file is written after the seal, so otherwise the
 * ledger has lost its end.
 *
 * @param sealFile the contents of `seal.json`, read before the ledger; undefined when there was no such file
 * @throws LedgerCorrupt
 */
export function expectSealed(dir: string, book: DrawBook, sealFile: unknown): void {
  if (sealFile === undefined || book.state !== "open" || book.complete) return;
  throw new LedgerCorrupt({
    file: dir,
    at: undefined,
    expected: `the seal that ${SEAL_FILE} states`,
    found: `records of a draw that is open, ${book.doneCount} of ${plural(book.agencies, "agency")} done`,
  });
}
