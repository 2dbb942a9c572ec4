import { type Command, Option } from "commander";
import type { Setting } from "../config/setting.ts";
import { allowedFor } from "../config/value.ts";

/** The options as commander parses them: names in camel case. */
export type ParsedOptions = Readonly<Record<string, string | undefined>>;

/**
 * Gives a command one option per setting, and `--config` for the configuration file.
 *
 * @param dialects the dialects that the command can speak
 */
export function addSettings(
  command: Command,
  settings: readonly Setting[],
  defaultFile: string,
  dialects: readonly string[],
): Command {
  command.option(
    "--config <file>",
    `configuration file (default: ${defaultFile}, if there is one here)`,
  );
  for (const setting of settings) {
    command.addOption(new Option(`${setting.flag} <value>`, helpFor(setting, dialects)));
  }
  const names =
    defaultFile === "config.yaml"
      ? "In the file a dot is a level: CLI_BATCH_MAXAMOUNT is maxAmount below batch."
      : "In the file, in the section [DEFAULT], settings have the names of their variables.";
  return command.addHelpText(
    "after",
    `\nAn option wins over its variable (env), and the variable over the file.\n${names}`,
  );
}

/** The help of an option: its meaning, allowed values, default, and its environment variable. */
function helpFor(setting: Setting, dialects: readonly string[]): string {
  const { doc, type, environment } = setting;
  const standard = setting.default ?? setting.absent;
  const notes = [
    ...(NAMED.has(type.kind) ? [allowedFor(type, dialects)] : []),
    ...(standard === undefined || standard === "" ? [] : [`default: ${standard}`]),
    `env: ${environment}`,
  ];
  return `${doc} (${notes.join("; ")})`;
}

/** Types whose values are words of a list: the help lists them. Other values explain themselves. */
const NAMED: ReadonlySet<Setting["type"]["kind"]> = new Set([
  "choice",
  "level",
  "dialect",
  "dialects",
]);

/** The values of the command line as the loaders need them: by the settings' keys. */
export function readFlags(
  settings: readonly Setting[],
  options: ParsedOptions,
): { readonly file: string | undefined; readonly flags: Record<string, string | undefined> } {
  const flags = Object.fromEntries(
    settings.map(({ key, flag }) => [key, options[new Option(`${flag} <value>`).attributeName()]]),
  );
  return { file: options["config"], flags };
}
