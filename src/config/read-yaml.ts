import { isMap, isScalar, type Node, type YAMLMap } from "yaml";
import type { FileContent, FileEntry } from "./config-file.ts";
import { openYaml } from "./yaml-document.ts";

/**
 * Reads the agency's config.yaml into flat entries: `batch:` with `maxAmount: 100` below it is
 * `batch.maxAmount`. Every value stays the text that was written, because only the table of settings knows
 * which values are numbers.
 */
export function readYaml(text: string): FileContent {
  const { root, problems: found, broken, lineOf } = openYaml(text);
  const entries: FileEntry[] = [];
  const problems = [...found];
  if (broken) return { entries, problems, broken };

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
