import { Command, InvalidArgumentError } from "commander";
import { count } from "../src/cli/option-parsers.ts";

export interface BenchOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly batch: number;
  /** Matches the ids of the rows to measure [all rows]. */
  readonly only?: RegExp;
  /** Sizes of ledgers, in millions of bets. */
  readonly sizes: readonly number[];
  /** Numbers of idle connections beside the busy ones. */
  readonly idle: readonly number[];
  /** How long to wait before each measurement until other programs use little of the machine. */
  readonly calmSeconds: number;
  /** Folder for temporary folders. */
  readonly dir?: string;
  /** Folder for the results. */
  readonly out?: string;
  readonly save: boolean;
  readonly json: boolean;
  readonly list: boolean;
}

const DEFAULTS = { rounds: 3, seconds: 2, warmup: 1, sizes: [1, 10, 50], idle: [0, 10_000] };
/** Shows in a few minutes that everything runs; the figures mean little. */
const QUICK = { rounds: 1, seconds: 1, warmup: 0.5, sizes: [1], idle: [0, 1000] };

interface Parsed {
  readonly rounds?: number;
  readonly seconds?: number;
  readonly warmup?: number;
  readonly batch: number;
  readonly only?: RegExp;
  readonly sizes?: readonly number[];
  readonly idle?: readonly number[];
  readonly calm: number;
  readonly dir?: string;
  readonly out?: string;
  readonly save: boolean;
  readonly json?: true;
  readonly list?: true;
  readonly quick?: true;
}

/** @throws CommanderError when the command line is wrong, or only asks for help */
export function parseOptions(argv: readonly string[]): BenchOptions {
  const command = new Command("make bench ARGS=…")
    .description("measure the central, its ceilings and its peers, and print one table")
    .option("--rounds <n>", `how often each is measured (${DEFAULTS.rounds})`, count({ min: 1 }))
    .option("--seconds <s>", `how long each time (${DEFAULTS.seconds})`, positive)
    .option("--warmup <s>", `warming up before (${DEFAULTS.warmup})`, positive)
    .option("--batch <bets>", "bets in a batch", count({ min: 1, max: 1000 }), 100)
    .option(
      "--only <pattern>",
      "only rows whose id this regular expression finds, and the calibration",
      pattern,
    )
    .option("--sizes <millions>", `ledgers of so many bets (${DEFAULTS.sizes.join()})`, numbers)
    .option("--idle <n>", `idle connections (${DEFAULTS.idle.join()})`, numbers)
    .option("--calm <s>", "wait so long at most for a calm machine before each", positive, 0)
    .option("--dir <dir>", "where temporary files go (the checkout's own disk)")
    .option("--out <dir>", "where the results go (bench/results)")
    .option("--no-save", "write no results")
    .option("--json", "print the results instead of the table")
    .option("--list", "print the rows' ids, measure nothing")
    .option("--quick", "one short round: shows that everything runs")
    .exitOverride();
  const parsed = command.parse(argv, { from: "user" }).opts<Parsed>();
  const defaults = parsed.quick === true ? QUICK : DEFAULTS;
  const { rounds, seconds, warmup, sizes, idle } = { ...defaults, ...parsed };
  const { batch, only, calm, save, dir, out } = parsed;
  return {
    rounds,
    seconds,
    warmupSeconds: warmup,
    batch,
    ...(only === undefined ? {} : { only }),
    sizes,
    idle,
    calmSeconds: calm,
    ...(dir === undefined ? {} : { dir }),
    ...(out === undefined ? {} : { out }),
    save,
    json: parsed.json === true,
    list: parsed.list === true,
  };
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

function numbers(text: string): number[] {
  return text.split(",").map((part) => {
    const value = Number(part);
    if (part === "" || !(value >= 0)) {
      throw new InvalidArgumentError("It must be numbers with commas between them.");
    }
    return value;
  });
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError("It must be a number above 0.");
  return value;
}
