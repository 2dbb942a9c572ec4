import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { access, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { cli, realData } from "../support/paths.ts";
import { runCli } from "../support/run-cli.ts";
import { tempDir } from "../support/temp-dir.ts";

describe("quiniela demo", () => {
  it("runs a whole lottery and shows agencies, bets and winners", async (t) => {
    const dir = join(await tempDir(t), "demo");
    const { status, stdout, stderr } = await runCli([
      "demo",
      "--agencies",
      "3",
      "--bets",
      "3000",
      "--dir",
      dir,
    ]);
    assert.equal(status, 0, stderr);
    for (const agency of ["1", "2", "3", "all"]) {
      assert.match(stdout, new RegExp(`^ ?${agency} .*\\d`, "m"));
    }
    assert.match(stdout, /3,000/);
    assert.match(stdout, /verified from the files/);
    assert.match(
      await readFile(join(dir, "central.log"), "utf8"),
      /action: sorteo \| result: success/,
    );
  });

  it("leaves nothing behind, and its last line works as it is printed", async (t) => {
    const [cwd, temporary] = [await tempDir(t), await tempDir(t)];
    const options = { cwd, env: { TMPDIR: temporary } };
    const first = await runCli(["demo", "--agencies", "1", "--bets", "1"], options);
    assert.equal(first.status, 0, first.stderr);
    assert.match(first.stdout, /after 1 agency was done/);
    assert.deepEqual([await readdir(cwd), await readdir(temporary)], [[], []]);
    const line = lastLine(first.stdout).replace(/^Keep one to check again: {2}/, "");
    const second = spawnSync("sh", ["-c", line], { ...shell(cwd), encoding: "utf8" });
    assert.equal(second.status, 0, second.stderr);
    assert.match(second.stdout, /after 1 agency was done/, "it is the same draw again");
    assert.match(second.stdout, /Everything agrees/);
    const check = /^Check it again: {2}(.*)$/m.exec(second.stdout)?.[1] ?? "";
    const third = spawnSync("sh", ["-c", check], { ...shell(temporary), encoding: "utf8" });
    assert.equal(third.status, 0, third.stderr);
    assert.match(third.stdout, /Everything agrees/);
  });

  it("names another folder if the usual name is taken", async (t) => {
    const cwd = await tempDir(t);
    await mkdir(join(cwd, "quiniela-demo"));
    const { stdout } = await runCli(["demo", "--agencies", "1", "--bets", "1"], { cwd });
    assert.match(
      lastLine(stdout),
      / demo --agencies 1 --bets 1 --dir quiniela-demo-2 && .* verify quiniela-demo-2\/data$/,
    );
  });

  it("gives the right winners of the real bets", { skip: realData === undefined }, async (t) => {
    const dir = join(await tempDir(t), "demo");
    const run = await runCli(["demo", "--data", String(realData), "--dir", dir, "--json"]);
    assert.equal(run.status, 0, run.stderr);
    const result = JSON.parse(run.stdout);
    type Row = { bets: number; winners: string[] };
    assert.deepEqual(
      result.agencies.map(({ bets }: Row) => bets),
      [26_936, 25_518, 16_014, 9_238, 991],
    );
    assert.deepEqual(
      result.agencies.map(({ winners }: Row) => winners.length),
      [2, 3, 3, 2, 0],
    );
    const verified = await runCli(["verify", result.dataDir, "--json"]);
    assert.equal(verified.status, 0, verified.stderr);
    assert.equal(JSON.parse(verified.stdout).seal, result.seal);
  });

  it("refuses a folder that is not empty", async (t) => {
    const dir = await tempDir(t);
    await writeFile(join(dir, "something"), "");
    const { status, stderr } = await runCli(["demo", "--dir", dir]);
    assert.equal(status, 2);
    assert.match(stderr, /not empty/);
  });

  it("fails, stops everything and says which program failed when a file is bad", async (t) => {
    const dir = await tempDir(t);
    const data = join(dir, "data");
    await mkdir(data);
    await writeFile(join(data, "agency-1.csv"), "Ana,Paz,30904465,1999-03-17,7574\r\n");
    await writeFile(join(data, "agency-2.csv"), "Ana,Paz,30904465,1999-02-30,7574\r\n");
    const { status, stderr } = await runCli([
      "demo",
      "--agencies",
      "2",
      "--data",
      data,
      "--dir",
      join(dir, "demo"),
    ]);
    assert.equal(status, 1);
    assert.match(stderr, /agency 2 ended with 1/);
    assert.match(stderr, /agency-2\.csv:1/);
  });

  it("stops every program when it is interrupted", async (t) => {
    const dir = join(await tempDir(t), "demo");
    const demo = spawn(
      process.execPath,
      [cli, "demo", "--agencies", "1", "--bets", "500000", "--dir", dir],
      { stdio: "ignore" },
    );
    // The central's log is there: its process runs, and the agency's is about to.
    const ended = once(demo, "exit");
    while (demo.exitCode === null && !(await exists(join(dir, "central.log")))) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    demo.kill("SIGTERM");
    const [status] = await ended;
    assert.equal(status, 1);
    assert.deepEqual(await programsOf(dir), []);
  });
});

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) ?? "";
}

function shell(cwd: string) {
  return { cwd, env: { ...process.env, NO_COLOR: "1" } };
}

/** Processes that were started with the folder on their command line, read from Linux. */
async function programsOf(dir: string): Promise<string[]> {
  const ids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    ids.map((id) => readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "")),
  );
  return lines.filter((line) => line.includes(dir));
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
