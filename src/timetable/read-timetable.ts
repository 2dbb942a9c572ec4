import { ConfigError } from "../config/config-error.ts";
import { readSmallFile } from "../config/config-file.ts";
import { nearest } from "../config/nearest.ts";
import { quoted } from "../config/value.ts";
import { openYaml } from "../config/yaml-document.ts";
import { isZoneName } from "./local-time.ts";
import { readEntry } from "./read-entry.ts";
import { FIRST_TERMS, readTerms, TERM_KEYS } from "./terms.ts";
import { Timetable, type TimetableEntry } from "./timetable.ts";
import { type Field, textOf, YamlFields } from "./yaml-fields.ts";

/** The file that is read when no other is named. */
export const TIMETABLE_FILE = "draws.yaml";

export const TIMETABLE_BYTES_MAX: number = 1024 * 1024;
export const ENTRIES_MAX = 1000;
/** So many problems are listed; further ones are only counted. */
const PROBLEMS_MAX = 100;

const KEYS = ["timezone", "draws", ...TERM_KEYS] as const;
const ZONE_DEFAULT = "UTC";
const ZONE_EXAMPLE = "America/Argentina/Buenos_Aires";
/** No zone has a longer name. */
const ZONE_CHARACTERS_MAX = 40;
const DRAWS_ALLOWED = `a list of 1 to ${ENTRIES_MAX} draws, each with name, opens and closes`;

/**
 * Reads and checks a timetable.
 *
 * @param read the bytes of the file, if the caller has read it: a pipe can be read only once
 * @throws ConfigError naming what is wrong
 */
export function readTimetable(path: string, read?: Uint8Array): Timetable {
  const document = openYaml(readSmallFile(path, TIMETABLE_BYTES_MAX, read));
  const yaml = new YamlFields(document);
  const root = { path: "", line: 1, node: document.root };
  const timetable = document.broken ? undefined : timetableIn(yaml, root);
  const problems = yaml.problems.map(({ line, what }) => `${path}:${line}: ${what}`);
  if (timetable !== undefined && problems.length === 0) return timetable;

  const listed = problems.slice(0, PROBLEMS_MAX);
  const more = problems.length - listed.length;
  throw new ConfigError("CONFIG_INVALID", more > 0 ? [...listed, `… and ${more} more`] : listed);
}

/** @returns undefined only when there is a problem; there may be problems in any case */
function timetableIn(yaml: YamlFields, root: Field): Timetable | undefined {
  const fields = yaml.map(root, KEYS, `draws: ${DRAWS_ALLOWED}`);
  if (fields === undefined) return undefined;
  const zone = fields.get("timezone");
  const timezone = zone ? readZone(yaml, zone) : ZONE_DEFAULT;
  const defaults = readTerms(yaml, fields, FIRST_TERMS);
  const draws = fields.get("draws");
  if (draws === undefined) return yaml.missing(root, "draws", DRAWS_ALLOWED);
  const items = yaml.list(draws, DRAWS_ALLOWED) ?? [];
  if (items.length > ENTRIES_MAX) {
    return yaml.refuse(draws, DRAWS_ALLOWED, `has ${items.length} draws`);
  }

  const entries: TimetableEntry[] = [];
  /** The line of the last entry that has draws of a name on a weekday. */
  const lines = new Map<string, number>();
  for (const item of items) {
    const entry = readEntry(yaml, item, defaults);
    if (entry === undefined) continue;
    entries.push(entry);
    expectOwnName(yaml, item, entry, lines);
  }
  return timezone === undefined ? undefined : new Timetable(timezone, entries);
}

function readZone(yaml: YamlFields, field: Field): string | undefined {
  const text = textOf(field.node).slice(0, ZONE_CHARACTERS_MAX);
  const like = nearest(text, Intl.supportedValuesOf("timeZone")) ?? ZONE_EXAMPLE;
  return yaml.value(field, asZone, `the name of a time zone, such as ${like}`);
}

function asZone(text: string): string | undefined {
  return isZoneName(text) ? text : undefined;
}

/** Draws of one day must not have the same name, nor the same folder on disks that ignore capitals. */
function expectOwnName(
  yaml: YamlFields,
  item: Field,
  { name, weekdays }: TimetableEntry,
  lines: Map<string, number>,
): void {
  const keys = [...weekdays].map((day) => [day, `${day} ${name.toLowerCase()}`] as const);
  const same = keys.find(([, key]) => lines.has(key));
  if (same !== undefined) {
    const [day, key] = same;
    const what = `has a draw ${quoted(name)} on ${day}, as the one in line ${lines.get(key)}`;
    yaml.refuse(item, "another name, or other days", what);
  }
  for (const [, key] of keys) lines.set(key, item.line);
}
