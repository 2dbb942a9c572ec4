import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { root } from "../support/paths.ts";

// What the exercise's README says about the targets, compared with the commands that make would
// run.
describe("make", () => {
  it("lists its targets when none is named", () => {
    const help = make();
    for (const target of ["demo", "test", "check", "docker-compose-up"]) {
      assert.match(help, new RegExp(`^  make ${target} `, "m"));
    }
  });

  it("test does what is needed first, then runs the tests", () => {
    assert.equal(commands("test").at(-1)?.trim(), "node scripts/test.mjs");
  });

  it("torture runs the suite that make test leaves out", () => {
    assert.equal(commands("torture").at(-1)?.trim(), "node scripts/test.mjs --suite torture");
  });

  it("docker-image builds both images from the root", () => {
    assert.deepEqual(commands("docker-image"), [
      "docker build -f ./server/Dockerfile -t server:latest .",
      "docker build -f ./client/Dockerfile -t client:latest .",
    ]);
  });

  it("docker-compose-up builds, then starts in the background", () => {
    const steps = commands("docker-compose-up");
    assert.deepEqual(steps.slice(0, 2), commands("docker-image"));
    assert.equal(steps.at(-1), "docker compose -f docker-compose-dev.yaml up -d --build");
  });

  it("docker-compose-down gives the containers a second to stop, then removes them", () => {
    assert.deepEqual(commands("docker-compose-down"), [
      "docker compose -f docker-compose-dev.yaml stop -t 1",
      "docker compose -f docker-compose-dev.yaml down --remove-orphans",
    ]);
  });

  it("docker-compose-logs follows the logs", () => {
    assert.deepEqual(commands("docker-compose-logs"), [
      "docker compose -f docker-compose-dev.yaml logs -f",
    ]);
  });
});

function commands(target: string): string[] {
  return make("--dry-run", target).trimEnd().split("\n");
}

function make(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync("make", ["--no-print-directory", ...args], {
    cwd: root,
    encoding: "utf8",
    // Without the variables that a make that runs these tests has set for its children.
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"] },
  });
  assert.equal(status, 0, stderr);
  assert.doesNotMatch(stderr, /Circular/);
  return stdout;
}
