// Runs the compiled tests: `node scripts/test.mjs [--suite NAME] [name fragments]`.
//
// node --test accepts a folder on Node 20 and globs on 22 and newer, never both, so the files are listed
// here. The other suites are in folders that the default suite leaves out.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const tests = join(root, "dist", "test");
/** Tests that start the program start the bundled one. */
const program = join(root, "dist", "bundle", "cli", "main.js");
const suites = { containers: "containers", torture: "torture" };

const args = process.argv.slice(2);
const suiteAt = args.indexOf("--suite");
const suite = suiteAt < 0 ? undefined : args.splice(suiteAt, 2)[1];
if (suite !== undefined && !(suite in suites)) {
  console.error(`Unknown suite "${suite}"; there are: ${Object.keys(suites).join(", ")}`);
  process.exit(2);
}
if (![tests, program].every((path) => existsSync(path))) {
  console.error("Nothing to test: run `npm run build` first");
  process.exit(2);
}

const inSuite = (file) => {
  const top = relative(tests, file).split(sep)[0];
  return suite === undefined ? !Object.values(suites).includes(top) : top === suites[suite];
};
const files = readdirSync(tests, { recursive: true })
  .map((name) => join(tests, name))
  .filter((file) => file.endsWith(".test.js") && inSuite(file))
  .filter((file) => args.length === 0 || args.some((part) => file.includes(part)))
  .toSorted();
if (files.length === 0) {
  console.error(`No test file matches: ${args.join(" ")}`);
  process.exit(2);
}

// Node leaves one core free: with two cores it would run one file after the other, but most files only wait
// for sockets and processes.
const filesAtOnce = Math.max(2, availableParallelism() - 1);
const summary = new URL("summary-reporter.mjs", import.meta.url).href;
const reporter = process.env.TEST_REPORTER ?? (process.stdout.isTTY ? "spec" : summary);
const run = spawnSync(
  process.execPath,
  [
    "--test",
    `--test-concurrency=${filesAtOnce}`,
    `--test-reporter=${reporter}`,
    "--test-reporter-destination=stdout",
    ...files,
  ],
  { stdio: "inherit", cwd: root },
);
process.exit(run.status ?? 1);
