import { join } from "node:path";
import { agencyId } from "../../lottery/bet.ts";
import { isWinningNumber } from "../../lottery/act.ts";
import type { DrawBook } from "../../lottery/draw-book.ts";
import type { DrawPlan } from "../../lottery/draw-plan.ts";
import { plural } from "../../lottery/plural.ts";
import { type ExpectedAgencies, type ExpectedAgency, Roster } from "../../lottery/roster.ts";
import { StoreError } from "../../store/store-error.ts";
import { readWhole, replaceBytes } from "../disk/disk-io.ts";
import { type Disk, errorCode } from "../disk/disk.ts";
import { SEAL_FILE } from "../engine/seal-file.ts";
import { LedgerCorrupt } from "./ledger-corrupt.ts";

/** The file in a draw's directory with the plan that the draw was begun with. */
export const DRAW_FILE = "draw.json";

/** Versions of that file. Version 1 has name, winning number and a count of agencies, and another seal. */
const FIRST = 1;
const NOW = 2;

/** @returns undefined when the directory holds no draw @throws LedgerCorrupt */
export async function readDrawFile(disk: Disk, dir: string): Promise<DrawPlan | undefined> {
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
  const plan = parse(text);
  if (plan !== undefined) return plan;
  throw new LedgerCorrupt({
    file: path,
    at: undefined,
    expected: `JSON of version ${FIRST} or ${NOW} with draw, winningNumber and agencies`,
    found: JSON.stringify(text.slice(0, 200)),
  });
}

/**
 * Compares the plan asked for with the one that the draw was begun with; writes it for a new draw.
 *
 * @returns the draw's plan
 * @throws StoreError `DRAW_MISMATCH` naming what differs
 */
export async function claimDraw(disk: Disk, dir: string, asked: DrawPlan): Promise<DrawPlan> {
  const begun = await readDrawFile(disk, dir);
  if (begun === undefined) {
    const text = `${JSON.stringify(contentsOf(asked), undefined, 2)}\n`;
    await replaceBytes(disk, dir, DRAW_FILE, Buffer.from(text));
    return asked;
  }
  const counted = [begun, asked].every(({ agencies }) => typeof agencies === "number");
  const [is, not] = [wordsOf(begun, counted), wordsOf(asked, counted)];
  const differences = Object.entries(is)
    .map(([what, word]) => [what, word, not[what]] as const)
    .filter(([, word, other]) => word !== other)
    .map(([what, word, other]) => `its ${what} is ${word}, not ${String(other)}`);
  if (differences.length === 0) return begun;
  throw new StoreError(
    "DRAW_MISMATCH",
    `Cannot open ${dir}: ${differences.join(", ")}; start with the draw's own settings, or with another draw`,
  );
}

function contentsOf(plan: DrawPlan): Record<string, unknown> {
  const {
    name,
    winningNumber = null,
    agencies,
    closesAtMs,
    secondOperator,
    byOperator,
    openedBy,
  } = plan;
  return {
    version: NOW,
    draw: name,
    winningNumber,
    agencies,
    ...(closesAtMs === undefined ? {} : { closesAt: new Date(closesAtMs).toISOString() }),
    ...(secondOperator === true ? { secondOperator } : {}),
    ...(byOperator === true ? { byOperator } : {}),
    ...(openedBy === undefined ? {} : { openedBy }),
  };
}

/**
 * What of a plan must not change, in words for a message. The names of agencies are only how people call them.
 *
 * @param counted whether both plans have a count of agencies
 */
function wordsOf(plan: DrawPlan, counted: boolean): Record<string, string> {
  const { name, winningNumber, agencies, closesAtMs, secondOperator, byOperator } = plan;
  const expected = new Roster(agencies);
  return {
    draw: JSON.stringify(name),
    "winning number": winningNumber === undefined ? "told after the seal" : String(winningNumber),
    [counted ? "count of agencies" : "list of agencies"]:
      counted || expected.listed !== undefined ? expected.toString() : `1 to ${expected.size}`,
    "closing time": closesAtMs === undefined ? "none" : new Date(closesAtMs).toISOString(),
    "number by two operators": secondOperator === true ? "yes" : "no",
    "draw by an operator": byOperator === true ? "yes" : "no",
  };
}

function parse(text: string): DrawPlan | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const fields = value as Record<string, unknown>;
  const { version, draw: name, winningNumber } = fields;
  if (typeof name !== "string") return undefined;
  const agencies = agenciesOf(fields["agencies"]);
  if (agencies === undefined) return undefined;
  if (version === FIRST) {
    const valid = typeof winningNumber === "number" && typeof agencies === "number";
    return valid ? { name, winningNumber, agencies, sealVersion: 1 } : undefined;
  }
  if (version !== NOW) return undefined;
  if (winningNumber !== null && !isWinningNumber(winningNumber)) return undefined;
  const { closesAt, secondOperator = false, byOperator = false, openedBy } = fields;
  const closesAtMs = closesAt === undefined ? undefined : timeOf(closesAt);
  if (Number.isNaN(closesAtMs)) return undefined;
  // A word that is not understood may change when the draw takes place.
  if (typeof secondOperator !== "boolean" || typeof byOperator !== "boolean") return undefined;
  if (openedBy !== undefined && typeof openedBy !== "string") return undefined;
  return {
    name,
    winningNumber: winningNumber ?? undefined,
    agencies,
    closesAtMs,
    secondOperator,
    byOperator,
    openedBy,
  };
}

function timeOf(value: unknown): number {
  return typeof value === "string" ? Date.parse(value) : Number.NaN;
}

function agenciesOf(value: unknown): ExpectedAgencies | undefined {
  if (typeof value === "number") return Number.isInteger(value) && value >= 0 ? value : undefined;
  if (!Array.isArray(value)) return undefined;
  const list: ExpectedAgency[] = [];
  for (const entry of value as readonly { agency?: unknown; name?: unknown }[]) {
    const agency = typeof entry?.agency === "number" ? agencyId(entry.agency) : undefined;
    if (agency === undefined || typeof entry.name !== "string") return undefined;
    list.push({ agency, name: entry.name });
  }
  return new Set(list.map(({ agency }) => agency)).size === list.length ? list : undefined;
}

/**
 * Checks that a ledger with a `seal.json` has its seal and its number: the file is written after the draw, so
 * otherwise the ledger has lost its end.
 *
 * @param sealFile the contents of `seal.json`, read before the ledger; undefined when there was no such file
 * @throws LedgerCorrupt
 */
export function expectSealed(dir: string, book: DrawBook, sealFile: unknown): void {
  if (sealFile === undefined) return;
  const sealable = book.state === "open" ? book.complete : book.state !== "cancelled";
  if (sealable && book.winningNumber !== undefined) return;
  throw new LedgerCorrupt({
    file: dir,
    at: undefined,
    expected: `the ${book.state === "sealed" ? "number" : "seal"} that ${SEAL_FILE} states`,
    found: `records of a draw that is ${book.state}, ${book.doneCount} of ${plural(book.agencies, "agency")} done`,
  });
}
