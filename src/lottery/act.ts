import { type AgencyId, agencyId, NUMBER_MAX } from "./bet.ts";

/** What somebody does to a draw, beside the agencies: an operator, the clock, or the timetable. */
export type Deed =
  | { readonly kind: "open" }
  /** Takes no bets from now on. Agencies that are not done are closed out with what they have confirmed. */
  | { readonly kind: "close" }
  /** Does not wait for one agency any more: it is closed out with what it has confirmed. */
  | { readonly kind: "close-out"; readonly agency: AgencyId }
  /** There will be no draw. */
  | { readonly kind: "cancel" }
  /** The first of two operators tells the number. */
  | { readonly kind: "propose-number"; readonly number: number }
  | { readonly kind: "tell-number"; readonly number: number }
  /** Lets a draw that waits for it be performed. */
  | { readonly kind: "run" };

/** A deed with who did it, when and why: a record of the draw. */
export interface Act {
  readonly deed: Deed;
  /** Milliseconds since 1970, by the central's clock. */
  readonly atMs: number;
  /** An operator's name, {@link BY_CLOCK} or {@link BY_TIMETABLE}. */
  readonly by: string;
  /** Free text; may be empty. */
  readonly reason: string;
}

/** Who closes a draw at its time. No operator may have this name. */
export const BY_CLOCK = "(clock)";
/** Who opens a draw of the timetable. */
export const BY_TIMETABLE = "(timetable)";

export const BY_BYTES_MAX = 64;
export const REASON_BYTES_MAX = 256;
/** Bytes of an act's text: JSON doubles quotes and backslashes at the most. */
export const ACT_BYTES_MAX = 1024;

const CONTROL = /\p{Cc}/u;

/** @returns what is wrong with an operator's name or reason, or undefined */
export function wordFlaw(word: string, bytesMax: number): string | undefined {
  if (CONTROL.test(word)) return "has control characters";
  if (!word.isWellFormed()) return "is not valid Unicode";
  const bytes = Buffer.byteLength(word);
  return bytes > bytesMax ? `has ${bytes} bytes, max is ${bytesMax}` : undefined;
}

/** An act for people and programs. */
export interface ActFields {
  readonly act: Deed["kind"];
  readonly agency?: number;
  readonly number?: number;
  /** An ISO date. */
  readonly at: string;
  readonly by: string;
  readonly reason: string;
}

export function actFields({ deed, atMs, by, reason }: Act): ActFields {
  const { kind, ...about } = deed;
  return { act: kind, ...about, at: new Date(atMs).toISOString(), by, reason };
}

/** Acts for people. The number that is only proposed is for the second operator to type, not to read. */
export function shownActs(acts: readonly Act[]): ActFields[] {
  const told = acts.some(({ deed }) => deed.kind === "tell-number");
  return acts.map((act) => {
    const { number: _, ...others } = actFields(act);
    return act.deed.kind === "propose-number" && !told ? others : actFields(act);
  });
}

/**
 * The act as one line of JSON with its keys in this order: these bytes are chained (docs/ledger.md).
 *
 * @throws RangeError for an act that {@link parseAct} would not read back
 */
export function encodeAct(act: Act): Buffer {
  const flaw = actFlaw(act);
  if (flaw !== undefined) throw new RangeError(`Cannot record the act ${act.deed.kind}: ${flaw}`);
  return textOf(act);
}

function textOf(act: Act): Buffer {
  return Buffer.from(JSON.stringify(actFields(act)));
}

/** @returns what is wrong with an act, so that it must not be recorded; or undefined */
export function actFlaw({ deed, atMs, by, reason }: Act): string | undefined {
  if (!Number.isInteger(atMs) || Number.isNaN(new Date(atMs).getTime())) {
    return `its time is ${atMs}, not whole milliseconds since 1970`;
  }
  if ("number" in deed && !isWinningNumber(deed.number)) {
    return `its number is ${String(deed.number)}, not 0 to ${NUMBER_MAX}`;
  }
  const byFlaw = wordFlaw(by, BY_BYTES_MAX);
  if (byFlaw !== undefined) return `its operator's name ${byFlaw}`;
  const reasonFlaw = wordFlaw(reason, REASON_BYTES_MAX);
  return reasonFlaw === undefined ? undefined : `its reason ${reasonFlaw}`;
}

/** @returns undefined unless these are exactly the bytes of {@link encodeAct} */
export function parseAct(bytes: Uint8Array): Act | undefined {
  if (bytes.length > ACT_BYTES_MAX) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const fields = value as Record<string, unknown>;
  const deed = deedOf(fields);
  const atMs = typeof fields["at"] === "string" ? Date.parse(fields["at"]) : Number.NaN;
  const { by, reason } = fields;
  if (deed === undefined || typeof by !== "string" || typeof reason !== "string") return undefined;
  const act = { deed, atMs, by, reason };
  return actFlaw(act) === undefined && textOf(act).equals(bytes) ? act : undefined;
}

function deedOf({ act: kind, agency, number }: Record<string, unknown>): Deed | undefined {
  switch (kind) {
    case "open":
    case "close":
    case "cancel":
    case "run":
      return { kind };
    case "close-out": {
      const id = typeof agency === "number" ? agencyId(agency) : undefined;
      return id === undefined ? undefined : { kind, agency: id };
    }
    case "propose-number":
    case "tell-number":
      return isWinningNumber(number) ? { kind, number } : undefined;
    default:
      return undefined;
  }
}

export function isWinningNumber(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= NUMBER_MAX;
}
