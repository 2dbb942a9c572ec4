import { isAlias, isMap, isScalar, isSeq, type Node } from "yaml";
import { unknownName } from "../config/nearest.ts";
import { quoted } from "../config/value.ts";
import type { YamlDocument } from "../config/yaml-document.ts";

/** A value in a file of YAML, with its place for messages. */
export interface Field {
  /** The keys that lead to it: `draws.opens`. */
  readonly path: string;
  readonly line: number;
  readonly node: unknown;
}

/** The values of a map, by their keys. */
export interface Fields<Key extends string> {
  get(key: Key): Field | undefined;
}

/** Takes values out of a tree of YAML, and collects what is wrong with them. */
export class YamlFields {
  readonly #document: YamlDocument;
  readonly #problems: { line: number; what: string }[];

  constructor(document: YamlDocument) {
    this.#document = document;
    this.#problems = [...document.problems];
  }

  /** What is wrong, in the order of lines. */
  get problems(): readonly { readonly line: number; readonly what: string }[] {
    return this.#problems.toSorted((one, other) => one.line - other.line);
  }

  /** The values of a map by their keys. @returns undefined when it is no map, which is a problem then */
  map<Key extends string>(
    field: Field,
    known: readonly Key[],
    allowed: string,
  ): Fields<Key> | undefined {
    const { path, node } = field;
    if (!isMap(node)) return this.refuse(field, allowed);
    const fields = new Map<Key, Field>();
    for (const { key, value } of node.items) {
      const line = this.#lineOf(key) ?? field.line;
      if (!isScalar(key)) {
        this.refuse({ ...field, line }, "key: value", "has a key that is no name");
        continue;
      }
      const name = textOf(key);
      const found = known.find((one) => one === name);
      const first = found && fields.get(found);
      if (found === undefined) {
        const shown = /^[\w.-]{1,80}$/.test(name) ? name : quoted(name);
        this.#problems.push({ line, what: below(path, unknownName(shown, "key", known)) });
      } else if (first !== undefined) {
        this.refuse({ ...first, line }, "once", `is set twice, first in line ${first.line}`);
      } else {
        fields.set(found, { path: below(path, found), line, node: value });
      }
    }
    return fields;
  }

  /** As {@link value}, of a key that must be in the map; `owner` is where the map is. */
  required<Key extends string, T>(
    owner: Field,
    fields: Fields<Key>,
    key: Key,
    parse: (text: string) => T | undefined,
    allowed: string,
  ): T | undefined {
    const field = fields.get(key);
    return field ? this.value(field, parse, allowed) : this.missing(owner, key, allowed);
  }

  /** Notes that a key is not in a map. */
  missing({ path, line, node }: Field, key: string, allowed: string): undefined {
    this.refuse({ path: below(path, key), line, node }, allowed, "is missing");
  }

  isList({ node }: Field): boolean {
    return isSeq(node);
  }

  /** The items of a list. @returns undefined when it is no list or is empty, which is a problem then */
  list(field: Field, allowed: string): Field[] | undefined {
    const { path, line, node } = field;
    if (!isSeq(node)) return this.refuse(field, allowed);
    if (node.items.length === 0) return this.refuse(field, allowed, "is an empty list");
    return node.items.map((item) => ({ path, line: this.#lineOf(item) ?? line, node: item }));
  }

  /** As {@link list}, of single values, each of them once. */
  set<T>(
    field: Field,
    parse: (text: string) => T | undefined,
    allowed: string,
    allowedList: string,
  ): ReadonlySet<T> | undefined {
    const items = this.list(field, allowedList);
    if (items === undefined) return undefined;
    const values = new Set<T>();
    for (const item of items) {
      const value = this.value(item, parse, allowed);
      if (value === undefined) continue;
      if (values.has(value)) {
        this.refuse(item, "each of them once", `has ${quoted(textOf(item.node))} twice`);
      }
      values.add(value);
    }
    return values;
  }

  /** A single value. @returns undefined when `parse` does not take its text, which is a problem then */
  value<T>(field: Field, parse: (text: string) => T | undefined, allowed: string): T | undefined {
    const { node } = field;
    const value = isSingle(node) ? parse(textOf(node)) : undefined;
    return value === undefined ? this.refuse(field, allowed) : value;
  }

  /** Notes that something is not allowed. */
  refuse({ path, line, node }: Field, allowed: string, what: string = wrongWith(node)): undefined {
    const where = path === "" ? "" : `${path}: `;
    this.#problems.push({ line, what: `${where}${what}; allowed: ${allowed}` });
  }

  #lineOf(node: unknown): number | undefined {
    // Every key, value and item is a node, or nothing where nothing is written.
    const range = (node as Node | null)?.range;
    return range ? this.#document.lineOf(range[0]) : undefined;
  }
}

function below(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function isSingle(node: unknown): boolean {
  return isScalar(node) || node === null;
}

/** The text of a single value; empty for anything else. */
export function textOf(node: unknown): string {
  return isScalar(node) && typeof node.value === "string" ? node.value : "";
}

function wrongWith(node: unknown): string {
  if (isMap(node)) return "is a map of keys and values";
  if (isSeq(node)) return "is a list";
  if (isAlias(node)) return `is an alias, ${quoted(`*${node.source}`)}`;
  return textOf(node) === "" ? "is empty" : `is ${quoted(textOf(node))}`;
}
