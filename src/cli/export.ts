import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Command, Option } from "commander";
import { readDraw } from "../ledger/read-draw.ts";
import type { StoredBatch } from "../store/bet-store.ts";
import { addDrawArguments, findDraw } from "./draw-arguments.ts";
import { type ExportFormat, exporter } from "./export-format.ts";
import { count } from "./option-parsers.ts";
import { formatCount } from "./terminal.ts";

interface Options {
  readonly draw?: string;
  readonly format: ExportFormat;
  readonly agency?: number;
  readonly formulaSafe?: true;
  readonly out: string;
}

/** `quiniela export`: a draw's bets in the order of acceptance, while a central runs or not. */
export function exportCommand(): Command {
  return addDrawArguments(
    new Command("export").description("write a draw's bets, in the order of acceptance"),
  )
    .addOption(
      new Option("--format <format>", "canonical CSV, as the course's bets.csv, or JSON lines")
        .choices(["csv", "jsonl"])
        .default("csv"),
    )
    .option("--agency <n>", "only this agency's bets", count({ min: 1 }))
    .option(
      "--formula-safe",
      "put ' before names that a spreadsheet would take for a formula (= + - @)",
    )
    .option("--out <file>", "file to write; - for standard output", "-")
    .action(exportBets);
}

async function exportBets(dir: string, options: Options): Promise<void> {
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
  const whole =
    options.out === "-"
      ? await toStandardOutput(chunks())
      : await toFile(resolve(options.out), chunks());
  if (whole) console.error(`${formatCount(bets)} bets`);
}

/** @returns whether the reader wanted all of it */
async function toStandardOutput(chunks: AsyncIterable<string | Uint8Array>): Promise<boolean> {
  try {
    await pipeline(Readable.from(chunks), process.stdout, { end: false });
    return true;
  } catch (error) {
    // `| head` has seen enough.
    if (!(error instanceof Error && "code" in error && error.code === "EPIPE")) throw error;
    return false;
  }
}

/** The file appears whole or not at all. */
async function toFile(path: string, chunks: AsyncIterable<string | Uint8Array>): Promise<boolean> {
  const temp = `${path}.${process.pid}.tmp`;
  try {
    await pipeline(Readable.from(chunks), createWriteStream(temp));
    await rename(temp, path);
    return true;
  } catch (error) {
    await rm(temp, { force: true });
    throw error;
  }
}
