import type { BigIntStats } from "node:fs";
import { open, stat } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";
import { isMap, isScalar, isSeq } from "yaml";
import { ConfigError } from "../config/config-error.ts";
import { unreadable } from "../config/config-file.ts";
import { quoted } from "../config/value.ts";
import { cutAgencies } from "./agencies-text.ts";
import {
  type AgencyEntry,
  type Complain,
  isLeftOut,
  parsePiece,
  readEntry,
  type ReadEntry,
} from "./agency-entry.ts";
import { hideTokens } from "./hide-tokens.ts";

export type { AgencyEntry } from "./agency-entry.ts";

/** The agencies that may prove who they are, as agencies.yaml lists them. */
export interface AgencyDirectory {
  readonly size: number;
  find(agency: number): AgencyEntry | undefined;
  /** In the order of the file. */
  all(): Iterable<AgencyEntry>;
}

export const AGENCIES_MAX = 100_000;
export const AGENCIES_FILE_BYTES_MAX: number = 64 * 1024 * 1024;

/** How often a file that is being written is read, and the pause between. */
const READS_MAX = 5;
const READ_AGAIN_MS = 200;

/** The key of the list. */
export const LIST_KEY = "agencies";
/** The most characters before the first entry. */
const HEAD_LENGTH_MAX = 65_536;
/** The most problems that a message lists. */
const PROBLEMS_MAX = 20;
/** Entries to read before others have their turn of the event loop: a few milliseconds. */
const ENTRIES_PER_TURN = 32;

/**
 * Reads agencies.yaml: docs/identity.md. Others have their turns of the event loop meanwhile.
 *
 * @throws ConfigError `CONFIG_UNREADABLE`; `CONFIG_INVALID` with file, line, key, and what is allowed
 */
export async function loadAgencyDirectory(path: string, look = lookAt): Promise<AgencyDirectory> {
  const text = await readAgenciesFile(path, look);
  if (text !== "" && !text.endsWith("\n")) {
    const line = text.split("\n").length;
    throw new ConfigError("CONFIG_INVALID", [
      `${path}:${line}: the last line has no end, so the file may not be whole; allowed: a line feed at its end`,
    ]);
  }
  return readAgencyDirectory(path, text);
}

/** @throws ConfigError `CONFIG_UNREADABLE`; `CONFIG_INVALID` when the file is too large */
export async function readAgenciesFile(path: string, look = lookAt): Promise<string> {
  const bytes = await readWhole(path, look);
  if (bytes.length > AGENCIES_FILE_BYTES_MAX) {
    throw new ConfigError("CONFIG_INVALID", [
      `${path}: is too large; allowed: at most ${AGENCIES_FILE_BYTES_MAX} bytes`,
    ]);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/**
 * Reads the text of agencies.yaml.
 *
 * @param path for messages
 * @throws ConfigError `CONFIG_INVALID`
 */
export async function readAgencyDirectory(path: string, text: string): Promise<AgencyDirectory> {
  const problems = new Problems(path);
  const complain: Complain = (line, what) => problems.add(line, what);
  const { head, pieces, strayLine } = cutAgencies(text);

  checkHead(head, pieces.length > 0, complain);
  if (strayLine !== undefined) {
    complain(strayLine, `is no part of the list ${LIST_KEY}; allowed: only entries of agencies`);
  }
  if (pieces.length > AGENCIES_MAX) {
    const [first] = pieces.slice(AGENCIES_MAX);
    complain(
      first?.line ?? 1,
      `${LIST_KEY}: has ${pieces.length} entries; allowed: at most ${AGENCIES_MAX}`,
    );
    throw problems.toError();
  }

  const once = new OnlyOnce(complain);
  for (const [index, piece] of pieces.entries()) {
    if (problems.enough) break;
    if (index % ENTRIES_PER_TURN === ENTRIES_PER_TURN - 1) await nextTurn();
    const read = readEntry(piece, complain);
    if (read !== undefined) once.enter(read);
  }
  if (problems.some) throw problems.toError();
  return directoryOf(once.entries);
}

/** The directory of these entries; of an agency that is there twice, the last one counts. */
export function directoryOf(entries: Iterable<AgencyEntry>): AgencyDirectory {
  const byNumber = new Map<number, AgencyEntry>();
  for (const entry of entries) byNumber.set(entry.agency, entry);
  return {
    size: byNumber.size,
    find: (agency) => byNumber.get(agency),
    all: () => byNumber.values(),
  };
}

/** Checks what is before the first entry: the key of the list, and nothing else. */
function checkHead(head: string, hasEntries: boolean, complain: Complain): void {
  if (head.length > HEAD_LENGTH_MAX) {
    const what = `has too much before the first entry; allowed: ${HEAD_LENGTH_MAX} characters`;
    complain(1, what);
    return;
  }
  const allowed = `allowed: "${LIST_KEY}:" and below it "- agency: NUMBER" for each agency`;
  const parsed = parsePiece({ text: head, line: 1 }, complain);
  if (parsed === undefined) return;
  const { root, lineOf } = parsed;
  if (!isMap(root)) {
    complain(lineOf(root), `${LIST_KEY}: is missing; ${allowed}`);
    return;
  }
  let lists = 0;
  for (const { key, value } of root.items) {
    if (!isScalar(key) || key.value !== LIST_KEY) {
      const name = isScalar(key) ? hideTokens(quoted(String(key.value))) : "a key";
      complain(lineOf(key), `${name}: unknown key; ${allowed}`);
    } else if (++lists > 1) {
      complain(lineOf(key), `${LIST_KEY}: is given twice; allowed: once`);
    } else if (!isLeftOut(value) && (hasEntries || !isSeq(value) || value.items.length > 0)) {
      complain(lineOf(key), `${LIST_KEY}: has a value on its line; ${allowed}`);
    }
  }
  if (lists === 0) complain(lineOf(root), `${LIST_KEY}: is missing; ${allowed}`);
}

/** Finds what is in the file twice: agencies, fingerprints, stored keys. */
class OnlyOnce {
  readonly entries: AgencyEntry[] = [];
  readonly #complain: Complain;
  readonly #agencies = new Map<number, number>();
  readonly #certificates = new Map<string, Place>();
  readonly #tokens = new Map<string, Place>();

  constructor(complain: Complain) {
    this.#complain = complain;
  }

  enter({ entry, line, certificateLines, tokenLines }: ReadEntry): void {
    const { agency } = entry;
    const first = this.#agencies.get(agency);
    if (first !== undefined) {
      this.#complain(line, `agency ${agency}: is listed twice, first in line ${first}`);
      return;
    }
    this.#agencies.set(agency, line);
    this.#enterAll(
      this.#certificates,
      agency,
      "certificates",
      entry.certificates,
      certificateLines,
    );
    this.#enterAll(this.#tokens, agency, "tokens", entry.tokens, tokenLines);
    this.entries.push(entry);
  }

  #enterAll(
    known: Map<string, Place>,
    agency: number,
    key: string,
    proofs: readonly string[],
    lines: readonly number[],
  ): void {
    for (const [index, proof] of proofs.entries()) {
      const line = lines[index] ?? 1;
      const first = known.get(proof);
      if (first === undefined) {
        known.set(proof, { agency, line });
        continue;
      }
      const whose = first.agency === agency ? "this agency" : `agency ${first.agency}`;
      this.#complain(
        line,
        `agency ${agency}: ${key}: ${whose} has the same in line ${first.line}; allowed: each only once in the file`,
      );
    }
  }
}

interface Place {
  readonly agency: number;
  readonly line: number;
}

/** What is wrong with a file: the first problems, in the order of its lines. */
class Problems {
  readonly #path: string;
  readonly #found: { readonly line: number; readonly what: string }[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  get some(): boolean {
    return this.#found.length > 0;
  }

  /** Whether there are so many that reading on makes no sense. */
  get enough(): boolean {
    return this.#found.length > PROBLEMS_MAX;
  }

  add(line: number, what: string): void {
    this.#found.push({ line, what });
  }

  toError(): ConfigError {
    const sorted = this.#found.toSorted((one, other) => one.line - other.line);
    const lines = sorted
      .slice(0, PROBLEMS_MAX)
      .map(({ line, what }) => `${this.#path}:${line}: ${what}`);
    if (sorted.length > lines.length) lines.push(`${this.#path}: and more`);
    return new ConfigError("CONFIG_INVALID", lines);
  }
}

/** What shows that a file has changed. */
function lookAt(path: string): Promise<BigIntStats> {
  return stat(path, { bigint: true });
}

/**
 * Reads the file while nobody writes it: of a half of it too many agencies would be shut out. Reads at most one byte
 * more than is allowed.
 *
 * @throws ConfigError `CONFIG_UNREADABLE`
 */
async function readWhole(path: string, look: typeof lookAt): Promise<Uint8Array> {
  const cannot = (what: string): ConfigError =>
    new ConfigError("CONFIG_UNREADABLE", [`${path}: ${what}`]);
  try {
    for (let times = 1; ; times++) {
      const before = await look(path);
      if (!before.isFile() && !before.isDirectory()) throw cannot("is not a file");
      const file = await open(path);
      // The stream closes the file.
      const bytes = await buffer(file.createReadStream({ end: AGENCIES_FILE_BYTES_MAX }));
      const after = await look(path);
      if (after.mtimeNs === before.mtimeNs && after.ino === before.ino) {
        if (after.size === BigInt(bytes.length) || bytes.length > AGENCIES_FILE_BYTES_MAX)
          return bytes;
      }
      if (times === READS_MAX) throw cannot("is being written; try again when it is whole");
      await delay(READ_AGAIN_MS);
    }
  } catch (error) {
    throw error instanceof ConfigError ? error : unreadable(path, error);
  }
}
