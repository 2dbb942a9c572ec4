import { resolve } from "node:path";
import { Command } from "commander";
import { BETS_DEFAULT, makeBets } from "./make-bets.ts";
import { interruptible } from "./interruptible.ts";
import { count } from "./option-parsers.ts";
import { renderTable } from "./terminal.ts";
import { addExamples } from "./examples.ts";

interface Options {
  readonly out: string;
  readonly agencies: number;
  readonly bets: number;
  readonly seed: number;
  readonly json?: true;
}

/** `quiniela generate`: writes agencies' files with made-up bets, the same for the same seed. */
export function generateCommand(): Command {
  const command = new Command("generate")
    .description("make up agencies' bets: agency-1.csv to agency-N.csv, the same for the same seed")
    .option("--out <dir>", "folder to write to", ".data")
    .option("--agencies <n>", "how many agencies", count({ min: 1, max: 100_000 }), 5)
    .option("--bets <n>", "how many bets in all", count({ min: 1 }), BETS_DEFAULT)
    .option("--seed <n>", "seed", count({ min: 0, max: 0xffff_ffff }), 1)
    .option("--json", "print the result as JSON")
    .action(generate);
  return addExamples(command, [
    ["quiniela generate --out ./my-draw/bets --agencies 2 --bets 10000", "Two files, made up"],
    [
      "quiniela generate --out ./other-bets --seed 7 --json",
      "Other bets, and a list of the files for a program",
    ],
  ]);
}

async function generate(options: Options): Promise<void> {
  const dir = resolve(options.out);
  const { agencies, bets, seed } = options;
  const files = await interruptible((signal) => makeBets({ dir, agencies, bets, seed, signal }));
  if (options.json) {
    console.log(JSON.stringify({ dir, seed, files }, undefined, 2));
    return;
  }
  const columns = [
    { title: "agency" },
    { title: "bets", align: "right" },
    { title: "file" },
  ] as const;
  console.log(
    renderTable(
      columns,
      files.map(({ agency, bets, path }) => [String(agency), bets, path]),
    ),
  );
}
