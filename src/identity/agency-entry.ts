import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { nearest } from "../config/nearest.ts";
import { quoted } from "../config/value.ts";
import { LIMIT_BOUNDS } from "../limits.ts";
import { AGENCY_MAX, type AgencyId, agencyId } from "../lottery/bet.ts";
import type { Piece } from "./agencies-text.ts";
import { hideTokens } from "./hide-tokens.ts";

/** What the central knows of an agency that may prove who it is. */
export interface AgencyEntry {
  readonly agency: AgencyId;
  readonly name: string;
  /** [true] A disabled agency is never admitted. */
  readonly enabled: boolean;
  /** SHA-256 of the DER of each certificate, 64 lowercase hex digits; at most two. */
  readonly certificates: readonly string[];
  /** Stored keys of tokens, 64 lowercase hex digits; at most two. */
  readonly tokens: readonly string[];
  readonly limits: {
    /** Connections at a time. */
    readonly connections?: number;
    readonly batchesPerSecond?: number;
  };
}

/** An entry, and the lines of what must be in the file only once. */
export interface ReadEntry {
  readonly entry: AgencyEntry;
  readonly line: number;
  readonly certificateLines: readonly number[];
  readonly tokenLines: readonly number[];
}

/** Something wrong in the file: what, and in which line. */
export type Complain = (line: number, what: string) => void;

/** Two, so that a certificate or token can be changed while the old one still works. */
export const PROOFS_MAX = 2;
export const AGENCY_NAME_BYTES_MAX = 255;
export const BATCHES_PER_SECOND_MAX = 1_000_000;
/** The most characters of one entry, comments included. */
const ENTRY_LENGTH_MAX = 65_536;

const KEYS = ["agency", "name", "enabled", "certificates", "tokens", "limits"] as const;
const LIMIT_KEYS = ["connections", "batches_per_second"] as const;

/**
 * Reads one entry. Everything that is wrong with it is reported; no message repeats a token, not even one
 * that is in the wrong place.
 *
 * @returns undefined when anything is wrong
 */
export function readEntry(piece: Piece, complain: Complain): ReadEntry | undefined {
  if (piece.text.length > ENTRY_LENGTH_MAX) {
    complain(piece.line, `an entry is too long; allowed: at most ${ENTRY_LENGTH_MAX} characters`);
    return undefined;
  }
  let sound = true;
  const report: Complain = (line, what) => {
    sound = false;
    complain(line, what);
  };
  const parsed = parsePiece(piece, report);
  if (parsed === undefined) return undefined;
  const read = new EntryReader(parsed.root, parsed.lineOf, report).read();
  return sound ? read : undefined;
}

/** Parses a part of the file. Errors say which rule of YAML is broken, and not the text: it may be a token. */
export function parsePiece(
  { text, line }: Piece,
  complain: Complain,
): { readonly root: Node | null; readonly lineOf: (node: unknown) => number } | undefined {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    // Every value is text: digits of a fingerprint are not a number.
    schema: "failsafe",
    // The reader reports them with the other problems.
    uniqueKeys: false,
    prettyErrors: false,
  });
  const lineAt = (offset: number | undefined): number =>
    line - 1 + (offset === undefined ? 1 : Math.max(1, lines.linePos(offset).line));
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) {
    const rule = problem.code.toLowerCase().replaceAll("_", " ");
    complain(lineAt(problem.pos[0]), `is not YAML that can be used here: ${rule}`);
    return undefined;
  }
  const lineOf = (node: unknown): number => lineAt((node as Node | null)?.range?.[0]);
  return { root: document.contents, lineOf };
}

/** Whether a value was left out: nothing is after the colon. */
export function isLeftOut(node: unknown): boolean {
  if (node === null || node === undefined) return true;
  return (
    isScalar(node) &&
    (node.value === null || node.value === "") &&
    (node.type === undefined || node.type === "PLAIN") &&
    node.tag === undefined &&
    node.anchor === undefined
  );
}

/** Reads the entry of one agency from its YAML. */
class EntryReader {
  readonly #root: Node | null;
  readonly #lineOf: (node: unknown) => number;
  readonly #complain: Complain;
  /** Says whose entry it is, if that can be known. */
  #whose = "";

  constructor(root: Node | null, lineOf: (node: unknown) => number, complain: Complain) {
    this.#root = root;
    this.#lineOf = lineOf;
    this.#complain = complain;
  }

  /** @returns undefined if there is no number of an agency */
  read(): ReadEntry | undefined {
    const item: unknown = isSeq(this.#root) ? this.#root.items[0] : this.#root;
    const line = this.#lineOf(item);
    if (!isMap(item)) {
      this.#wrong(item, "is no entry of an agency; allowed: - agency: NUMBER, and more keys");
      return undefined;
    }
    const number = numberOf(item.get("agency"));
    if (number !== undefined) this.#whose = `agency ${number}: `;
    const given = this.#keysOf(item, KEYS, "");
    const agency = this.#agency(given.get("agency"), line);
    const certificates = this.#proofs(given.get("certificates"), "certificates", FINGERPRINT);
    const tokens = this.#proofs(given.get("tokens"), "tokens", STORED_KEY);
    const entry = {
      name: this.#name(given, line),
      enabled: this.#enabled(given),
      certificates: certificates.map(({ text }) => text),
      tokens: tokens.map(({ text }) => text),
      limits: this.#limits(given.get("limits")),
    };
    if (agency === undefined) return undefined;
    return {
      entry: { agency, ...entry },
      line,
      certificateLines: certificates.map(({ line }) => line),
      tokenLines: tokens.map(({ line }) => line),
    };
  }

  #wrong(node: unknown, what: string): void {
    this.#complain(this.#lineOf(node), `${this.#whose}${what}`);
  }

  /** The values of a map, by key. */
  #keysOf(map: unknown, known: readonly string[], above: string): Map<string, unknown> {
    const given = new Map<string, unknown>();
    if (!isMap(map)) return given;
    for (const { key, value } of map.items) {
      const name = isScalar(key) ? String(key.value) : undefined;
      if (name === undefined) {
        this.#wrong(key, `${above}has a key that is no name; allowed: ${known.join(", ")}`);
      } else if (!known.includes(name)) {
        const shown = hideTokens(quoted(name));
        const meant = nearest(name, known);
        const advice =
          meant === undefined ? `allowed: ${known.join(", ")}` : `did you mean ${meant}?`;
        this.#wrong(key, `${above}${shown}: unknown key; ${advice}`);
      } else if (given.has(name)) {
        this.#wrong(key, `${above}${name}: is given twice; allowed: once`);
      } else {
        // Where the key is says where a missing value is.
        given.set(name, isLeftOut(value) ? new LeftOut(key) : value);
      }
    }
    return given;
  }

  #agency(node: unknown, line: number): AgencyId | undefined {
    const allowed = `allowed: a whole number from 1 to ${AGENCY_MAX}`;
    if (node === undefined) {
      this.#complain(line, `agency: is missing; ${allowed}`);
      return undefined;
    }
    const text = this.#text(node, "agency", allowed);
    if (text === undefined) return undefined;
    const agency = numberOf(text);
    if (agency === undefined) this.#wrongValue(node, "agency", text, allowed);
    return agency;
  }

  #name(given: ReadonlyMap<string, unknown>, line: number): string {
    const allowed = `allowed: up to ${AGENCY_NAME_BYTES_MAX} bytes that can be seen`;
    const node = given.get("name");
    if (node === undefined) {
      this.#complain(line, `${this.#whose}name: is missing; ${allowed}`);
      return "";
    }
    const text = this.#text(node, "name", allowed);
    if (text === undefined) return "";
    if (!isAgencyName(text)) this.#wrongValue(node, "name", text, allowed);
    return text;
  }

  #enabled(given: ReadonlyMap<string, unknown>): boolean {
    const node = given.get("enabled");
    if (node === undefined) return true;
    const allowed = "allowed: true or false";
    const text = this.#text(node, "enabled", allowed);
    if (text !== undefined && text !== "true" && text !== "false") {
      this.#wrongValue(node, "enabled", text, allowed);
    }
    return text === "true";
  }

  #proofs(node: unknown, key: string, kind: ProofKind): { text: string; line: number }[] {
    if (node === undefined || node instanceof LeftOut) return [];
    const allowed = `allowed: a list of at most ${PROOFS_MAX}, each ${kind.allowed}`;
    if (!isSeq(node)) {
      this.#wrong(node, `${key}: is no list; ${allowed}`);
      return [];
    }
    if (node.items.length > PROOFS_MAX) {
      this.#wrong(node, `${key}: has ${node.items.length}; ${allowed}`);
    }
    return node.items.slice(0, PROOFS_MAX).flatMap((item) => {
      const text = isScalar(item) ? String(item.value) : "";
      // Do not repeat the value: it may be the token itself.
      if (isProofKey(text)) return [{ text, line: this.#lineOf(item) }];
      this.#wrong(item, `${key}: has something else than ${kind.allowed}; ${allowed}`);
      return [];
    });
  }

  #limits(node: unknown): AgencyEntry["limits"] {
    if (node === undefined || node instanceof LeftOut) return {};
    if (!isMap(node)) {
      this.#wrong(node, `limits: has no keys; allowed: ${LIMIT_KEYS.join(", ")}`);
      return {};
    }
    const given = this.#keysOf(node, LIMIT_KEYS, "limits.");
    const connections = this.#limit(given, "connections", LIMIT_BOUNDS.connectionsMax.max);
    const batchesPerSecond = this.#limit(given, "batches_per_second", BATCHES_PER_SECOND_MAX);
    return {
      ...(connections !== undefined && { connections }),
      ...(batchesPerSecond !== undefined && { batchesPerSecond }),
    };
  }

  #limit(
    given: ReadonlyMap<string, unknown>,
    key: (typeof LIMIT_KEYS)[number],
    max: number,
  ): number | undefined {
    const node = given.get(key);
    if (node === undefined) return undefined;
    const allowed = `allowed: a whole number from 1 to ${max}`;
    const text = this.#text(node, `limits.${key}`, allowed);
    if (text === undefined) return undefined;
    const value = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0;
    if (value < 1 || value > max) this.#wrongValue(node, `limits.${key}`, text, allowed);
    return value;
  }

  /** @returns undefined, after it complained, when the node is not one value */
  #text(node: unknown, key: string, allowed: string): string | undefined {
    if (node instanceof LeftOut) {
      this.#wrong(node.key, `${key}: is empty; ${allowed}`);
    } else if (isAlias(node)) {
      this.#wrong(node, `${key}: is an alias; ${allowed}`);
    } else if (!isScalar(node)) {
      this.#wrong(node, `${key}: is no single value; ${allowed}`);
    } else {
      return String(node.value);
    }
    return undefined;
  }

  #wrongValue(node: unknown, key: string, text: string, allowed: string): void {
    this.#wrong(node, `${key}: is ${hideTokens(quoted(text))}; ${allowed}`);
  }
}

function numberOf(value: unknown): AgencyId | undefined {
  return /^[1-9]\d{0,9}$/.test(String(value)) ? agencyId(Number(value)) : undefined;
}

/** A key without a value. */
class LeftOut {
  readonly key: unknown;

  constructor(key: unknown) {
    this.key = key;
  }
}

interface ProofKind {
  readonly allowed: string;
}

const FINGERPRINT: ProofKind = {
  allowed: "the SHA-256 fingerprint of a certificate, 64 lowercase hex digits without colons",
};
const STORED_KEY: ProofKind = {
  allowed: "the stored key of a token, 64 lowercase hex digits (never the token itself)",
};

/** Whether the text is a fingerprint or a stored key, as the file must have them. */
export function isProofKey(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** Whether an agency may be called so: something can be seen, nothing hides, and it is no token. */
export function isAgencyName(text: string): boolean {
  return (
    text.trim() !== "" &&
    Buffer.byteLength(text) <= AGENCY_NAME_BYTES_MAX &&
    !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text) &&
    hideTokens(text) === text
  );
}
