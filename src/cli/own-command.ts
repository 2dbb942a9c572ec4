import { existsSync, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where this program runs, as {@link ownCommand} needs it. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** The program's main file. */
  readonly main: string;
}

/**
 * The command that starts this program in the user's shell: `quiniela` if that name leads to this program,
 * `npx quiniela` in a folder where it is installed, otherwise `node` with the path of the main file.
 */
export function ownCommand(
  { env, cwd, main }: Surroundings = {
    env: process.env,
    cwd: process.cwd(),
    // The main file is beside this one, both compiled and bundled.
    main: fileURLToPath(new URL("main.js", import.meta.url)),
  },
): string {
  const leadsHere = (path: string): boolean =>
    existsSync(path) && realpathSync(path) === realpathSync(main);
  // npm and npx add folders to PATH that the user's shell does not have.
  const byNpm = env["npm_command"] !== undefined || env["npm_lifecycle_event"] !== undefined;
  const folders = byNpm ? [] : (env["PATH"] ?? "").split(delimiter).filter((path) => path !== "");
  // A shell takes the first file of that name.
  const first = folders.map((folder) => join(folder, "quiniela")).find((path) => existsSync(path));
  if (first !== undefined && leadsHere(first)) return "quiniela";
  if (leadsHere(join(cwd, "node_modules", ".bin", "quiniela"))) return "npx quiniela";
  return `node ${shellQuoted(main)}`;
}

/** A word of a command line, in quotes if a shell needs them. */
export function shellQuoted(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
