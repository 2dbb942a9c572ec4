import { existsSync, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where and how this program runs: what {@link ownCommand} looks at. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** The program's main file. */
  readonly main: string;
}

/**
 * How this very program is called from the shell that it was started from: `quiniela` where that name
 * leads here, `npx quiniela` in a folder that has it installed, and else `node` with the main file's path.
 */
export function ownCommand(
  { env, cwd, main }: Surroundings = {
    env: process.env,
    cwd: process.cwd(),
    // Beside this file, compiled as well as bundled.
    main: fileURLToPath(new URL("main.js", import.meta.url)),
  },
): string {
  const leadsHere = (path: string): boolean =>
    existsSync(path) && realpathSync(path) === realpathSync(main);
  // npm and npx put folders into the PATH that the shell behind them does not have.
  const byNpm = env["npm_command"] !== undefined || env["npm_lifecycle_event"] !== undefined;
  const folders = byNpm ? [] : (env["PATH"] ?? "").split(delimiter).filter((path) => path !== "");
  // The first of that name is the one that a shell takes.
  const first = folders.map((folder) => join(folder, "quiniela")).find((path) => existsSync(path));
  if (first !== undefined && leadsHere(first)) return "quiniela";
  if (leadsHere(join(cwd, "node_modules", ".bin", "quiniela"))) return "npx quiniela";
  return `node ${shellQuoted(main)}`;
}

/** A word of a command line, in quotes where a shell needs them. */
export function shellQuoted(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
