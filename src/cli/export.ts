import { Command } from "commander";
import { shownActs } from "../lottery/act.ts";
import { drawDirectory } from "../stores/ledger/draw-directory.ts";
import { readActs } from "../stores/ledger/read-draw.ts";
import { addDrawArguments, findDraw } from "./draw-arguments.ts";
import { addExamples } from "./examples.ts";
import { writeBets } from "./write-bets.ts";
import { addOutputOptions, type OutputOptions, writeOut } from "./write-out.ts";

/** `quiniela export`: writes a draw's bets in the order of acceptance; a central may be running. */
export function exportCommand(): Command {
  const command = new Command("export").description(
    "write a draw's bets, in the order of acceptance",
  );
  addOutputOptions(addDrawArguments(command))
    .option("--acts", "instead of bets: what operators and the clock did, as JSON lines")
    .action(exportDraw);
  return addExamples(command, [
    ["quiniela export ./my-draw/data --format jsonl", "All bets, one JSON object a line"],
    [
      "quiniela export ./my-draw/data --agency 1 --out agency-1-stored.csv",
      "What is stored of agency 1",
    ],
    ["quiniela export ./my-draw/data --acts", "Who opened and closed the draw, and why"],
  ]);
}

async function exportDraw(
  dir: string,
  options: OutputOptions & { readonly acts?: true },
): Promise<void> {
  const draw = await findDraw(dir, options.draw);
  if (options.acts === true) {
    const lines = shownActs(await readActs(dir, draw)).map((act) => `${JSON.stringify(act)}\n`);
    await writeOut(options.out, lines, drawDirectory(dir, draw));
    return;
  }
  await writeBets(dir, draw, options, { noun: "bet", pick: (batch) => batch });
}
