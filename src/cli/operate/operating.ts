import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import { CENTRAL_SETTINGS } from "../../config/settings.ts";
import { CommandFailure } from "../exit-status.ts";
import { OperatorsClient, operatorName } from "./operators-client.ts";

/** The options of every command that speaks with a running central. */
export interface ReachOptions {
  readonly dataDir: string;
  readonly json?: true;
}

/** The options of a command that changes something. */
export interface DeedOptions extends ReachOptions {
  readonly operator: string;
  readonly reason: string;
  readonly yes?: true;
}

const DATA_DIR = CENTRAL_SETTINGS.find(({ key }) => key === "SERVER_DATA_DIR");

/** Adds what says which central is meant. */
export function reaching(command: Command): Command {
  const usual = process.env["SERVER_DATA_DIR"] ?? DATA_DIR?.default;
  return command
    .option("--data-dir <dir>", "data folder of the running central", usual)
    .option("--json", "print the answer as JSON");
}

/** Adds who does it and why. */
export function doing(command: Command): Command {
  return reaching(command)
    .option("--operator <name>", "who does it, for the draw's records", operatorName())
    .option("--reason <text>", "why, for the draw's records", "");
}

/** As {@link doing}, for what cannot be undone. */
export function confirming(command: Command): Command {
  return doing(command).option("--yes", "do not ask, for scripts");
}

export function clientOf({ dataDir }: ReachOptions): OperatorsClient {
  return new OperatorsClient(dataDir);
}

/** Who does it and why, as the central wants it. */
export function signature({ operator, reason }: DeedOptions): { operator: string; reason: string } {
  return { operator, reason };
}

/** Asks before something that cannot be undone. @throws CommandFailure unless it is confirmed */
export async function confirm(question: string, { yes }: DeedOptions): Promise<void> {
  if (yes === true) return;
  if (!process.stdin.isTTY) {
    throw new CommandFailure(`${question} This cannot be undone: give --yes if you mean it`);
  }
  const [answer = ""] = await ask([`${question} This cannot be undone. Go on? [y/N] `]);
  if (!/^y(es)?$/i.test(answer.trim())) throw new CommandFailure("Nothing was done");
}

/** Reads a line for each prompt; prompts are shown on a terminal only. */
export async function ask(prompts: readonly string[]): Promise<string[]> {
  const { stdin: input, stderr: output } = process;
  const reader = createInterface({ input, output, terminal: input.isTTY });
  const lines = reader[Symbol.asyncIterator]();
  const answers: string[] = [];
  try {
    for (const prompt of prompts) {
      if (input.isTTY) output.write(prompt);
      const { value, done } = await lines.next();
      if (done === true) break;
      answers.push(value);
    }
    return answers;
  } finally {
    reader.close();
  }
}

/** What a deed is answered with. */
export interface Result {
  readonly result: "done" | "already";
}

/** The path of a draw in the operators' interface. */
export function drawPath(draw: string): string {
  return `/draws/${encodeURIComponent(draw)}`;
}

/** Prints what became of a deed. */
export function printResult(answer: Result, { json }: ReachOptions, done: string): void {
  if (json === true) console.log(JSON.stringify(answer));
  else console.log(answer.result === "done" ? done : `${done} It was so already.`);
}
