import { type Command, Option } from "commander";
import type { Setting } from "../config/setting.ts";
import { allowedFor } from "../config/value.ts";

/** What commander makes of a command line: option names in camel case. */
export type ParsedOptions = Readonly<Record<string, string | undefined>>;

/**
 * Gives a command one option per setting, and `--config` for the file of the others.
 *
 * @param dialects what the command can speak
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
    const { flag, doc, type } = setting;
    const standard = setting.default ?? setting.absent;
    const note = standard === undefined || standard === "" ? "" : ` (default: ${standard})`;
    // Which there are depends on the build; what else may be set is in the setting's own words.
    const named = type.kind === "dialect" || type.kind === "dialects";
    const values = named ? `: ${allowedFor(type, dialects)}` : "";
    command.addOption(new Option(`${flag} <value>`, `${doc}${values}${note}`));
  }
  return command.addHelpText(
    "after",
    `\nAn option wins over the environment, and the environment over the file: docs/configuration.md.`,
  );
}

/** What was given on the command line, as the loaders want it: by the settings' keys. */
export function readFlags(
  settings: readonly Setting[],
  options: ParsedOptions,
): { readonly file: string | undefined; readonly flags: Record<string, string | undefined> } {
  const flags = Object.fromEntries(
    settings.map(({ key, flag }) => [key, options[new Option(`${flag} <value>`).attributeName()]]),
  );
  return { file: options["config"], flags };
}
