import { Command } from "commander";
import { addExamples } from "./examples.ts";
import { addAgenciesCommands } from "./operate/agencies-commands.ts";

/** `quiniela agencies`: the commands about the agencies of a running central. */
export function agenciesCommand(): Command {
  const command = new Command("agencies").description("look at agencies, and act on them");
  return addExamples(addAgenciesCommands(command), [
    ["quiniela agencies list", "Those of the current draw, in the central on ./data"],
    ["quiniela agencies show 4", "Agency 4 alone"],
  ]);
}
