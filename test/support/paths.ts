import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root: compiled tests live below it at some depth. */
export const root: string = process.env["QUINIELA_ROOT"] ?? findRoot();

/** The command as users get it, bundled into a few files: `node cli central …`. */
export const cli: string = join(
  dirname(fileURLToPath(import.meta.url)),
  "../../bundle/cli/main.js",
);

const dataDir = join(root, "..", "shared", "data");

/** The course's real bets, five CSV files, if they are available. */
export const realData: string | undefined = existsSync(join(dataDir, "agency-1.csv"))
  ? dataDir
  : undefined;

function findRoot(): string {
  for (let dir = dirname(fileURLToPath(import.meta.url)); ; dir = dirname(dir)) {
    const manifest = join(dir, "package.json");
    if (existsSync(manifest) && readFileSync(manifest, "utf8").includes('"name": "quiniela"')) {
      return dir;
    }
    if (dir === dirname(dir)) throw new Error("Cannot find the repository's root");
  }
}
