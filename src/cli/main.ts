#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { ConfigError } from "../config/config-error.ts";
import { agencyCommand } from "./agency.ts";
import { benchCommand } from "./bench.ts";
import { centralCommand } from "./central.ts";
import { composeCommand } from "./compose.ts";
import { demoCommand } from "./demo.ts";
import { CommandFailure, EXIT_FAILURE, EXIT_USAGE } from "./exit-status.ts";
import { exportCommand } from "./export.ts";
import { generateCommand } from "./generate.ts";
import { packageVersion } from "./package-files.ts";
import { verifyCommand } from "./verify.ts";

const program = new Command("quiniela")
  .description("A national lottery over TCP: a durable, exactly-once central and its agencies.")
  .version(packageVersion(), "-V, --version", "print the version")
  .helpCommand(false)
  .showHelpAfterError("(see --help)")
  .exitOverride();

for (const command of [
  demoCommand(),
  centralCommand(),
  agencyCommand(),
  generateCommand(),
  exportCommand(),
  verifyCommand(),
  composeCommand(),
  benchCommand(),
]) {
  // Commands inherit these two from the program only when they are made by it.
  program.addCommand(command.copyInheritedSettings(program));
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = explain(error);
}

/** Says on standard error what went wrong, in one line where one is enough. @returns the status */
function explain(error: unknown): number {
  // Commander has printed its own message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  if (error instanceof CommandFailure) {
    if (error.message !== "") console.error(`quiniela: ${error.message}`);
    return error.status;
  }
  if (error instanceof ConfigError) {
    console.error(`quiniela: ${error.message}`);
    return EXIT_USAGE;
  }
  // A missing folder, no permission, a full disk: the system's own message names code and file.
  if (error instanceof Error && "syscall" in error) console.error(`quiniela: ${error.message}`);
  else if (error instanceof Error && "code" in error) {
    console.error(`quiniela: ${String(error.code)}: ${error.message}`);
  } else console.error(error);
  return EXIT_FAILURE;
}
