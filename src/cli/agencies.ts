import { Command } from "commander";
import { agenciesFileCommands } from "./agencies-file.ts";
import { addExamples } from "./examples.ts";
import { addAgenciesCommands } from "./operate/agencies-commands.ts";

/** `quiniela agencies`: agencies of a running central, and the file of those that may take part. */
export function agenciesCommand(): Command {
  const command = new Command("agencies").description(
    "look at agencies, and act on them; change agencies.yaml, the file of those that may take part",
  );
  addAgenciesCommands(command);
  for (const change of agenciesFileCommands()) command.addCommand(change);
  return addExamples(command, [
    ["quiniela agencies list", "Those of the current draw, in the central on ./data"],
    ["quiniela agencies show 4", "Agency 4 alone"],
    ["quiniela agencies add 17 --name Centro --token", "A new agency, which gets a token"],
    ["quiniela agencies rotate 17 --token", "A second token: both are good for now"],
    ["quiniela agencies rotate 17 --token --finish", "Only the second token from now on"],
    ["quiniela agencies disable 17", "Not admitted any more"],
  ]);
}
