import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { DrawShape } from "../../src/http/shapes.ts";
import { runCli } from "../support/run-cli.ts";
import { tempDir } from "../support/temp-dir.ts";
import { CentralProcess } from "./central-process.ts";

const FILE = "Ana,Paz,30904465,1999-03-17,7574\nEva,Luna,30904466,1999-03-18,12\n";

/** Runs an agency with two bets, one of them on 7574, to its end. */
async function agency(
  dir: string,
  central: CentralProcess,
  id: number,
  draw = "",
): Promise<string> {
  const data = join(dir, `agency-${id}.csv`);
  await writeFile(data, FILE);
  const server = `127.0.0.1:${central.port}`;
  const args = ["agency", "--id", String(id), "--server", server, "--data", data];
  const { status, stdout, stderr } = await runCli([
    ...args,
    "--dialect",
    "native",
    ...(draw === "" ? [] : ["--draw", draw]),
  ]);
  assert.equal(status, 0, `${stdout}${stderr}`);
  return stdout;
}

describe("the operators of a running central", () => {
  it("open a draw, close it without an agency, tell its number, and see all of that", async (t) => {
    const dir = await tempDir(t);
    const data = join(dir, "data");
    let central = await CentralProcess.start(t, data, ["--agencies", "1"]);
    const opened = await central.run(
      "draws",
      "open",
      "noche",
      "--agency",
      "1=Norte",
      "--agency",
      "7=Sur",
      "--operator",
      "ana",
      "--reason",
      "the evening",
      "--second-operator",
    );
    assert.deepEqual([opened.status, opened.stdout], [0, "Draw noche is open.\n"], opened.stderr);
    const sent = agency(dir, central, 7, "noche");
    await central.line(/action: register_done .*agency: 7 .*waiting_for: 1$/);

    // What nobody confirmed is not done: there is no terminal, and no --yes.
    const unsure = await central.run("draws", "close", "noche");
    assert.equal(unsure.status, 1);
    assert.match(unsure.stderr, /Draw noche is open with 2 bets\. 1 agency not done \(1\)/);
    assert.match(unsure.stderr, /give --yes/);
    const early = await central.typeNumber("noche", ["7574", "7574"], "ana");
    assert.match(early.stderr, /NOT_SEALED/);
    const close = ["draws", "close", "noche", "--yes", "--operator", "ana", "--reason", "no line"];
    const closed = await central.run(...close);
    assert.deepEqual([closed.status, closed.stdout], [0, "Draw noche is closed.\n"], closed.stderr);

    // Killed right after the answer: the act is there.
    await central.kill();
    central = await CentralProcess.start(t, data, ["--agencies", "1"], central.port);
    await central.line(/action: take_draw .*draw: noche .*state: sealed/);
    const differ = await central.typeNumber("noche", ["7574", "7547"], "ana");
    assert.match(differ.stderr, /the two differ; nothing was done/);
    const first = await central.typeNumber("noche", ["7574", "7574"], "ana");
    assert.match(first.stdout, /Now a second one/);
    const shown = await central.json<DrawShape>("draws", "show", "noche");
    assert.equal(JSON.stringify(shown).includes("7574"), false);
    assert.equal(central.lines.join("\n").includes("7574"), false);
    const other = await central.typeNumber("noche", ["1234", "1234"], "eva");
    assert.match(other.stderr, /OTHER_NUMBER/);
    const second = await central.typeNumber("noche", ["7574", "7574"], "eva");
    assert.equal(second.stdout, "The number of draw noche is 7574.\n", second.stderr);
    assert.match(await sent, /consulta_ganadores \| result: success \| cant_ganadores: 1/);

    const drawn = await central.json<DrawShape>("draws", "show", "noche");
    assert.deepEqual(
      drawn.acts.map(({ act, by, reason }) => [act, by, reason]),
      [
        ["open", "ana", "the evening"],
        ["close", "ana", "no line"],
        ["propose-number", "ana", ""],
        ["tell-number", "eva", ""],
      ],
    );
    await central.line(/action: publish_draw/);
    await central.stop();
    const verified = await runCli(["verify", data, "--draw", "noche"]);
    assert.equal(verified.status, 0, verified.stdout);
    for (const part of ["7 Sur", "closed out", "propose-number 7574", "tell-number 7574"]) {
      assert.ok(verified.stdout.includes(part), verified.stdout);
    }
    const exported = await runCli(["export", data, "--draw", "noche", "--acts"]);
    assert.equal(exported.stdout.trimEnd().split("\n").length, 4, exported.stdout);
  });

  it("see who is connected and who is missing, and act on one agency", async (t) => {
    const dir = await tempDir(t);
    const central = await CentralProcess.start(t, join(dir, "data"), ["--agencies", "3"]);
    const waiting = [1, 2].map((id) => agency(dir, central, id));
    await central.line(/action: register_done .*done: 2 /);
    const { stdout: status } = await central.run("status");
    for (const part of ["1 (current)", "2 of 3", "Draw 1 waits for agencies 3.", "bets/s"]) {
      assert.ok(status.includes(part), status);
    }
    const agencies = await central.json<{ agency: number; bets: number; connections: number }[]>(
      "agencies",
      "list",
    );
    assert.deepEqual(
      agencies.map(({ agency: id, bets, connections }) => [id, bets, connections]),
      [
        [1, 2, 1],
        [2, 2, 1],
        [3, 0, 0],
      ],
    );
    const ended = await central.run("agencies", "disconnect", "2");
    assert.equal(ended.stdout, "1 connection of agency 2 ended.\n");
    await central.line(/action: close_session \| result: fail .*disconnected by .*agency: 2/);
    const nobody = await central.run("agencies", "show", "4");
    assert.match(nobody.stderr, /NO_SUCH_AGENCY/);
    const out = await central.run("agencies", "done", "3", "--yes", "--reason", "closed for good");
    assert.equal(out.stdout, "Draw 1 waits no longer for agency 3.\n", out.stderr);
    for (const stdout of await Promise.all(waiting)) {
      assert.match(stdout, /cant_ganadores: 1/);
    }
  });

  it("cancel a draw, and its agencies are told", async (t) => {
    const dir = await tempDir(t);
    const central = await CentralProcess.start(t, join(dir, "data"), ["--agencies", "2"]);
    const data = join(dir, "a.csv");
    await writeFile(data, FILE);
    const server = `127.0.0.1:${central.port}`;
    const args = ["agency", "--id", "1", "--server", server, "--data", data, "--dialect", "native"];
    const running = runCli(args);
    await central.line(/action: register_done /);
    const { stdout } = await central.run("draws", "cancel", "1", "--yes");
    assert.equal(stdout, "Draw 1 is cancelled.\n");
    const ended = await running;
    assert.equal(ended.status, 1);
    const said = `${ended.stdout}${ended.stderr}`;
    assert.match(said, /DRAW_CANCELLED, there will be no draw: it is cancelled/);
    const late = await runCli(args);
    assert.match(`${late.stdout}${late.stderr}`, /DRAW_CANCELLED/);
  });

  it("are told clearly when no central runs there, or when it has no such draw", async (t) => {
    const dir = await tempDir(t);
    for (const args of [["status"], ["draws", "list"], ["draws", "close", "1", "--yes"]]) {
      const { status, stderr } = await runCli([...args, "--data-dir", dir]);
      assert.equal(status, 1);
      assert.match(
        stderr,
        /^quiniela: No central runs on .*: nothing answers at its central\.sock/,
      );
    }
    const central = await CentralProcess.start(t, dir);
    const { status, stderr } = await central.run("draws", "show", "noche");
    assert.equal(status, 1);
    assert.match(stderr, /NO_SUCH_DRAW: this central has no draw "noche"/);
  });
});

describe("a central with a timetable", () => {
  it("opens and closes the draws of its file by the clock, and takes them again after a restart", async (t) => {
    const dir = await tempDir(t);
    const data = join(dir, "data");
    const file = join(dir, "draws.yaml");
    await writeFile(
      file,
      'draws:\n  - name: todo\n    opens: "00:00"\n    closes: "23:59"\n    agencies: 2\n    number: 7574\n  - name: corto\n    opens: "23:59"\n    closes: "00:00"\n    agencies: 1\n',
    );
    const today = new Date();
    // In the last minute of a day the first draw is over.
    if (today.getUTCHours() === 23 && today.getUTCMinutes() >= 58)
      return t.skip("a minute to midnight");
    const name = `${today.toISOString().slice(0, 10)}-todo`;
    let central = await CentralProcess.start(t, data, ["--draws-file", file]);
    const list = await central.json<DrawShape[]>("draws", "list");
    assert.deepEqual(
      list.filter(({ state }) => state === "open").map(({ draw, current }) => [draw, current]),
      [[name, true]],
    );
    assert.ok(list.some(({ state }) => state === "scheduled"));
    const first = agency(dir, central, 1);
    await central.line(/action: register_done .*agency: 1 /);
    await central.stop();
    central = await CentralProcess.start(t, data, ["--draws-file", file], central.port);
    await central.line(new RegExp(`action: take_draw .*draw: ${name} .*done: 1 `));
    const outcomes = await Promise.all([first, agency(dir, central, 2)]);
    for (const outcome of outcomes) assert.match(outcome, /cant_ganadores: 1/);
    const reloaded = await central.run("agencies", "reload");
    assert.equal(reloaded.stdout, "Everything was read again.\n", reloaded.stderr);
    await writeFile(file, "draws: 7\n");
    const bad = await central.run("agencies", "reload");
    assert.equal(bad.status, 1);
    assert.match(bad.stderr, /NOT_RELOADED: what was in effect stays: /);
  });

  it("does not start with settings that its store cannot keep, or a timetable that is wrong", async (t) => {
    const dir = await tempDir(t);
    const file = join(dir, "draws.yaml");
    await writeFile(file, "draws:\n  - name: todo\n");
    for (const [args, message] of [
      [["--store", "csv", "--closes-at", "2026-12-01T21:00:00Z"], /SERVER_CLOSES_AT needs/],
      [["--store", "csv", "--winning-number", "told"], /which needs SERVER_STORE=ledger/],
      [["--closes-at", "2020-12-01T21:00:00Z"], /which has passed; set another SERVER_CLOSES_AT/],
      [["--closes-at", "tomorrow"], /allowed: a date and time with its zone/],
      [["--draws-file", file], /draws\.yaml:2: draws\.opens/],
      [["--draws-file", join(dir, "none.yaml")], /none\.yaml/],
    ] as const) {
      const { status, stderr } = await runCli(["central", "--data-dir", join(dir, "d"), ...args]);
      assert.equal(status, 2, stderr);
      assert.match(stderr, message);
    }
  });
});
