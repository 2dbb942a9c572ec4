import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../support/paths.ts";

/** A program that a guide runs, and the output that the guide shows. */
export interface GuideRun {
  readonly file: string;
  readonly args: readonly string[];
  readonly printed: string;
}

/** The files that a guide lets its reader write, and the programs to run. */
export interface Guide {
  /** By name. The first line of each is a comment with that name. */
  readonly files: ReadonlyMap<string, string>;
  /** In their order. */
  readonly runs: readonly GuideRun[];
}

/** Reads `docs/guides/<name>.md`. */
export function readGuide(name: string): Guide {
  const text = readFileSync(join(root, "docs", "guides", `${name}.md`), "utf8");
  const files = new Map<string, string>();
  const runs: GuideRun[] = [];
  let command: readonly string[] | undefined;
  for (const [, language, block = ""] of text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)) {
    if (language === "ts" || language === "json") {
      const [, file] = /^\/\/ (\S+)\n/.exec(block) ?? [];
      if (file === undefined) throw new Error(`A block of ${name}.md names no file: ${block}`);
      files.set(file, block);
    } else if (language === "sh") {
      command = /^node (.+)$/m.exec(block)?.[1]?.split(" ");
    } else if (language === "text" && command !== undefined) {
      const [file = "", ...args] = command;
      runs.push({ file, args, printed: block });
      command = undefined;
    }
  }
  return { files, runs };
}
