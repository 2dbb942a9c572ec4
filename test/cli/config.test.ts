import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { AGENCY_SETTINGS, CENTRAL_SETTINGS } from "../../src/config/settings.ts";
import { newToken } from "../../src/identity/token.ts";
import { runCli } from "../support/run-cli.ts";
import { tempDir } from "../support/temp-dir.ts";

describe("quiniela config check", () => {
  it("says of every setting of a central what it is, and where that comes from", async (t) => {
    const file = join(await tempDir(t), "config.ini");
    await writeFile(file, "[DEFAULT]\nSERVER_PORT = 12346\nSERVER_AGENCIES = 2\n");
    const run = await runCli(["config", "check", "--config", file, "--agencies", "3"], {
      env: { SERVER_DRAW: "nocturna" },
    });
    assert.deepEqual([run.status, run.stderr], [0, ""]);
    const rows = run.stdout.split("\n").map((line) => line.trim().split(/ {2,}/));
    for (const { key } of CENTRAL_SETTINGS) {
      assert.equal(rows.filter(([name]) => name === key).length, 1, key);
    }
    for (const row of [
      ["SERVER_PORT", "12346", `${file}:2`],
      ["SERVER_AGENCIES", "3", "option --agencies"],
      ["SERVER_DRAW", "nocturna", "environment SERVER_DRAW"],
      ["SERVER_DATA_DIR", "./data", "default"],
    ]) {
      assert.deepEqual(
        rows.find(([name]) => name === row[0]),
        row,
      );
    }
    assert.match(run.stdout, /All settings are good\./);
  });

  it("says in brackets what a program does without a value", async (t) => {
    const run = await runCli(["config", "check", "agency", "--id", "1"], { cwd: await tempDir(t) });
    const rows = run.stdout.split("\n").map((line) => line.trim().split(/ {2,}/));
    for (const row of [
      ["winners.file", "(nothing)", "default"],
      ["loop.lapse", "(no limit)", "default"],
    ]) {
      assert.deepEqual(
        rows.find(([name]) => name === row[0]),
        row,
      );
    }
  });

  it("prints no token that is in the wrong place", async (t) => {
    const token = newToken();
    const cwd = await tempDir(t);
    for (const json of [[], ["--json"]]) {
      const settings = ["--agencies-file", token, ...json];
      const run = await runCli(["config", "check", ...settings], { cwd });
      assert.equal(run.status, 0, run.stderr);
      assert.doesNotMatch(run.stdout, new RegExp(token.slice(4)));
      assert.match(run.stdout, /qnl_…/);
    }
  });

  it("prints the settings of an agency as JSON", async (t) => {
    const file = join(await tempDir(t), "config.yaml");
    await writeFile(file, "server:\n  address: central:1\n");
    const run = await runCli(["config", "check", "agency", "--config", file, "--json"], {
      env: { CLI_ID: "4" },
    });
    assert.deepEqual([run.status, run.stderr], [0, ""]);
    const { program, settings } = JSON.parse(run.stdout);
    assert.equal(program, "agency");
    assert.deepEqual(
      settings.map(({ key }: { key: string }) => key),
      AGENCY_SETTINGS.map(({ key }) => key),
    );
    const found = new Map(settings.map((one: { key: string }) => [one.key, one]));
    assert.deepEqual(found.get("id"), {
      key: "id",
      value: "4",
      from: { kind: "environment", name: "CLI_ID" },
    });
    assert.deepEqual(found.get("server.address"), {
      key: "server.address",
      value: "central:1",
      from: { kind: "file", path: file, line: 2 },
    });
    assert.deepEqual(found.get("loop.lapse"), {
      key: "loop.lapse",
      value: null,
      from: { kind: "default" },
    });
  });

  for (const program of ["central", "agency"]) {
    it(`refuses what a start of ${program} would refuse, in the same words`, async (t) => {
      const cwd = await tempDir(t);
      const given = ["--log-level", "LOUD", "--config", join(cwd, "none")];
      const started = await runCli([program, ...given], { cwd });
      assert.equal(started.status, 2);
      assert.match(started.stderr, /^quiniela: Cannot use the configuration: /);
      assert.deepEqual(await runCli(["config", "check", program, ...given], { cwd }), started);
      const wrong = [...given.slice(0, 2), ...(program === "agency" ? ["--id", "0"] : [])];
      const refused = await runCli([program, ...wrong], { cwd });
      assert.match(refused.stderr, /LOUD/);
      assert.deepEqual(await runCli(["config", "check", program, ...wrong], { cwd }), refused);
    });
  }

  it("touches no data folder, and needs no free port", async (t) => {
    const cwd = await tempDir(t);
    const run = await runCli(["config", "check", "--data-dir", "/proc/none", "--port", "1"], {
      cwd,
    });
    assert.deepEqual([run.status, run.stderr], [0, ""]);
  });
});
