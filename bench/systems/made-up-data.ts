import { cli } from "../paths.ts";
import type { Stage } from "../stage.ts";
import { cleanEnvironment } from "./central.ts";

/** Five agencies' files with as many bets as the course's five have. @returns their folder */
export async function madeUpData(stage: Stage): Promise<string> {
  const folder = await stage.folder();
  await stage
    .startNode(cli, {
      name: "quiniela generate",
      args: ["generate", "--out", folder, "--agencies", "5", "--bets", "78697"],
      env: cleanEnvironment(),
    })
    .succeed();
  return folder;
}
