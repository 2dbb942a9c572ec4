import { LineCounter, type Node, parseAllDocuments } from "yaml";

/** A file of YAML as a tree in which every value is text, and what is wrong with the file as a whole. */
export interface YamlDocument {
  readonly root: Node | null;
  readonly problems: readonly { readonly line: number; readonly what: string }[];
  /** The syntax is broken: the values must not be checked. */
  readonly broken: boolean;
  /** The line of an offset in the file, from 1; the first line when there is no offset. */
  readonly lineOf: (offset: number | undefined) => number;
}

/** Parses YAML. Aliases stay what they are: nothing in the tree is larger than in the file. */
export function openYaml(text: string): YamlDocument {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    schema: "failsafe",
    // Who reads the tree finds repeated keys, together with the other problems.
    uniqueKeys: false,
    prettyErrors: false,
  });
  const lineOf = (offset: number | undefined): number =>
    offset === undefined ? 1 : Math.max(1, lines.linePos(offset).line);

  const [document, second] = Array.isArray(documents) ? documents : [];
  const [error] = document?.errors ?? [];
  if (error !== undefined) {
    // Report only this one: later errors, and keys that seem unknown, mostly follow from it.
    const what = `is not YAML: ${error.message}`;
    return { root: null, problems: [{ line: lineOf(error.pos[0]), what }], broken: true, lineOf };
  }
  const problems = (document?.warnings ?? []).map(({ pos, message }) => ({
    line: lineOf(pos[0]),
    what: `is not YAML: ${message}`,
  }));
  if (second !== undefined) {
    problems.push({ line: lineOf(second.range[0]), what: "a second document; allowed: one" });
  }
  return { root: document?.contents ?? null, problems, broken: false, lineOf };
}
