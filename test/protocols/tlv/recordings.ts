import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AgencyId, Bet } from "../../../src/lottery/bet.ts";
import { root } from "../../support/paths.ts";

/** What the recorded client of an agency had to send. @param folder of the recording */
export function recordedBets(folder: string, agency: number): Bet[] {
  const inputs = folder.startsWith("edge-") ? folder : "";
  const path = join(root, "test/golden/inputs", inputs, `agency-${agency}.csv`);
  return readFileSync(path, "utf8")
    .split("\r\n")
    .filter(Boolean)
    .map((row) => {
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

/**
 * A recorded packet as our agency sends it: numbers are numbers to it, so that 0007 is written 7.
 */
export function withPlainNumbers(packet: Buffer): Buffer {
  const body = packet.toString("latin1", 5).replaceAll(/#0+(\d+)#(?=@|$)/g, "#$1#");
  const header = Buffer.from(packet.subarray(0, 5));
  header.writeUInt32BE(body.length, 1);
  return Buffer.concat([header, Buffer.from(body, "latin1")]);
}
