import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { cli, root } from "../support/paths.ts";
import { runCli } from "../support/run-cli.ts";

const COMMANDS = [
  "demo",
  "central",
  "agency",
  "generate",
  "export",
  "verify",
  "winners",
  "compose",
  "bench",
];

describe("the command line", () => {
  it("says nothing when nobody reads what it prints", async () => {
    const child = spawn(process.execPath, [cli, "central", "--help"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    // Long before a program of Node's prints anything.
    child.stdout.destroy();
    const [errors, [status]] = await Promise.all([text(child.stderr), once(child, "close")]);
    assert.deepEqual([errors, status], ["", 0]);
  });

  it("prints the package's version", async () => {
    const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    const run = await runCli(["--version"]);
    assert.deepEqual(run, { status: 0, stdout: `${version}\n`, stderr: "" });
  });

  it("lists every command in its help", async () => {
    const { status, stdout } = await runCli(["--help"]);
    assert.equal(status, 0);
    for (const command of COMMANDS) assert.match(stdout, new RegExp(`^  ${command} `, "m"));
  });

  for (const command of COMMANDS) {
    it(`explains ${command} with --help`, async () => {
      const { status, stdout, stderr } = await runCli([command, "--help"]);
      assert.equal(status, 0);
      assert.match(stdout, new RegExp(`^Usage: quiniela ${command}`));
      assert.equal(stderr, "");
    });
  }

  it("ends with 2 and says so for a command that does not exist", async () => {
    const { status, stderr } = await runCli(["sorteo"]);
    assert.equal(status, 2);
    assert.match(stderr, /unknown command 'sorteo'/);
  });

  it("ends with 2 for an option's bad value and names the option", async () => {
    const { status, stderr } = await runCli(["demo", "--agencies", "none"]);
    assert.equal(status, 2);
    assert.match(stderr, /--agencies/);
    assert.match(stderr, /whole number, 1 to 1000/);
  });

  it("shows help and ends with 2 when no command is given", async () => {
    const { status, stderr } = await runCli([]);
    assert.equal(status, 2);
    assert.match(stderr, /^Usage: quiniela/);
  });
});
