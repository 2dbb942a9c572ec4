import assert from "node:assert/strict";
import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, it, type TestContext } from "node:test";
import { root } from "../support/paths.ts";
import { type CliRun, runCli } from "../support/run-cli.ts";
import { tempDir } from "../support/temp-dir.ts";
import { clockAt } from "./clock-at.ts";

/** Thursday evening in Buenos Aires, when the draws of the day are over. */
const NOW = "2026-12-25T02:00:00Z";

/** Runs `quiniela draws check` in a folder, on a clock that stands still. */
async function check(
  t: TestContext,
  dir: string,
  args: readonly string[],
  now: string = NOW,
): Promise<CliRun> {
  const preload = join(await tempDir(t), "clock.mjs");
  await writeFile(preload, clockAt(now));
  return runCli(["draws", "check", ...args], {
    cwd: dir,
    // Neither the zone nor the language of the machine may change what is printed.
    env: {
      NODE_OPTIONS: `--import ${pathToFileURL(preload).href}`,
      TZ: "Asia/Tokyo",
      LC_ALL: "es_AR.UTF-8",
    },
  });
}

async function folderWith(t: TestContext, text: string): Promise<string> {
  const dir = await tempDir(t);
  await writeFile(join(dir, "draws.yaml"), text);
  return dir;
}

describe("quiniela draws check", () => {
  it("prints the draws of the next seven days, by the clocks of the zone and in UTC", async (t) => {
    const dir = await tempDir(t);
    await copyFile(join(root, "examples", "draws.yaml"), join(dir, "draws.yaml"));
    const { status, stdout, stderr } = await check(t, dir, []);
    assert.deepEqual([status, stderr], [0, ""]);
    const [, head = "", ...rows] = stdout.trimEnd().split("\n");
    const cells = [head, ...rows].map((line) => line.trim().split(/ {2,}/));
    assert.deepEqual(cells[0], [
      "draw",
      "opens",
      "closes",
      "opens (UTC)",
      "closes (UTC)",
      "agencies",
      "number",
      "result",
    ]);
    for (const row of [
      "2026-12-25-trasnoche|Fri 22:00 -03:00|Sat 02:00 -03:00|2026-12-26 01:00|2026-12-26 05:00|5|7574|at once",
      "2026-12-26-nocturna|Sat 08:00 -03:00|Sat 21:00 -03:00|2026-12-26 11:00|2026-12-27 00:00|3|told twice|by operator",
    ]) {
      assert.deepEqual(
        cells.filter(([name]) => name === row.split("|")[0]),
        [row.split("|")],
      );
    }
    assert.equal(
      rows.at(-1),
      "12 draws in the next 7 days, by the clocks of America/Argentina/Buenos_Aires.",
    );
    // Neither is there a draw that an exception or an interval leaves out.
    assert.doesNotMatch(
      stdout,
      /2026-12-24-|2026-12-25-(?:primera|nocturna)|2026-12-27-|2027-01-01-/,
    );
  });

  it("prints the draws as JSON, also one that is open now", async (t) => {
    const dir = await folderWith(
      t,
      `
timezone: Europe/Madrid
draws:
  - { name: gap, opens: "02:30", closes: "12:00", days: [sun], agencies: 2, number: 12 }
  - { name: list, opens: "23:00", closes: "22:00", days: [sat], agencies: [{ agency: 7, name: Sur }] }
`,
    );
    const args = ["--json", "--days", "1"];
    const { status, stdout, stderr } = await check(t, dir, args, "2027-03-28T00:59:00Z");
    assert.deepEqual([status, stderr], [0, ""]);
    assert.deepEqual(JSON.parse(stdout), {
      timezone: "Europe/Madrid",
      draws: [
        {
          draw: "2027-03-27-list",
          opens: "2027-03-27T23:00:00.000+01:00",
          closes: "2027-03-28T22:00:00.000+02:00",
          opensUtc: "2027-03-27T22:00:00.000Z",
          closesUtc: "2027-03-28T20:00:00.000Z",
          agencies: [{ agency: 7, name: "Sur" }],
          number: null,
          secondOperator: false,
          byOperator: false,
        },
        {
          draw: "2027-03-28-gap",
          opens: "2027-03-28T03:00:00.000+02:00",
          closes: "2027-03-28T12:00:00.000+02:00",
          opensUtc: "2027-03-28T01:00:00.000Z",
          closesUtc: "2027-03-28T10:00:00.000Z",
          agencies: 2,
          number: 12,
          secondOperator: false,
          byOperator: false,
        },
      ],
    });
  });

  it("says so when no draw is coming, and reads the file that is named", async (t) => {
    const dir = await folderWith(t, "nothing: good");
    const draws = 'draws: [{ name: a, days: [mon], opens: "08:00", closes: "09:00" }]';
    await writeFile(join(dir, "other.yaml"), `agencies: 1\n${draws}`);
    const run = await check(t, dir, ["--file", "other.yaml", "--days", "1"]);
    const stdout = "0 draws in the next day, by the clocks of UTC.\n";
    assert.deepEqual(run, { status: 0, stdout, stderr: "" });
  });

  it("ends with 2, and lists what is wrong with the file", async (t) => {
    const dir = await folderWith(t, 'agencies: 0\ndraws: [{ name: a, opens: "8:00" }]\n');
    const { status, stdout, stderr } = await check(t, dir, []);
    assert.deepEqual([status, stdout], [2, ""]);
    assert.deepEqual(
      stderr.split("\n").map((line) => line.replace(/; allowed.*/, "")),
      [
        "quiniela: Cannot use the configuration: 3 problems",
        '  draws.yaml:1: agencies: is "0"',
        '  draws.yaml:2: draws.opens: is "8:00"',
        "  draws.yaml:2: draws.closes: is missing",
        "",
      ],
    );
  });

  for (const [what, args, message] of [
    ["a file that is missing", [], /draws\.yaml: there is no such file/],
    ["no days", ["--days", "0"], /whole number, 1 to 366/],
  ] as const) {
    it(`ends with 2 for ${what}`, async (t) => {
      const { status, stdout, stderr } = await check(t, await tempDir(t), args);
      assert.deepEqual([status, stdout], [2, ""]);
      assert.match(stderr, message);
    });
  }
});
