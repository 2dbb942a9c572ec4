import { createWriteStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Command, Option } from "commander";
import { writeWhole } from "../agency/whole-file.ts";
import { BET_FORMATS, type BetFormat } from "../lottery/bet-text.ts";
import { CommandFailure } from "./exit-status.ts";
import { interruptible } from "./interruptible.ts";
import { count } from "./option-parsers.ts";

/** The file name that means standard output. */
export const STANDARD_OUTPUT = "-";

type Pieces = Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/** The options of all commands that write a draw's bets. */
export interface OutputOptions {
  readonly draw?: string;
  readonly format: BetFormat;
  readonly agency?: number;
  readonly formulaSafe?: true;
  readonly out: string;
}

export function addOutputOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--format <format>", "canonical CSV, as the course's bets.csv, or JSON lines")
        .choices(BET_FORMATS)
        .default("csv"),
    )
    .option("--agency <n>", "only this agency's bets", count({ min: 1 }))
    .option(
      "--formula-safe",
      "put ' before names that a spreadsheet would take for a formula (= + - @)",
    )
    .option("--out <file>", "file to write; - for standard output", STANDARD_OUTPUT);
}

/**
 * Writes pieces to a file or to standard output. A regular file appears whole or not at all; a device or a
 * pipe gets the pieces directly.
 *
 * @param keep a folder in which nothing may be written
 * @returns false when the reader of standard output closed it early
 * @throws CommandFailure
 */
export async function writeOut(out: string, pieces: Pieces, keep: string): Promise<boolean> {
  if (out === STANDARD_OUTPUT) return toStandardOutput(pieces);
  const cannot = `Cannot write ${out}`;
  const target = await realpath(out).catch(() => resolve(out));
  const folder = await realpath(dirname(target)).catch(() => undefined);
  if (folder === undefined) throw new CommandFailure(`${cannot}: there is no such folder; make it`);
  if (`${folder}/`.startsWith(`${await realpath(keep)}/`)) {
    throw new CommandFailure(`${cannot}: the draw's own files are there; choose another folder`);
  }
  const found = await stat(target).catch(() => undefined);
  if (found?.isDirectory() === true) {
    throw new CommandFailure(`${cannot}: it is a folder; add a file's name`);
  }
  if (found !== undefined && !found.isFile()) {
    await pipeline(Readable.from(pieces), createWriteStream(target));
  } else {
    await interruptible((signal) => writeWhole(target, pieces, signal));
  }
  return true;
}

/**
 * Writes pieces to standard output. Resolves when all are written.
 *
 * @returns false when the reader closed it early
 */
async function toStandardOutput(pieces: Pieces): Promise<boolean> {
  try {
    for await (const piece of pieces) await write(piece);
    return true;
  } catch (error) {
    // The reader, such as `| head`, has closed the pipe.
    if (!(error instanceof Error && "code" in error && error.code === "EPIPE")) throw error;
    return false;
  }
}

function write(piece: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(piece, (error) => (error ? reject(error) : resolve()));
  });
}
