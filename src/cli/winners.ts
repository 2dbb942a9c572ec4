import { Command } from "commander";
import { verifyWinners } from "../ledger/verify.ts";
import { addDrawArguments, findDraw } from "./draw-arguments.ts";
import { CommandFailure } from "./exit-status.ts";
import { betWriter } from "./export-format.ts";
import { formatCount } from "./terminal.ts";
import { addOutputOptions, type OutputOptions, writeOut } from "./write-out.ts";

/** `quiniela winners`: a draw's winning bets from its files, once it is drawn. */
export function winnersCommand(): Command {
  const command = new Command("winners").description(
    "write a draw's winning bets, agency by agency, once it is drawn and its files agree",
  );
  return addOutputOptions(addDrawArguments(command)).action(writeWinners);
}

async function writeWinners(dir: string, options: OutputOptions): Promise<void> {
  const { verification, winners } = await verifyWinners(dir, await findDraw(dir, options.draw));
  const { draw, state, agencies, difference } = verification;
  if (difference !== undefined) {
    throw new CommandFailure(
      `Cannot tell winners of draw ${draw}: its files differ: ${difference}`,
    );
  }
  if (winners === undefined) {
    throw new CommandFailure(
      `Cannot tell winners of draw ${draw}: it is ${state}; there are none before the draw`,
    );
  }
  const { agency, format, formulaSafe = false } = options;
  if (agency !== undefined && agency > agencies.length) {
    throw new CommandFailure(
      `Cannot tell winners of agency ${agency}: draw ${draw} has agencies 1 to ${agencies.length}`,
    );
  }
  const told = agency === undefined ? winners : winners.filter((bet) => bet.agency === agency);
  const write = betWriter(format, { formulaSafe });
  if (await writeOut(options.out, told.length === 0 ? [] : [write(told)])) {
    console.error(`${formatCount(told.length)} ${told.length === 1 ? "winner" : "winners"}`);
  }
}
