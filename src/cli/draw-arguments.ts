import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Command } from "commander";
import { listDraws } from "../stores/ledger/held-draws.ts";
import { DRAW_FILE, readDrawFile } from "../stores/ledger/draw-file.ts";
import { nodeDisk } from "../stores/disk/node-disk.ts";
import { CommandFailure } from "./exit-status.ts";

/** Adds the arguments that name a draw to a command that reads one. */
export function addDrawArguments(command: Command): Command {
  return command
    .argument("[dir]", "the central's data folder", "./data")
    .option("--draw <name>", "which draw (default: the only one in the folder)");
}

/** @throws CommandFailure when the folder has no such draw, or has several and none was named */
export async function findDraw(dir: string, named: string | undefined): Promise<string> {
  const draws = isFolder(dir) ? await listDraws(dir) : [];
  const list = draws.join(", ");
  if (draws.length === 0) throw new CommandFailure(await noDraw(dir));
  if (named !== undefined) {
    if (draws.includes(named)) return named;
    throw new CommandFailure(
      `There is no draw "${named}" in ${resolve(dir)}; ${draws.length === 1 ? "there is only" : "there are"}: ${list}`,
    );
  }
  const [draw, ...others] = draws;
  if (draw === undefined || others.length > 0) {
    throw new CommandFailure(
      `There are several draws in ${resolve(dir)}; choose with --draw: ${list}`,
    );
  }
  return draw;
}

/** The message when no draw was found: what was looked for, where, and where it may be instead. */
async function noDraw(dir: string): Promise<string> {
  const path = resolve(dir);
  if (!existsSync(path)) {
    return `Cannot find a draw: there is no folder ${path}; name a central's data folder (SERVER_DATA_DIR, --data-dir)`;
  }
  if (!isFolder(path)) {
    return `Cannot find a draw: ${path} is no folder; name a central's data folder`;
  }
  const looked = `Cannot find a draw: no folder in ${path} holds a ${DRAW_FILE}`;
  if ((await readDrawFile(nodeDisk, path)) !== undefined) {
    return `${looked}; this folder is a draw itself, so name the one that it is in: ${dirname(path)}`;
  }
  const below = join(path, "data");
  if (isFolder(below) && (await listDraws(below)).length > 0) {
    return `${looked}; name the central's data folder: ${below}`;
  }
  return `${looked}; name a central's data folder (SERVER_DATA_DIR, --data-dir)`;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
