import { Command } from "commander";
import { readDraw } from "../ledger/read-draw.ts";
import { verifyDraw } from "../ledger/verify.ts";
import { plural } from "../lottery/plural.ts";
import { winningLines } from "../lottery/winners.ts";
import { addDrawArguments, findDraw } from "./draw-arguments.ts";
import { addExamples } from "./examples.ts";
import { CommandFailure } from "./exit-status.ts";
import { exporter } from "./export-format.ts";
import { formatCount } from "./numbers.ts";
import { addOutputOptions, type OutputOptions, writeOut } from "./write-out.ts";

/** `quiniela winners`: a draw's winning bets from its files, once it is drawn. */
export function winnersCommand(): Command {
  const command = new Command("winners").description(
    "write a draw's winning bets, in the order of acceptance, once it is drawn and its files agree",
  );
  addOutputOptions(addDrawArguments(command)).action(writeWinners);
  return addExamples(command, [
    ["quiniela winners ./my-draw/data", "All winning bets, as CSV"],
    [
      "quiniela winners ./my-draw/data --agency 2 --format jsonl",
      "Those of agency 2, as JSON lines",
    ],
  ]);
}

async function writeWinners(dir: string, options: OutputOptions): Promise<void> {
  const draw = await findDraw(dir, options.draw);
  const winningNumber = await drawnNumber(dir, draw, options.agency);
  const { agency, format, formulaSafe = false } = options;
  const write = exporter(format, { formulaSafe });
  let winners = 0;
  // Read again, because a draw may have more winners than fit in memory.
  async function* chunks(): AsyncGenerator<string | Uint8Array> {
    for await (const batch of readDraw(dir, draw)) {
      if (agency !== undefined && batch.agency !== agency) continue;
      const won = winningLines(batch.lines, winningNumber);
      winners += won.count;
      if (won.count > 0) yield write(won);
    }
  }
  if (await writeOut(options.out, chunks())) {
    console.error(plural(winners, "winner", formatCount));
  }
}

/** @throws CommandFailure unless the draw has taken place, with this agency, and its files agree */
async function drawnNumber(dir: string, draw: string, agency: number | undefined): Promise<number> {
  const { state, agencies, difference, winningNumber } = await verifyDraw(dir, draw);
  const cannot = `Cannot tell winners of draw ${draw}`;
  if (difference !== undefined) {
    throw new CommandFailure(`${cannot}: its files differ: ${difference}`);
  }
  if (state !== "drawn") {
    throw new CommandFailure(`${cannot}: it is ${state}; there are none before the draw`);
  }
  if (agency !== undefined && agency > agencies.length) {
    throw new CommandFailure(
      `Cannot tell winners of agency ${agency}: draw ${draw} has agencies 1 to ${agencies.length}`,
    );
  }
  return winningNumber;
}
