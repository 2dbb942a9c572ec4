import { isMap, isScalar, LineCounter, type Node, parseAllDocuments, type YAMLMap } from "yaml";
import type { FileContent, FileEntry } from "./config-file.ts";

/**
 * Reads the agency's config.yaml into flat entries: `batch:` with `maxAmount: 100` below it is
 * `batch.maxAmount`. Every value stays the text that was written, because only the table of settings knows
 * which values are numbers.
 */
export function readYaml(text: string): FileContent {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    schema: "failsafe",
    // gather() finds repeated keys, together with the other problems, and ignores their case.
    uniqueKeys: false,
    prettyErrors: false,
  });
  const entries: FileEntry[] = [];
  const problems: { line: number; what: string }[] = [];
  const lineOf = (offset: number | undefined): number =>
    offset === undefined ? 1 : Math.max(1, lines.linePos(offset).line);

  const [document, second] = Array.isArray(documents) ? documents : [];
  const [error] = document?.errors ?? [];
  if (error !== undefined) {
    // Report only this one: later errors, and keys that seem unknown, mostly follow from it.
    const what = `is not YAML: ${error.message}`;
    return { entries, problems: [{ line: lineOf(error.pos[0]), what }], broken: true };
  }
  for (const warning of document?.warnings ?? []) {
    problems.push({ line: lineOf(warning.pos[0]), what: `is not YAML: ${warning.message}` });
  }
  if (second !== undefined) {
    problems.push({ line: lineOf(second.range[0]), what: "a second document; allowed: one" });
  }

  const root = document?.contents ?? null;
  if (isMap(root)) walk(root, "");
  else if (root !== null && problems.length === 0 && !isEmpty(root)) {
    problems.push({ line: lineOf(root.range?.[0]), what: "is no setting; allowed: key: value" });
  }
  return { entries, problems };

  function walk(map: YAMLMap, path: string): void {
    for (const { key, value } of map.items) {
      const line = lineOf((key as Node | null)?.range?.[0]);
      if (!isScalar(key)) {
        problems.push({ line, what: `${path}: has a key that is no name; allowed: key: value` });
        continue;
      }
      const name = `${path}${String(key.value)}`;
      if (isMap(value)) walk(value, `${name}.`);
      else if (value === null) entries.push({ key: name, text: "", line });
      else if (isScalar(value)) entries.push({ key: name, text: String(value.value), line });
      else problems.push({ line, what: `${name}: is no single value; allowed: one value` });
    }
  }
}

function isEmpty(node: Node): boolean {
  return isScalar(node) && node.value === "";
}
