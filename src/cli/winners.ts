import { Command } from "commander";
import { verifyDraw } from "../stores/ledger/verify.ts";
import { winningLines } from "../lottery/winners.ts";
import { addDrawArguments, findDraw } from "./draw-arguments.ts";
import { addExamples } from "./examples.ts";
import { CommandFailure } from "./exit-status.ts";
import { writeBets } from "./write-bets.ts";
import { addOutputOptions, type OutputOptions } from "./write-out.ts";

/** `quiniela winners`: writes a draw's winning bets from its files, once it is drawn. */
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
  // Read the bets again, because a draw may have more winners than fit in memory.
  await writeBets(dir, draw, options, {
    noun: "winner",
    pick: ({ lines }) => winningLines(lines, winningNumber),
  });
}

/** @throws CommandFailure when the draw is not drawn, has no such agency, or its files differ */
async function drawnNumber(dir: string, draw: string, agency: number | undefined): Promise<number> {
  const { state, agencies, difference, winningNumber } = await verifyDraw(dir, draw);
  const cannot = `Cannot tell winners of draw ${draw}`;
  if (difference !== undefined) {
    throw new CommandFailure(`${cannot}: its files differ: ${difference}`);
  }
  if (state !== "drawn" || winningNumber === undefined) {
    throw new CommandFailure(`${cannot}: it is ${state}; there are none before the draw`);
  }
  if (agency !== undefined && !agencies.some((known) => known.agency === agency)) {
    throw new CommandFailure(
      `Cannot tell winners of agency ${agency}: draw ${draw} has no such agency`,
    );
  }
  return winningNumber;
}
