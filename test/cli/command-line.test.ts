import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { cli, root } from "../support/paths.ts";
import { runCli } from "../support/run-cli.ts";
import { tempDir } from "../support/temp-dir.ts";
import { AGENCY_SETTINGS, CENTRAL_SETTINGS } from "../../src/config/settings.ts";
import { allowedFor } from "../../src/config/value.ts";
import { agencyDialectNames, dialectNames } from "../../src/protocols/dialects.ts";

const COMMANDS = [
  "demo",
  "central",
  "agency",
  "generate",
  "export",
  "verify",
  "winners",
  "draws",
  "config",
  "agencies",
  "pki",
  "compose",
  "bench",
  "version",
];

/** Commands whose options belong to their subcommands. */
const GROUPS = ["agencies", "pki"];

/** Examples for which a central must run. */
const NEEDS_CENTRAL = /^quiniela agencies (?:list|show) /;

describe("the command line", () => {
  it("says nothing when the reader of its output is gone", async () => {
    const child = spawn(process.execPath, [cli, "central", "--help"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    // This is long before a program on Node prints anything.
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
      assert.deepEqual(await runCli(["help", command]), { status, stdout, stderr });
    });

    it(`gives two examples of ${command}, and names only pages of the package`, async () => {
      const { stdout } = await runCli([command, "--help"]);
      const lines = examplesOf(stdout);
      assert.ok(lines.length >= 2, stdout);
      for (const line of lines) {
        const [, , part = ""] = line.split(" ");
        const help = GROUPS.includes(command)
          ? (await runCli([command, part, "--help"])).stdout
          : stdout;
        for (const [option] of line.matchAll(/--[a-z-]+/g)) {
          // The bench's first example is the central that it loads.
          const known = line.includes(` ${command} `) || option === "--version";
          assert.ok(!known || option === "--version" || help.includes(`  ${option} `), line);
        }
      }
      assert.doesNotMatch(stdout, /docs\/|\.md/);
    });
  }

  it("has examples that work as they are printed, one after the other in one folder", async (t) => {
    const dir = await tempDir(t);
    for (const command of [
      "demo",
      "verify",
      "export",
      "winners",
      "generate",
      "agencies",
      "pki",
      "compose",
      "version",
    ]) {
      const { stdout } = await runCli(["help", command]);
      for (const line of examplesOf(stdout)) {
        if (NEEDS_CENTRAL.test(`${line} `)) continue;
        const run = await runCli(line.split(" ").slice(1), { cwd: dir });
        assert.equal(run.status, 0, `${line}: ${run.stderr}`);
      }
    }
  });

  for (const [command, settings, dialects] of [
    ["central", CENTRAL_SETTINGS, dialectNames()],
    ["agency", AGENCY_SETTINGS, agencyDialectNames()],
  ] as const) {
    it(`names the default, the choices and the variable of every option of ${command}`, async () => {
      const { stdout } = await runCli([command, "--help"]);
      const help = stdout.replaceAll(/\s+/g, " ");
      for (const setting of settings) {
        const { flag, environment, type } = setting;
        const at = help.indexOf(` ${flag} <value> `);
        const end = help.indexOf(`env: ${environment})`, at);
        assert.ok(at >= 0 && end > at, flag);
        const text = help.slice(at, end);
        assert.equal(text.match(/env: /g), null, flag);
        const standard = setting.default ?? ("absent" in setting ? setting.absent : "");
        if (standard !== "") assert.ok(text.includes(`default: ${standard}; `), text);
        if (type.kind === "choice" || type.kind === "level" || type.kind.startsWith("dialect")) {
          assert.ok(text.includes(`(${allowedFor(type, dialects)}; `), text);
        }
      }
    });
  }

  it("prints the version by name too", async () => {
    assert.deepEqual(await runCli(["version"]), await runCli(["--version"]));
  });

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

  for (const [command, args] of [
    ["a command", ["verify", "--bogus"]],
    ["a command below another", ["config", "check", "--bogus"]],
    ["a command two below another", ["config", "check", "agency", "--bogus"]],
  ] as const) {
    it(`ends with 2 for an option that ${command} does not have, and points to its help`, async () => {
      const { status, stdout, stderr } = await runCli(args);
      assert.deepEqual([status, stdout], [2, ""]);
      assert.equal(stderr, "error: unknown option '--bogus'\n(see --help)\n");
    });
  }

  it("shows help and ends with 2 when no command is given", async () => {
    const { status, stderr } = await runCli([]);
    assert.equal(status, 2);
    assert.match(stderr, /^Usage: quiniela/);
  });
});

/** The command lines below the heading. */
function examplesOf(help: string): string[] {
  const [, examples = ""] = help.split("\nExamples:\n");
  return examples
    .split("\n")
    .filter((line) => /^ {2}[^#]/.test(line))
    .map((line) => line.trim());
}
