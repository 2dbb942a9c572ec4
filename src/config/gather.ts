import { ConfigError } from "./config-error.ts";
import type { FileContent } from "./config-file.ts";
import { unknownName } from "./nearest.ts";
import type { Setting, Values } from "./setting.ts";
import { allowedFor, readValue, wrongWith } from "./value.ts";

/** Where values come from: a later source wins over an earlier one. */
export interface Sources {
  readonly file: { readonly path: string; readonly content: FileContent } | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** By the key of the setting. */
  readonly flags: Readonly<Record<string, string | undefined>>;
}

export interface GatherOptions {
  /** A variable with this prefix that is not a setting's is a mistake. */
  readonly environmentPrefix: string;
  readonly dialects: readonly string[];
}

/** Where the value of a setting comes from. */
export type Origin =
  | { readonly kind: "file"; readonly path: string; readonly line: number }
  | { readonly kind: "environment"; readonly name: string }
  | { readonly kind: "option"; readonly flag: string }
  | { readonly kind: "default" };

/** The value that a setting has in the end. */
export interface InEffect {
  readonly setting: Setting;
  /** As it was written; undefined when there is no value and no default. */
  readonly text: string | undefined;
  readonly origin: Origin;
}

export interface Gathered<Table extends readonly Setting[]> {
  /** The values that could be read, with defaults. */
  readonly found: Partial<Values<Table>>;
  /** Every setting, in the order of the table. */
  readonly inEffect: readonly InEffect[];
  /** Where a setting was given, for messages; undefined when it was not given. */
  readonly origin: (key: Table[number]["key"]) => string | undefined;
  /**
   * @param problems further problems, which are not in single values
   * @returns all values @throws ConfigError when there is any problem
   */
  readonly settle: (problems: readonly string[]) => Values<Table>;
}

interface Given extends InEffect {
  readonly text: string;
}

/**
 * Merges file, environment and command line: later sources win. Every value is checked, also one that a later
 * source replaces.
 */
export function gather<const Table extends readonly Setting[]>(
  table: Table,
  sources: Sources,
  options: GatherOptions,
): Gathered<Table> {
  const problems: string[] = [];
  const given = [
    ...fromFile(table, sources.file, problems),
    ...fromEnvironment(table, sources.env, options.environmentPrefix, problems),
    ...fromFlags(table, sources.flags),
  ];

  const found: Record<string, unknown> = {};
  const last = new Map<string, Given>();
  const take = (one: Given): void => {
    const { setting, text } = one;
    const value = readValue(setting.type, text, options.dialects);
    if (value !== undefined) found[setting.key] = value;
    else problems.push(refusal(one, options.dialects));
  };

  for (const one of given) {
    last.set(one.setting.key, one);
    take(one);
  }
  const inEffect = table.map((setting): InEffect => {
    const one = last.get(setting.key);
    if (one !== undefined) return one;
    const { default: text } = setting;
    if (text !== undefined) take({ setting, text, origin: BY_DEFAULT });
    return { setting, text, origin: BY_DEFAULT };
  });
  return {
    // Each value was read with its setting's type.
    found: found as Partial<Values<Table>>,
    inEffect,
    origin: (key) => {
      const one = last.get(key);
      return one && placeOf(one);
    },
    settle: (more) => {
      const all = [...problems, ...more];
      if (all.length > 0) throw new ConfigError("CONFIG_INVALID", all);
      return found as Values<Table>;
    },
  };
}

const BY_DEFAULT: Origin = { kind: "default" };

function refusal(given: Given, dialects: readonly string[]): string {
  const { setting, text } = given;
  const allowed = allowedFor(setting.type, dialects);
  return `${placeOf(given)}: ${wrongWith(setting, text)}; allowed: ${allowed}`;
}

/** Where a setting was given, for messages. */
function placeOf({ setting, origin }: InEffect): string {
  switch (origin.kind) {
    case "file":
      return `${origin.path}:${origin.line}: ${setting.key}`;
    case "environment":
      return `environment ${origin.name}`;
    case "option":
      return `option ${origin.flag}`;
    case "default":
      return setting.key;
    default:
      return origin satisfies never;
  }
}

function fromFile(table: readonly Setting[], file: Sources["file"], problems: string[]): Given[] {
  if (file === undefined) return [];
  const { path, content } = file;
  const given: Given[] = [];
  const firstLines = new Map<string, number>();
  const found = content.problems.map(({ line, what }) => ({ line, problem: what }));
  if (content.broken === true) {
    throw new ConfigError(
      "CONFIG_INVALID",
      found.map(({ line, problem }) => `${path}:${line}: ${problem}`),
    );
  }

  for (const { key, text, line } of content.entries) {
    // Both of the course's programs ignore the case of keys.
    const setting = table.find((one) => one.key.toLowerCase() === key.toLowerCase());
    const first = firstLines.get(key.toLowerCase());
    if (setting === undefined) {
      found.push({ line, problem: unknownName(key, "key", namesOf(table, "key")) });
    } else if (first !== undefined) {
      found.push({ line, problem: `${key}: is set twice, first in line ${first}; allowed: once` });
    } else {
      given.push({ setting, text, origin: { kind: "file", path, line } });
    }
    if (first === undefined) firstLines.set(key.toLowerCase(), line);
  }

  found.sort((one, other) => one.line - other.line);
  problems.push(...found.map(({ line, problem }) => `${path}:${line}: ${problem}`));
  return given;
}

function fromEnvironment(
  table: readonly Setting[],
  env: Sources["env"],
  prefix: string,
  problems: string[],
): Given[] {
  const known = namesOf(table, "environment");
  for (const name of Object.keys(env).toSorted()) {
    if (name.startsWith(prefix) && !known.includes(name)) {
      problems.push(`environment ${unknownName(name, "variable", known)}`);
    }
  }
  return table.flatMap((setting) => {
    const text = env[setting.environment];
    // Compose passes a variable that is not set as an empty one.
    if (text === undefined || text === "") return [];
    return [{ setting, text, origin: { kind: "environment", name: setting.environment } }];
  });
}

function fromFlags(table: readonly Setting[], flags: Sources["flags"]): Given[] {
  for (const key of Object.keys(flags)) {
    if (!table.some((setting) => setting.key === key)) {
      throw new RangeError(`Cannot use options: no setting is called ${key}`);
    }
  }
  return table.flatMap((setting) => {
    const text = flags[setting.key];
    if (text === undefined) return [];
    return [{ setting, text, origin: { kind: "option", flag: setting.flag } }];
  });
}

function namesOf(table: readonly Setting[], name: "key" | "environment"): readonly string[] {
  return table.map((setting) => setting[name]);
}
