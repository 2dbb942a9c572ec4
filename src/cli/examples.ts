import type { Command } from "commander";

/** Command lines that work as they are written, each with its purpose. */
export type Examples = readonly (readonly [line: string, what: string])[];

/** Adds examples to the help of a command. */
export function addExamples(command: Command, examples: Examples): Command {
  const lines = examples.map(([line, what]) => `  # ${what}\n  ${line}`);
  return command.addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
}
