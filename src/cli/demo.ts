import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { verifyDraw } from "../stores/ledger/verify.ts";
import { WINNING_NUMBER_DEFAULT } from "../lottery/bet.ts";
import { plural } from "../lottery/plural.ts";
import { drawDialectNames } from "../protocols/dialects.ts";
import { abortOnSignals, type DemoResult, runDemo } from "./demo/run-demo.ts";
import { CommandFailure, EXIT_USAGE } from "./exit-status.ts";
import { BETS_DEFAULT, makeBets } from "./make-bets.ts";
import { count, names } from "./option-parsers.ts";
import { addExamples } from "./examples.ts";
import { ownCommand, shellQuoted } from "./own-command.ts";
import { createProgress } from "./progress.ts";
import { formatCount, formatDuration } from "./numbers.ts";
import { paint, renderTable } from "./terminal.ts";

interface Options {
  readonly agencies: number;
  readonly data?: string;
  readonly bets: number;
  readonly seed: number;
  readonly dialect?: readonly string[];
  readonly winningNumber: number;
  readonly dir?: string;
  readonly json?: true;
}

const AGENCIES_DEFAULT = 5;
const SEED_DEFAULT = 1;

/** The draw's name in a demo. Its directory is new, so the default name is free. */
const DRAW = "1";

/** `quiniela demo`: a whole lottery on this machine, with a process for every program. */
export function demoCommand(): Command {
  const command = new Command("demo")
    .description("run a whole lottery here: a central, its agencies, one draw, checked at the end")
    .option("--agencies <n>", "how many agencies", count({ min: 1, max: 1000 }), AGENCIES_DEFAULT)
    .option("--data <dir>", "folder with agency-1.csv to agency-N.csv (default: bets made up)")
    .option("--bets <n>", "how many bets to make up", count({ min: 1 }), BETS_DEFAULT)
    .option("--seed <n>", "seed of the bets made up", count({ min: 0 }), SEED_DEFAULT)
    .option(
      "--dialect <names>",
      `wire languages, comma-separated; agencies take turns: ${drawDialectNames().join(", ")} (default: native)`,
      names(drawDialectNames()),
    )
    .option(
      "--winning-number <n>",
      "number that wins",
      count({ min: 0, max: 9999 }),
      WINNING_NUMBER_DEFAULT,
    )
    .option(
      "--dir <dir>",
      "folder to keep the ledger and the logs in (default: a temporary one that is deleted at the end, unless the demo fails)",
    )
    .option("--json", "print the result as JSON")
    .action(demo);
  return addExamples(command, [
    ["quiniela demo --agencies 3 --bets 3000", "A small lottery; nothing is left behind"],
    [
      `quiniela demo --bets 3000 --dialect ${drawDialectNames().slice(0, 2).join(",")} --dir ./my-draw`,
      "Two protocols in one draw, whose files stay in ./my-draw",
    ],
  ]);
}

async function demo(options: Options): Promise<void> {
  const dir = workFolder(options);
  const { result, seal } = await play(options, dir);
  // After a failure the folder stays: the message names the logs in it.
  if (options.dir === undefined) rmSync(dir, { recursive: true, force: true });
  if (options.json) printJson(options, result, seal);
  else printTable(options, result, seal);
}

/** Runs the whole lottery in a folder, and verifies it from its files. */
async function play(
  options: Options,
  dir: string,
): Promise<{ readonly result: DemoResult; readonly seal: string | undefined }> {
  const { agencies, bets, seed } = options;
  const { signal, release } = abortOnSignals();
  try {
    const data = options.data === undefined ? join(dir, "bets") : resolve(options.data);
    if (options.data === undefined) await makeBets({ dir: data, agencies, bets, seed, signal });
    const progress = createProgress();
    const result = await runDemo({
      ...options,
      data,
      dialects: options.dialect ?? ["native"],
      dir,
      progress,
      signal,
    });
    const { difference, files, seal } = await verifyDraw(result.dataDir, DRAW);
    if (difference !== undefined) {
      throw new CommandFailure(`The draw does not verify: ${difference}`);
    }
    if (files !== "done") {
      throw new CommandFailure(`The draw does not verify: ${result.dataDir} has no files of it`);
    }
    return { result, seal };
  } catch (error) {
    if (!signal.aborted) throw error;
    // An interrupted demo needs no logs: delete a temporary folder. After a failure it stays.
    if (options.dir === undefined) rmSync(dir, { recursive: true, force: true });
    throw new CommandFailure("The demo was interrupted");
  } finally {
    release();
  }
}

/** The folder for a demo, which must be empty: a demo never adds to existing files. */
function workFolder(options: Options): string {
  if (options.dir === undefined) return mkdtempSync(join(tmpdir(), "quiniela-demo-"));
  const dir = resolve(options.dir);
  let entries: string[] = [];
  try {
    entries = readdirSync(dir);
  } catch {
    // The folder does not exist yet: the run makes it.
  }
  if (entries.length > 0) {
    throw new CommandFailure(
      `Cannot use ${dir} for a demo: it is not empty; name a new folder`,
      EXIT_USAGE,
    );
  }
  return dir;
}

function printTable(options: Options, result: DemoResult, seal: string | undefined): void {
  const { agencies } = result;
  const total = (of: (agency: DemoResult["agencies"][number]) => number): number =>
    agencies.reduce((sum, agency) => sum + of(agency), 0);
  const rows = agencies.map(({ agency, dialect, bets, batches, winners }) => [
    String(agency),
    dialect,
    bets,
    batches,
    winners.length,
  ]);
  rows.push([
    "all",
    "",
    total((a) => a.bets),
    total((a) => a.batches),
    total((a) => a.winners.length),
  ]);
  const columns = [
    { title: "agency" },
    { title: "dialect" },
    { title: "bets", align: "right" },
    { title: "batches", align: "right" },
    { title: "winners", align: "right" },
  ] as const;
  const good = paint("green", "verified", process.stdout);
  console.log(renderTable(columns, rows));
  console.log(
    `Number ${options.winningNumber} drawn once, after ${plural(agencies.length, "agency", formatCount)} ${agencies.length === 1 ? "was" : "were"} done, in ${formatDuration(result.elapsedMs)}.`,
  );
  console.log(
    `Bets, chains, seal and winners ${good} from the files; seal ${seal?.slice(0, 16)}….`,
  );
  console.log(nextStep(options, result));
}

/** The command to type next: it works as printed, in the shell from which the demo was started. */
function nextStep(options: Options, { dataDir }: DemoResult): string {
  const quiniela = ownCommand();
  if (options.dir !== undefined) {
    return `Check it again:  ${quiniela} verify ${shellQuoted(dataDir)}`;
  }
  const dir = newFolder("quiniela-demo");
  const again = ["demo", ...askedFor(options), "--dir", dir].map(shellQuoted).join(" ");
  return `Keep one to check again:  ${quiniela} ${again} && ${quiniela} verify ${dir}/data`;
}

/** The options that repeat the same draw. */
function askedFor({ agencies, data, bets, seed, dialect, winningNumber }: Options): string[] {
  const asked: string[] = [];
  if (agencies !== AGENCIES_DEFAULT) asked.push("--agencies", `${agencies}`);
  if (data !== undefined) asked.push("--data", data);
  if (bets !== BETS_DEFAULT) asked.push("--bets", `${bets}`);
  if (seed !== SEED_DEFAULT) asked.push("--seed", `${seed}`);
  if (dialect !== undefined) asked.push("--dialect", dialect.join(","));
  if (winningNumber !== WINNING_NUMBER_DEFAULT) asked.push("--winning-number", `${winningNumber}`);
  return asked;
}

/** A name that does not exist in the working folder. */
function newFolder(name: string): string {
  for (let number = 1; ; number++) {
    const dir = number === 1 ? name : `${name}-${number}`;
    if (!existsSync(dir)) return dir;
  }
}

function printJson(options: Options, result: DemoResult, seal: string | undefined): void {
  const { agencies, dataDir, elapsedMs } = result;
  console.log(
    JSON.stringify(
      {
        winningNumber: options.winningNumber,
        agencies,
        seal,
        // A temporary folder is deleted, with the data in it.
        dataDir: options.dir === undefined ? null : dataDir,
        elapsedMs: Math.round(elapsedMs),
      },
      undefined,
      2,
    ),
  );
}
