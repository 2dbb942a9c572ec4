import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { runCli } from "../support/run-cli.ts";
import { tempDir } from "../support/temp-dir.ts";

const GOOD = "Ana,Paz,30904465,1999-03-17,7574\r\n";
const BAD = "Ana,Paz,30904465,1999-03-17,10000\r\n";
const advice = "number is not a number from 0 to 9999; correct the row and run again";

describe("quiniela agency --check", () => {
  it("says how many good bets a file has, and opens no connection", async (t) => {
    const path = join(await tempDir(t), "agency-3.csv");
    await writeFile(path, GOOD.repeat(1234));
    // Nothing listens at the default address; an agency that tried to connect would never end.
    const run = await runCli(["agency", "--check", "--data", path]);
    assert.deepEqual(run, { status: 0, stdout: "1,234 good bets\n", stderr: "" });
  });

  it("finds the file by the agency's number, whatever mode the environment asks for", async (t) => {
    const dir = await tempDir(t);
    await writeFile(join(dir, "agency-3.csv"), GOOD);
    const data = join(dir, "agency-{id}.csv");
    const env = { CLI_MODE: "echo" };
    const run = await runCli(["agency", "--check", "--id", "3", "--data", data], { env });
    assert.deepEqual(run, { status: 0, stdout: "1 good bet\n", stderr: "" });
    const none = await runCli(["agency", "--check", "--data", data], { env });
    assert.equal(none.status, 2);
    assert.match(none.stderr, /id: is not set/);
  });

  it("lists the first twenty problems, counts the others, and fails", async (t) => {
    const path = join(await tempDir(t), "a.csv");
    for (const problems of [1, 2, 20, 21, 1500]) {
      await writeFile(path, GOOD + BAD.repeat(problems) + GOOD);
      const { status, stdout, stderr } = await runCli(["agency", "--check", "--data", path]);
      const listed = Array.from(
        { length: Math.min(problems, 20) },
        (_, index) => `${path}:${index + 2}: ${advice}`,
      );
      const more = problems > 20 ? [`… and ${(problems - 20).toLocaleString("en-US")} more`] : [];
      const count = `${problems.toLocaleString("en-US")} ${problems === 1 ? "problem" : "problems"}`;
      assert.deepEqual(stdout.split("\n"), [...listed, ...more, `2 good bets, ${count}`, ""]);
      assert.deepEqual([status, stderr], [1, ""]);
    }
  });

  it("checks whether the dialect can carry each bet", async (t) => {
    const path = join(await tempDir(t), "a.csv");
    await writeFile(path, `"Ana, María",Paz,30904465,1999-03-17,7574\n`);
    const check = ["agency", "--check", "--data", path];
    assert.equal((await runCli(check)).status, 0);
    const { status, stdout } = await runCli([...check, "--dialect", "colon-lines"]);
    assert.equal(status, 1);
    assert.match(stdout, /:1: firstName has a comma, .*; choose a dialect that can carry it\n/);
  });

  it("fails in one line when there is no file", async (t) => {
    const path = join(await tempDir(t), "a.csv");
    const { status, stdout, stderr } = await runCli(["agency", "--check", "--data", path]);
    assert.deepEqual([status, stdout], [1, ""]);
    assert.match(stderr, /^quiniela: Cannot read .*: there is no such file; [^\n]*\n$/);
  });
});
