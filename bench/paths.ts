import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

/** The checkout: a folder above the compiled files, or the one that `QUINIELA_ROOT` names. */
export const root: string = process.env["QUINIELA_ROOT"] ?? findRoot();

/** The bundled command, as users run it. */
export const cli: string = join(here, "../bundle/cli/main.js");

/** A compiled program of `bench/programs/`. */
export function benchProgram(name: string): string {
  return join(here, "programs", `${name}.js`);
}

const realDataDir = join(root, "..", "shared", "data");

/** The folder of the course's real bets, five CSV files, if they are there. */
export const realData: string | undefined = existsSync(join(realDataDir, "agency-1.csv"))
  ? realDataDir
  : undefined;

function findRoot(): string {
  for (let dir = here; ; dir = dirname(dir)) {
    const manifest = join(dir, "package.json");
    if (existsSync(manifest) && readFileSync(manifest, "utf8").includes('"name": "quiniela"')) {
      return dir;
    }
    if (dir === dirname(dir)) throw new Error("Cannot find the repository's root");
  }
}
