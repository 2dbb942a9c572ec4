import { Command, CommanderError } from "commander";
import { ConfigError } from "../config/config-error.ts";
import { hideTokens } from "../identity/hide-tokens.ts";
import { CommandFailure, EXIT_FAILURE, EXIT_USAGE } from "./exit-status.ts";
import { leaveInTime } from "./leave.ts";
import { packageVersion } from "./package-files.ts";
import type { Signals } from "./signals.ts";

/** Commands are loaded one at a time: loading all of them takes as long as a small draw. */
const COMMANDS: Readonly<Record<string, (signals: Signals) => Promise<Command>>> = {
  demo: async () => (await import("./demo.ts")).demoCommand(),
  central: async (signals) => (await import("./central.ts")).centralCommand(signals),
  agency: async (signals) => (await import("./agency.ts")).agencyCommand(signals),
  generate: async () => (await import("./generate.ts")).generateCommand(),
  export: async () => (await import("./export.ts")).exportCommand(),
  verify: async () => (await import("./verify.ts")).verifyCommand(),
  winners: async () => (await import("./winners.ts")).winnersCommand(),
  draws: async () => (await import("./draws.ts")).drawsCommand(),
  agencies: async () => (await import("./agencies.ts")).agenciesCommand(),
  status: async () => (await import("./operate/status.ts")).statusCommand(),
  config: async () => (await import("./config.ts")).configCommand(),
  pki: async () => (await import("./pki.ts")).pkiCommand(),
  compose: async () => (await import("./compose.ts")).composeCommand(),
  bench: async () => (await import("./bench.ts")).benchCommand(),
  version: async () => (await import("./version.ts")).versionCommand(),
};

/** Descriptions are wrapped as long as they have at least this many columns. */
const HELP_WIDTH_MIN = 24;

/** Runs the command line, and sets the exit status. */
export async function runProgram(signals: Signals): Promise<void> {
  const program = new Command("quiniela")
    .description("A national lottery over TCP: a durable, exactly-once central and its agencies.")
    .version(packageVersion(), "-V, --version", "print the version")
    .helpCommand("help [command]", "explain a command, as its --help does")
    .showHelpAfterError("(see --help)")
    .configureHelp({ minWidthToWrap: HELP_WIDTH_MIN })
    // Commander repeats a wrong argument, which may be a token in the wrong place.
    .configureOutput({ writeErr: (text) => void process.stderr.write(hideTokens(text)) })
    .exitOverride();

  // EPIPE: the reader has closed the pipe, as `| head` does, so nothing is left to do.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") cannotWrite(stream, error);
    });
  }

  const [asked = ""] = process.argv.slice(2);
  // Help, and the hint for a misspelt name, need all commands.
  const names = Object.hasOwn(COMMANDS, asked) ? [asked] : Object.keys(COMMANDS);
  const commands = await Promise.all(names.map(async (name) => COMMANDS[name]?.(signals)));
  for (const command of commands) {
    if (command !== undefined) program.addCommand(inheriting(command, program));
  }

  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = explain(error);
  }
  leaveInTime(signals.stop);
}

/** Commands inherit settings from the program, and theirs from them, only when these make them. */
function inheriting(command: Command, parent: Command): Command {
  for (const below of command.copyInheritedSettings(parent).commands) inheriting(below, command);
  return command;
}

/** Ends the program: most likely the disk is full, and further output would be lost too. */
function cannotWrite(stream: NodeJS.WriteStream, error: Error): never {
  if (stream === process.stdout) {
    console.error(`quiniela: Cannot write to standard output: ${error.message}`);
  }
  process.exit(EXIT_FAILURE);
}

/** Prints the error on standard error, in one line if one is enough. @returns the exit status */
function explain(error: unknown): number {
  // Commander has printed its own message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  if (error instanceof CommandFailure) {
    if (error.message !== "") complain(error.message);
    return error.status;
  }
  if (error instanceof ConfigError) {
    complain(error.message);
    return EXIT_USAGE;
  }
  // A missing folder, no permission, a full disk: the system's own message names code and file.
  if (error instanceof Error && "syscall" in error) complain(error.message);
  else if (error instanceof Error && "code" in error) {
    complain(`${String(error.code)}: ${error.message}`);
  } else console.error(error);
  return EXIT_FAILURE;
}

function complain(message: string): void {
  console.error(`quiniela: ${hideTokens(message)}`);
}
