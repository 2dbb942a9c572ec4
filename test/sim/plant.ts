import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Hunt } from "./hunt.ts";
import type { Edit, PlantedBug } from "./planted-bugs.ts";

const run = promisify(execFile);

/** The compiled program: the `dist` in which this runs. */
const dist = join(dirname(fileURLToPath(import.meta.url)), "../..");
/** The folders that the simulation needs. */
const PARTS = ["src", "test"] as const;

/** Runs seeds with a copy of the program that has a mistake, until one seed finds the mistake. */
export async function huntPlanted(
  { edits, world = "one" }: PlantedBug,
  seeds: { readonly first: number; readonly count: number },
): Promise<Hunt> {
  const copy = await mkdtemp(join(tmpdir(), "quiniela-planted-"));
  try {
    for (const part of PARTS) {
      await cp(join(dist, part), join(copy, "dist", part), { recursive: true, filter: isRun });
    }
    await cp(join(dist, "../package.json"), join(copy, "package.json"));
    await symlink(join(dist, "../node_modules"), join(copy, "node_modules"));
    for (const edit of edits) await apply(edit, join(copy, "dist/src"));
    const script = join(copy, "dist/test/sim/hunt.js");
    const { first, count } = seeds;
    const { stdout } = await run(process.execPath, [script, `${first}`, `${count}`, world]);
    return JSON.parse(stdout) as Hunt;
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** Not for the types, which half of the files are for. */
function isRun(path: string): boolean {
  return !path.endsWith(".d.ts");
}

/**
 * @throws if the text is not there exactly once: then the program has changed, and the bug must be
 * changed too
 */
export async function expectPlace(edit: Edit): Promise<void> {
  await partsAround(edit, join(dist, "src"));
}

async function apply(edit: Edit, src: string): Promise<void> {
  const [before, after] = await partsAround(edit, src);
  await writeFile(join(src, edit.file), `${before}${edit.replace}${after}`);
}

async function partsAround(
  { file, find }: Edit,
  src: string,
): Promise<readonly [before: string, after: string]> {
  const text = await readFile(join(src, file), "utf8");
  const escaped = find.split(/\s+/).map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const [before, after, ...more] = text.split(new RegExp(escaped.join("\\s+")));
  if (before === undefined || after === undefined || more.length > 0) {
    const places = after === undefined ? 0 : more.length + 1;
    throw new Error(`Cannot plant a bug: ${places} places in ${file} have ${find}`);
  }
  return [before, after];
}
