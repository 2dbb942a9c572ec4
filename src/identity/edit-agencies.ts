import { isDeepStrictEqual } from "node:util";
import { Document, isMap, isScalar, isSeq, parseDocument, Scalar, YAMLMap, YAMLSeq } from "yaml";
import type { AgencyId } from "../lottery/bet.ts";
import { type AgencyDirectory, LIST_KEY, readAgencyDirectory } from "./agencies-file.ts";
import { type AgenciesText, cutAgencies, type Piece } from "./agencies-text.ts";
import { type AgencyEntry, isAgencyName, PROOFS_MAX, readEntry } from "./agency-entry.ts";
import { IdentityError } from "./identity-error.ts";

/** What an agency can prove itself with: the keys of the two lists of its entry. */
export type ProofList = "certificates" | "tokens";

/** A change of agencies.yaml. Fingerprints and stored keys are 64 lowercase hex digits. */
export type Edit =
  | {
      readonly kind: "add";
      readonly agency: AgencyId;
      readonly name: string;
      readonly certificate?: string | undefined;
      readonly token?: string | undefined;
    }
  /** Adds a second proof: the old one stays valid. */
  | { readonly kind: "rotate"; readonly list: ProofList; readonly proof: string; agency: AgencyId }
  /** Ends a change: one proof stays, the newest [the last one of the list]. */
  | {
      readonly kind: "finish";
      readonly list: ProofList;
      readonly agency: AgencyId;
      readonly keep?: string | undefined;
    }
  | { readonly kind: "enable"; readonly agency: AgencyId; readonly enabled: boolean };

/** The text of a file that lists nobody yet. */
export const NEW_FILE: string = `# The agencies that may take part, and how each proves who it is.\n${LIST_KEY}:\n`;

/**
 * Changes the text of agencies.yaml. Only the entry of the agency is written anew; everything else stays byte
 * by byte, and comments stay everywhere.
 *
 * @param path for messages
 * @throws ConfigError `CONFIG_INVALID` when the text is not right before the change
 * @throws IdentityError `AGENCIES_UNCHANGED`
 */
export async function editAgencies(path: string, text: string, edit: Edit): Promise<string> {
  const before = await readAgencyDirectory(path, text);
  const entry = changedEntry(path, before, edit);
  const cut = cutAgencies(text);
  const edited = edit.kind === "add" ? withEntry(text, cut, entry) : withChange(cut, edit, entry);
  await expectOnlyChange(path, before, edited, entry);
  return edited;
}

/** The agency's entry after the change. @throws IdentityError `AGENCIES_UNCHANGED` */
function changedEntry(path: string, before: AgencyDirectory, edit: Edit): AgencyEntry {
  const { agency } = edit;
  const old = before.find(agency);
  if (edit.kind === "add") {
    if (old !== undefined) throw unchanged(`Cannot add agency ${agency}: ${path} lists it already`);
    if (!isAgencyName(edit.name)) {
      const allowed = "allowed: up to 255 bytes that can be seen, and no token";
      throw unchanged(`Cannot add agency ${agency}: it cannot have this name; ${allowed}`);
    }
    const { certificate, token } = edit;
    expectFree(before, agency, "certificates", certificate);
    return {
      agency,
      name: edit.name,
      enabled: true,
      certificates: certificate === undefined ? [] : [certificate],
      tokens: token === undefined ? [] : [token],
      limits: {},
    };
  }
  if (old === undefined) {
    throw unchanged(`Cannot change agency ${agency}: ${path} does not list it; add it first`);
  }
  if (edit.kind === "enable") return { ...old, enabled: edit.enabled };
  const { list } = edit;
  const proofs = old[list];
  if (edit.kind === "finish")
    return { ...old, [list]: [keptProof(agency, list, proofs, edit.keep)] };
  if (proofs.length >= PROOFS_MAX) {
    throw unchanged(
      `Cannot add to the ${list} of agency ${agency}: it has ${proofs.length}, the most; end the last change with --finish first`,
    );
  }
  expectFree(before, agency, list, edit.proof);
  return { ...old, [list]: [...proofs, edit.proof] };
}

function keptProof(
  agency: AgencyId,
  list: ProofList,
  proofs: readonly string[],
  keep: string | undefined,
): string {
  const kept = keep === undefined ? proofs.at(-1) : proofs.find((proof) => proof === keep);
  if (kept === undefined) {
    const state = keep === undefined ? "it has none" : "the one to keep is not among them";
    throw unchanged(`Cannot end the change of the ${list} of agency ${agency}: ${state}`);
  }
  if (proofs.length === 1) {
    throw unchanged(`Cannot end a change of the ${list} of agency ${agency}: it has only one`);
  }
  return kept;
}

function expectFree(
  directory: AgencyDirectory,
  agency: AgencyId,
  list: ProofList,
  proof: string | undefined,
): void {
  if (proof === undefined) return;
  for (const entry of directory.all()) {
    if (!entry[list].includes(proof)) continue;
    const whose = entry.agency === agency ? "it has" : `agency ${entry.agency} has`;
    throw unchanged(`Cannot add to the ${list} of agency ${agency}: ${whose} the same already`);
  }
}

/** The text with one more entry, the last one. */
function withEntry(text: string, { head, pieces, indent = 2 }: AgenciesText, entry: AgencyEntry) {
  const map = new YAMLMap();
  map.set("agency", plain(String(entry.agency)));
  map.set("name", quoted(entry.name));
  for (const list of ["certificates", "tokens"] as const) {
    if (entry[list].length > 0) map.set(list, listOf(entry[list]));
  }
  if (pieces.length > 0) {
    const list = new YAMLSeq();
    list.add(map);
    const begin = text.endsWith("\n") ? text : `${text}\n`;
    return inLineEndsOf(text, `${begin}${indented(write(new Document(list, READ)), indent)}`);
  }
  const document = parseDocument(head, READ);
  const list = document.get(LIST_KEY, true);
  const entries = isSeq(list) ? list : new YAMLSeq();
  if (entries !== list) {
    // "agencies: # none yet" keeps its comment.
    if (isScalar(list) && typeof list.comment === "string") entries.commentBefore = list.comment;
    document.set(LIST_KEY, entries);
  }
  entries.flow = false;
  entries.add(map);
  return inLineEndsOf(text, write(document));
}

/** The text with the entry of one agency changed. */
function withChange(
  { head, pieces, indent = 0 }: AgenciesText,
  edit: Exclude<Edit, { kind: "add" }>,
  entry: AgencyEntry,
): string {
  const changed = pieces.map((piece) => {
    // Most pieces need no parsing: the number of the agency is not in them.
    if (!piece.text.includes(String(entry.agency))) return piece.text;
    const read = readEntry(piece, () => undefined);
    return read?.entry.agency === entry.agency
      ? changePiece(piece, indent, (map) => change(map, edit, entry))
      : piece.text;
  });
  return head + changed.join("");
}

function change(map: YAMLMap, edit: Exclude<Edit, { kind: "add" }>, entry: AgencyEntry): void {
  if (edit.kind === "enable") {
    const old = map.get("enabled", true);
    // The old value keeps its comment.
    if (isScalar(old)) [old.value, old.type] = [String(edit.enabled), Scalar.PLAIN];
    else map.set("enabled", plain(String(edit.enabled)));
    return;
  }
  const { list } = edit;
  const old: unknown = map.get(list, true);
  if (!isSeq(old)) {
    const entries = listOf(entry[list]);
    if (isScalar(old) && typeof old.comment === "string") entries.commentBefore = old.comment;
    map.set(list, entries);
  } else if (edit.kind === "rotate") {
    old.add(quoted(edit.proof));
  } else {
    old.items = old.items.filter(
      (item) => isScalar(item) && entry[list].includes(String(item.value)),
    );
  }
}

/** Writes one entry anew. Comments after it, which most likely belong to the next one, stay as they are. */
function changePiece({ text }: Piece, indent: number, edit: (map: YAMLMap) => void): string {
  const lines = text.split(/(?<=\n)/);
  const last = lines.findLastIndex((line) => !/^\s*(?:#.*)?$/.test(line));
  const body = lines.slice(0, last + 1).join("");
  const tail = text.slice(body.length);
  const document = parseDocument(body, READ);
  const list = document.contents;
  const [map] = isSeq(list) ? list.items : [];
  if (isMap(map)) edit(map);
  const written = inLineEndsOf(text, indented(write(document), indent));
  return (body.endsWith("\n") ? written : written.trimEnd()) + tail;
}

const READ = { schema: "failsafe" } as const;

function write(document: Pick<Document, "toString">): string {
  return document.toString({ lineWidth: 0 });
}

function indented(text: string, indent: number): string {
  return text.replaceAll(/^(?=.)/gm, " ".repeat(indent));
}

function inLineEndsOf(original: string, text: string): string {
  return original.includes("\r\n") ? text.replaceAll(/\r?\n/g, "\r\n") : text;
}

function plain(text: string): Scalar<string> {
  return new Scalar(text);
}

/** In quotes, so that other programs do not take the digits for a number. */
function quoted(text: string): Scalar<string> {
  const scalar = new Scalar(text);
  scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
}

function listOf(proofs: readonly string[]): YAMLSeq {
  const list = new YAMLSeq();
  for (const proof of proofs) list.add(quoted(proof));
  return list;
}

/** Reads the new text: it must say what was meant, and the same as before of everybody else. */
async function expectOnlyChange(
  path: string,
  before: AgencyDirectory,
  edited: string,
  entry: AgencyEntry,
): Promise<void> {
  const after = await readAgencyDirectory(path, edited).catch(() => undefined);
  const expected = [...before.all()].map((one) => (one.agency === entry.agency ? entry : one));
  if (before.find(entry.agency) === undefined) expected.push(entry);
  if (after !== undefined && isDeepStrictEqual([...after.all()], expected)) return;
  throw unchanged(
    `Cannot change agency ${entry.agency} in ${path}: its entry is written in an unusual way; change it by hand`,
  );
}

function unchanged(message: string): IdentityError {
  return new IdentityError("AGENCIES_UNCHANGED", message);
}
