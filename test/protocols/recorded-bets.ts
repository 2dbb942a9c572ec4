import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AgencyId, Bet } from "../../src/lottery/bet.ts";
import { root } from "../support/paths.ts";

/** What the recorded client of an agency had to send. @param folder of the recording, as `ej6` or "" */
export function recordedBets(folder: string, agency: number): Bet[] {
  const inputs = folder.startsWith("edge-") ? folder : "";
  const path = join(root, "test/golden/inputs", inputs, `agency-${agency}.csv`);
  const rows = readFileSync(path, "utf8").split("\r\n").filter(Boolean);
  return rows.map((row) => {
    const [firstName = "", lastName = "", document = "", birthdate = "", number] = row.split(",");
    return {
      agency: agency as AgencyId,
      firstName,
      lastName,
      document,
      birthdate,
      number: Number(number),
    };
  });
}
