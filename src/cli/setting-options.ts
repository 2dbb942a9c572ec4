import { type Command, Option } from "commander";
import type { Setting } from "../config/setting.ts";

/** What commander makes of a command line: option names in camel case. */
export type ParsedOptions = Readonly<Record<string, string | undefined>>;

/** Gives a command one option per setting, and `--config` for the file of the others. */
export function addSettings(
  command: Command,
  settings: readonly Setting[],
  defaultFile: string,
): Command {
  command.option(
    "--config <file>",
    `configuration file (default: ${defaultFile}, if there is one here)`,
  );
  for (const setting of settings) {
    const standard = setting.default ?? setting.absent;
    const note = standard === undefined || standard === "" ? "" : ` (default: ${standard})`;
    command.addOption(new Option(`${setting.flag} <value>`, `${setting.doc}${note}`));
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
