import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { generateAgencyFiles, writeAgencyFile } from "../../src/generate/agency-files.ts";
import { generateBets } from "../../src/generate/generate-bets.ts";
import type { AgencyId, Bet } from "../../src/lottery/bet.ts";
import { scanLines } from "../../src/lottery/scan-lines.ts";
import { TODAY } from "../lottery/arbitrary-bets.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "quiniela-generate-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe("writeAgencyFile", () => {
  it("writes rows like those of the course's files: UTF-8, CR LF, no header, no agency", async () => {
    const bet: Bet = {
      agency: 3 as AgencyId,
      firstName: "Nicolás",
      lastName: "Agüero",
      document: "30904465",
      birthdate: "1999-03-17",
      number: 7,
    };
    const path = join(dir, "agency.csv");
    await writeAgencyFile(path, [bet, { ...bet, lastName: "Paz, hija", number: 7574 }]);
    assert.equal(
      readFileSync(path, "utf8"),
      'Nicolás,Agüero,30904465,1999-03-17,7\r\nNicolás,"Paz, hija",30904465,1999-03-17,7574\r\n',
    );
  });

  it("reports its progress", async () => {
    const path = join(dir, "agency.csv");
    const reports: number[] = [];
    const count = 50_000;
    const bets = generateBets({ seed: 1, agency: 1 as AgencyId, count });
    await writeAgencyFile(path, bets, (written) => reports.push(written));
    assert.equal(reports.at(-1), count);
    assert.deepEqual(
      reports.toSorted((a, b) => a - b),
      reports,
    );
    // Some 46 bytes a row, 64 KiB at a time.
    assert.ok(reports.length > 20, String(reports.length));
  });

  it("takes bets only as fast as the file takes rows, and none when the file cannot be written", async () => {
    // These bets never end, so code that does not wait for the file would never come back.
    const endless = generateBets({ seed: 1, agency: 1 as AgencyId, count: Infinity });
    await assert.rejects(writeAgencyFile(dir, endless), { code: "EISDIR" });
  });
});

const request = { agencies: 3, bets: 2000, seed: 9 };

const generateAndRead = async (name: string, seed: number): Promise<string> => {
  await generateAgencyFiles({ ...request, seed, dir: join(dir, name) });
  return readFileSync(join(dir, name, "agency-2.csv"), "utf8");
};

describe("generateAgencyFiles", () => {
  it("writes a file of good bets for every agency", async () => {
    const out = join(dir, "new", "folder");
    const files = await generateAgencyFiles({ ...request, dir: out });
    assert.deepEqual(readdirSync(out), ["agency-1.csv", "agency-2.csv", "agency-3.csv"]);
    assert.deepEqual(
      files.map(({ agency, path }) => [agency, path]),
      [1, 2, 3].map((agency) => [agency, join(out, `agency-${agency}.csv`)]),
    );
    assert.equal(
      files.reduce((sum, { bets }) => sum + bets, 0),
      2000,
    );
    for (const { agency, bets, path } of files) {
      const lines = readFileSync(path, "utf8").replace(/^(?=.)/gm, `${agency},`);
      assert.equal(scanLines(Buffer.from(lines), agency, bets, TODAY), undefined);
    }
  });

  it("writes the same bytes for the same seed, and other bytes for another seed", async () => {
    const first = await generateAndRead("a", 9);
    assert.equal(await generateAndRead("b", 9), first);
    assert.notEqual(await generateAndRead("c", 10), first);
  });

  it("reports its progress over all agencies", async () => {
    const reports: number[] = [];
    await generateAgencyFiles({ ...request, dir, onProgress: (bets) => reports.push(bets) });
    assert.equal(reports.at(-1), 2000);
    assert.deepEqual(
      reports.toSorted((a, b) => a - b),
      reports,
    );
  });

  it("writes nothing when there are fewer bets than agencies", async () => {
    await assert.rejects(generateAgencyFiles({ ...request, bets: 2, dir }), RangeError);
    assert.deepEqual(readdirSync(dir), []);
  });
});
