import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { type Program, Stage } from "../../bench/stage.ts";
import { tempDir } from "../support/temp-dir.ts";

async function openStage(t: TestContext): Promise<Stage> {
  const stage = new Stage(await tempDir(t), new AbortController().signal);
  t.after(() => stage.close());
  return stage;
}

function startScript(stage: Stage, script: string): Program {
  return stage.start({
    name: "the script",
    command: process.execPath,
    args: ["-e", script],
    channel: true,
  });
}

describe("a program on the stage", () => {
  it("returns its output when it ends well", async (t) => {
    const stage = await openStage(t);
    const program = startScript(stage, "console.log('one'); console.log('two')");
    assert.equal(await program.succeed(), "one\ntwo\n");
  });

  it("is reported with its name, its status and its own error when it fails", async (t) => {
    const stage = await openStage(t);
    const program = startScript(stage, "throw new RangeError('too far')");
    await assert.rejects(program.succeed(), /^Error: the script ended with 1: RangeError: too far/);
  });

  it("is not waited for any longer when it ends before its message", async (t) => {
    const stage = await openStage(t);
    const program = startScript(stage, "process.send({ kind: 'other' }, () => process.exit(3))");
    await assert.rejects(program.message("listening"), /the script ended too early, with 3/);
  });

  it("sends messages", async (t) => {
    const stage = await openStage(t);
    const program = startScript(
      stage,
      "process.send({ kind: 'listening', port: 7 }); process.once('message', () => process.exit(0))",
    );
    assert.deepEqual(await program.message("listening"), { kind: "listening", port: 7 });
    program.send({ kind: "go" });
    await program.succeed();
  });

  it("is killed when it takes too long", async (t) => {
    const stage = await openStage(t);
    const program = startScript(stage, "setInterval(() => undefined, 1000)");
    await assert.rejects(program.end(1), /was killed: it did not end within 0\.001 s/);
    assert.equal(program.hasEnded, true);
  });

  it("that does not exist is a failure like any other", async (t) => {
    const stage = await openStage(t);
    const program = stage.start({ name: "nothing", command: "/no/such/program", args: [] });
    await assert.rejects(program.succeed(), /nothing ended with 1: .*ENOENT/);
  });
});
