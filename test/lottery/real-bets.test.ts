import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { encodeLines, parseLine, parseLines } from "../../src/lottery/canonical-line.ts";
import { scanLines } from "../../src/lottery/scan-lines.ts";
import { winnersIn } from "../../src/lottery/winners.ts";
import { realData } from "../support/paths.ts";
import { TODAY } from "./arbitrary-bets.ts";

describe("the course's real bets", { skip: realData === undefined }, () => {
  const expected: [agency: number, bets: number, winners: string[]][] = [
    [1, 26_936, ["30876370", "24807259"]],
    [2, 25_518, ["33791469", "31660107", "24813860"]],
    [3, 16_014, ["22737492", "23328212", "28188111"]],
    [4, 9_238, ["34963649", "35635602"]],
    [5, 991, []],
  ];
  for (const [agency, count, winners] of expected) {
    it(`of agency ${agency} are ${count} valid bets with ${winners.length} winners`, () => {
      const file = readFileSync(join(realData ?? "", `agency-${agency}.csv`), "utf8");
      const lines = Buffer.from(file.replace(/^(?=.)/gm, `${agency},`));
      assert.equal(scanLines(lines, agency as AgencyId, count, TODAY), undefined);
      assert.deepEqual(
        winnersIn(lines, 7574).map((line) => parseLine(line).document),
        winners,
      );
      assert.deepEqual(encodeLines(parseLines(lines)), lines);
    });
  }
});
