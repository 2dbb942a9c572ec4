import type { Command } from "commander";
import { listDraws } from "../ledger/draw-directory.ts";
import { CommandFailure } from "./exit-status.ts";

/** What names a draw on the command line of those who read one. */
export function addDrawArguments(command: Command): Command {
  return command
    .argument("[dir]", "the central's data folder", "./data")
    .option("--draw <name>", "which draw (default: the only one in the folder)");
}

/** @throws CommandFailure when the folder holds no such draw, or several and none was named */
export async function findDraw(dir: string, named: string | undefined): Promise<string> {
  const draws = await listDraws(dir);
  const list = draws.join(", ");
  if (named !== undefined) {
    if (draws.includes(named)) return named;
    throw new CommandFailure(
      `There is no draw "${named}" in ${dir}; there ${draws.length === 0 ? "is none" : `are: ${list}`}`,
    );
  }
  const [draw, ...others] = draws;
  if (draw === undefined) {
    throw new CommandFailure(`There is no draw in ${dir}: name a central's data folder`);
  }
  if (others.length > 0) {
    throw new CommandFailure(`There are several draws in ${dir}; choose with --draw: ${list}`);
  }
  return draw;
}
