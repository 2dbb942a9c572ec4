import { Command } from "commander";
import { addExamples } from "./examples.ts";
import { packageVersion } from "./package-files.ts";

/** `quiniela version`: the same as `--version`, easier to find. */
export function versionCommand(): Command {
  const command = new Command("version")
    .description("print the version")
    .action(() => console.log(packageVersion()));
  return addExamples(command, [
    ["quiniela version", "The version alone, on one line"],
    ["quiniela --version", "The same"],
  ]);
}
