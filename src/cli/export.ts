import { Command } from "commander";
import { addDrawArguments, findDraw } from "./draw-arguments.ts";
import { addExamples } from "./examples.ts";
import { writeBets } from "./write-bets.ts";
import { addOutputOptions, type OutputOptions } from "./write-out.ts";

/** `quiniela export`: writes a draw's bets in the order of acceptance; a central may be running. */
export function exportCommand(): Command {
  const command = new Command("export").description(
    "write a draw's bets, in the order of acceptance",
  );
  addOutputOptions(addDrawArguments(command)).action(exportBets);
  return addExamples(command, [
    ["quiniela export ./my-draw/data --format jsonl", "All bets, one JSON object a line"],
    [
      "quiniela export ./my-draw/data --agency 1 --out agency-1-stored.csv",
      "What is stored of agency 1",
    ],
  ]);
}

async function exportBets(dir: string, options: OutputOptions): Promise<void> {
  const draw = await findDraw(dir, options.draw);
  await writeBets(dir, draw, options, { noun: "bet", pick: (batch) => batch });
}
