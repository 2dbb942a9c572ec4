import { spawn } from "node:child_process";
import { once } from "node:events";
import { Command, Option } from "commander";
import { addExamples } from "./examples.ts";
import { CommandFailure } from "./exit-status.ts";
import { packageFile } from "./package-files.ts";

/** `quiniela compose`: runs the course's generar-compose.sh, which alone knows what is in the file. */
export function composeCommand(): Command {
  const command = new Command("compose")
    .description("write a Docker Compose file with one central and N agencies")
    .argument("<file>", "file to write")
    .argument("<agencies>", "how many agencies; 0 gives the central alone")
    .addOption(
      new Option("--mode <mode>", "what the programs do: the whole lottery, single bets, or echo")
        .choices(["lottery", "bet", "echo"])
        .default("lottery"),
    )
    .action(async (file: string, agencies: string, options: { mode: string }) => {
      const script = spawn("sh", [packageFile("generar-compose.sh"), file, agencies], {
        stdio: "inherit",
        env: { ...process.env, MODE: options.mode },
      });
      const [status] = (await once(script, "exit")) as [number | null];
      // The script has printed what is wrong on standard error.
      if (status !== 0) throw new CommandFailure("", status ?? 1);
    });
  return addExamples(command, [
    ["quiniela compose docker-compose-dev.yaml 5", "A central and five agencies"],
    ["quiniela compose docker-compose-dev.yaml 1 --mode echo", "The echo of exercises 1 to 4"],
  ]);
}
