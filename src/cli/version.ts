import { Command } from "commander";
import { addExamples } from "./examples.ts";
import { packageVersion } from "./package-files.ts";

/** `quiniela version`: for who does not think of `--version`. */
export function versionCommand(): Command {
  const command = new Command("version")
    .description("print the version")
    .action(() => console.log(packageVersion()));
  return addExamples(command, [
    ["quiniela version", "The version alone, on one line"],
    ["quiniela --version", "The same"],
  ]);
}
