// Mutation testing: `make mutants ARGS="--folders lottery,stores --sample 400 --seed 1"`. Breaks the program
// in small ways, one at a time, and prints the changes that no test notices.
//
// Stryker's instrumenter makes the mutants: all of them are in one build, and an environment variable
// switches one on. Stryker's own runners do not work here: its TypeScript support needs the compiler's
// JavaScript interface, which TypeScript 7 does not have, and its TAP reader does not accept test names
// with JSON in them. So this script builds, and runs the tests. The instrumenter is installed into a
// scratch folder, because building and testing do not need it.
import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const INSTRUMENTER = "@stryker-mutator/instrumenter@9.6.1";
/** The logger that the instrumenter needs. */
const SILENT = { debug() {}, info() {}, warn() {}, isDebugEnabled: () => false };
/** Changed texts are not tried: texts are tested where they matter. */
const LEFT_OUT = ["StringLiteral"];
/** The tests of these folders run the program in their own process, so it is known which code they reach. */
const TEST_FOLDERS = "lottery stores central protocols checker sim".split(" ");
const TIMEOUT_FACTOR = 4;
const TIMEOUT_MS_MIN = 15_000;
/** A test file that takes longer is left out: it would run for hundreds of mutants. */
const FILE_MS_MAX = 6_000;

const root = fileURLToPath(new URL("..", import.meta.url));
const { values: options } = parseArgs({
  options: {
    folders: { type: "string", default: "lottery,stores,central" },
    /** How many mutants of each folder are tried; all when 0. */
    sample: { type: "string", default: "0" },
    seed: { type: "string", default: "1" },
  },
});
const folders = options.folders.split(",");

const scratch = mkdtempSync(join(tmpdir(), "quiniela-mutants-"));
const checkout = join(scratch, "checkout");
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));

const mutants = await build();
const tests = await measureTests();
const reached = mutants.filter(({ id }) => tests.some(({ reaches }) => reaches.has(id)));
const chosen = folders.flatMap((folder) =>
  sampleOf(reached.filter((mutant) => folderOf(mutant) === folder)),
);
console.error(`${mutants.length} mutants, ${reached.length} reached, ${chosen.length} to try`);
report(await tryAll(chosen));

/** Compiles a copy of the sources with all mutants in it. @returns the mutants */
async function build() {
  cpSync(root, checkout, {
    recursive: true,
    filter: (path) => !/\/(node_modules|dist|\.git)$/.test(path),
  });
  symlinkSync(join(root, "node_modules"), join(checkout, "node_modules"));
  // Tests look for the real data beside the checkout.
  const shared = join(root, "..", "shared");
  if (existsSync(shared)) symlinkSync(shared, join(scratch, "shared"));
  const { Instrumenter } = await installed(INSTRUMENTER);
  const sources = folders.flatMap((folder) => filesIn(join(checkout, "src", folder), ".ts"));
  const { files, mutants } = await new Instrumenter(SILENT).instrument(
    sources.map((name) => ({ name, mutate: true, content: readFileSync(name, "utf8") })),
    { plugins: null, excludedMutations: LEFT_OUT, ignorers: [] },
  );
  for (const { name, content } of files) writeFileSync(name, `// @ts-nocheck\n${content}`);
  run(
    process.execPath,
    [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.json"],
    checkout,
  );
  run(process.execPath, ["scripts/build-stamp.mjs"], checkout);
  return mutants.map(({ id, fileName, location, mutatorName, replacement }) => ({
    id,
    file: relative(checkout, fileName),
    line: location.start.line + 1,
    column: location.start.column + 1,
    mutator: mutatorName,
    replacement: replacement.replaceAll(/\s+/g, " ").slice(0, 80),
  }));
}

/** Runs every test file once, to measure how long it takes and which mutants it reaches. */
async function measureTests() {
  const hook = join(scratch, "reaches.cjs");
  writeFileSync(
    hook,
    `process.on("exit", () => require("fs").writeFileSync(process.env.REACHES_FILE,
       JSON.stringify(Object.keys(globalThis.__stryker__?.mutantCoverage?.static ?? {}))));`,
  );
  const files = TEST_FOLDERS.flatMap((folder) =>
    filesIn(join(checkout, "dist/test", folder), ".test.js"),
  );
  const measured = await inParallel(files, async (file, index) => {
    const reachesFile = join(scratch, `reaches-${index}.json`);
    const { status, ms } = await runTest(file, { REACHES_FILE: reachesFile }, 120_000, [
      "-r",
      hook,
    ]);
    if (status === 0) {
      return { file, ms, reaches: new Set(JSON.parse(readFileSync(reachesFile, "utf8"))) };
    }
    console.error(`left out, it fails as it is: ${relative(checkout, file)}`);
    return undefined;
  });
  return measured
    .filter((test) => test !== undefined && test.reaches.size > 0 && test.ms <= FILE_MS_MAX)
    .toSorted((a, b) => a.ms - b.ms);
}

/** @returns the mutants, each with whether it lives */
async function tryAll(list) {
  let done = 0;
  let live = 0;
  return inParallel(list, async (mutant) => {
    const lives = await survives(mutant);
    done++;
    if (lives) {
      live++;
      console.error(`lives: ${placeOf(mutant)}`);
    }
    if (done % 50 === 0) console.error(`${done} of ${list.length} tried, ${live} live`);
    return { ...mutant, lives };
  });
}

/** Whether all tests pass with this mutant: none fails and none hangs. */
async function survives(mutant) {
  const { id } = mutant;
  const folder = join(checkout, "dist/test", folderOf(mutant));
  // The tests of its own folder come first, because they are most likely to notice it; then the quick ones.
  const reaching = tests
    .filter(({ reaches }) => reaches.has(id))
    .toSorted((a, b) => Number(b.file.startsWith(folder)) - Number(a.file.startsWith(folder)));
  for (const { file, ms } of reaching) {
    const timeoutMs = Math.max(TIMEOUT_MS_MIN, ms * TIMEOUT_FACTOR);
    const { status } = await runTest(file, { __STRYKER_ACTIVE_MUTANT__: id }, timeoutMs);
    if (status !== 0) return false;
  }
  return true;
}

function runTest(file, env, timeoutMs, nodeArgs = []) {
  const startMs = Date.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...nodeArgs, file], {
      cwd: checkout,
      env: { ...process.env, QUINIELA_SEED: options.seed, ...env },
      stdio: "ignore",
      detached: true,
    });
    // Kill the whole group: a mutant may leave a child process behind.
    const end = () => {
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // The process has ended already.
      }
    };
    const timer = setTimeout(end, timeoutMs);
    child.on("exit", (status) => {
      clearTimeout(timer);
      end();
      resolve({ status, ms: Date.now() - startMs });
    });
  });
}

function report(tried) {
  console.log(`Seed ${options.seed}, ${mutants.length} mutants:`);
  for (const folder of folders) {
    const all = mutants.filter((mutant) => folderOf(mutant) === folder);
    const here = tried.filter((mutant) => folderOf(mutant) === folder);
    const killed = here.filter(({ lives }) => !lives).length;
    const unreached = all.filter((mutant) => !reached.includes(mutant)).length;
    console.log(
      `  ${folder}: ${killed} of ${here.length} killed; ${all.length} in all, ${unreached} not reached`,
    );
  }
  console.log("These live:");
  const lives = tried.filter(({ lives }) => lives).map(placeOf);
  for (const place of lives.toSorted()) console.log(`  ${place}`);
}

function placeOf({ file, line, column, mutator, replacement }) {
  return `${file}:${line}:${column} ${mutator} -> ${replacement}`;
}

function folderOf({ file }) {
  return file.split("/")[1];
}

function filesIn(dir, ending) {
  if (!existsSync(dir)) return [];
  const names = readdirSync(dir, { recursive: true });
  return names.filter((name) => name.endsWith(ending)).map((name) => join(dir, name));
}

/** @returns `--sample` of them, in an order that depends on the seed */
function sampleOf(list) {
  let state = Number(options.seed) >>> 0;
  const random = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0);
  const shuffled = list
    .map((value) => ({ value, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ value }) => value);
  const sample = Number(options.sample);
  return sample === 0 ? shuffled : shuffled.slice(0, sample);
}

async function inParallel(list, work) {
  const results = Array.from({ length: list.length });
  let next = 0;
  const worker = async () => {
    while (next < list.length) {
      const index = next++;
      results[index] = await work(list[index], index);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return results;
}

/** Installs a package into the scratch folder. @returns its exports */
function installed(nameAtVersion) {
  const tools = join(scratch, "tools");
  mkdirSync(tools);
  writeFileSync(join(tools, "package.json"), "{}");
  run(
    "npm",
    ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent", nameAtVersion],
    tools,
  );
  const name = nameAtVersion.slice(0, nameAtVersion.lastIndexOf("@"));
  const require = createRequire(join(tools, "package.json"));
  return import(pathToFileURL(require.resolve(name)));
}

function run(command, args, cwd) {
  const { status } = spawnSync(command, args, { cwd, stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}`);
}
