import { Command } from "commander";
import { readDraw } from "../ledger/read-draw.ts";
import type { StoredBatch } from "../store/bet-store.ts";
import { addDrawArguments, findDraw } from "./draw-arguments.ts";
import { exporter } from "./export-format.ts";
import { formatCount } from "./numbers.ts";
import { plural } from "../lottery/plural.ts";
import { addExamples } from "./examples.ts";
import { addOutputOptions, type OutputOptions, writeOut } from "./write-out.ts";

/** `quiniela export`: a draw's bets in the order of acceptance, while a central runs or not. */
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
  const { agency, format, formulaSafe = false } = options;
  const write = exporter(format, { formulaSafe });
  let bets = 0;
  async function* chunks(): AsyncGenerator<string | Uint8Array> {
    for await (const batch of readDraw(dir, draw)) {
      if (agency !== undefined && batch.agency !== agency) continue;
      bets += batch.count;
      yield write(batch satisfies StoredBatch);
    }
  }
  if (await writeOut(options.out, chunks())) console.error(plural(bets, "bet", formatCount));
}
