import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, it, type TestContext } from "node:test";
import { AGENCY, sampleBet } from "../agency/fake-central.ts";
import { agencyCsv } from "../agency/harness.ts";
import type { Bet } from "../../src/lottery/bet.ts";
import { encodeLines } from "../../src/lottery/canonical-line.ts";
import { cli } from "../support/paths.ts";
import { type CliRun, runCli } from "../support/run-cli.ts";
import { tempDir } from "../support/temp-dir.ts";

const BETS: readonly Bet[] = Array.from({ length: 300 }, (_, index) => ({
  ...sampleBet(index, { lastName: "Núñez", number: index % 100 === 7 ? 7574 : index }),
  agency: AGENCY,
}));
const WINNERS = BETS.filter(({ number }) => number === 7574);
const DOCUMENTS = WINNERS.map(({ document }) => `${document}\r\n`).join("");

/** A central for one agency. @returns its port */
async function central(t: TestContext): Promise<string> {
  // This hook is set first, because hooks run in order: the central must stop before its folder is
  // removed.
  let stop: (() => Promise<unknown>) | undefined;
  t.after(() => stop?.());
  const dir = await tempDir(t);
  const settings = ["--port", "0", "--bind", "127.0.0.1", "--agencies", "1", "--data-dir", dir];
  const child: ChildProcess = spawn(process.execPath, [cli, "central", ...settings], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const ended = once(child, "exit");
  stop = () => {
    child.kill("SIGTERM");
    return ended;
  };
  for (;;) {
    const [report] = await once(child, "message");
    if (report.kind === "listening") return String(report.port);
  }
}

async function agency(port: string, data: string, more: readonly string[]): Promise<CliRun> {
  const where = ["--id", "1", "--server", `127.0.0.1:${port}`, "--data", data];
  return runCli(["agency", ...where, ...more]);
}

async function dataIn(dir: string): Promise<string> {
  const data = join(dir, "agency-1.csv");
  await writeFile(data, agencyCsv(BETS));
  return data;
}

describe("quiniela agency --winners", () => {
  it("writes the documents that the native protocol sends, in the form of the file's name", async (t) => {
    const dir = await tempDir(t);
    const data = await dataIn(dir);
    const port = await central(t);
    const csv = await agency(port, data, ["--winners", join(dir, "w-{id}.csv")]);
    assert.equal(csv.status, 0, csv.stdout);
    assert.equal(await readFile(join(dir, "w-1.csv"), "utf8"), DOCUMENTS);
    assert.match(csv.stdout, /consulta_ganadores \| result: success \| cant_ganadores: 3\n/);
    // The draw is over: the same agency asks again.
    const jsonl = await agency(port, data, ["--winners", join(dir, "w.jsonl")]);
    assert.equal(jsonl.status, 0, jsonl.stdout);
    const lines = (await readFile(join(dir, "w.jsonl"), "utf8")).trimEnd().split("\n");
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)),
      WINNERS.map(({ document }) => ({ document })),
    );
    assert.deepEqual((await readdir(dir)).toSorted(), ["agency-1.csv", "w-1.csv", "w.jsonl"]);
  });

  it("writes whole bets if the dialect sends them", async (t) => {
    const dir = await tempDir(t);
    const out = join(dir, "w.csv");
    const dialect = ["--dialect", "colon-lines", "--winners", out];
    const { status, stdout } = await agency(await central(t), await dataIn(dir), dialect);
    assert.equal(status, 0, stdout);
    assert.deepEqual(await readFile(out), encodeLines(WINNERS));
  });

  it("writes only the winners to standard output, and the log to standard error", async (t) => {
    const data = await dataIn(await tempDir(t));
    const { status, stdout, stderr } = await agency(await central(t), data, ["--winners", "-"]);
    assert.equal(status, 0, stderr);
    assert.equal(stdout, DOCUMENTS);
    assert.match(stderr, /action: config \| /);
    assert.match(stderr, /action: end \| result: success/);
  });

  it("finds a wrong path at the start, without a central", async (t) => {
    const dir = await tempDir(t);
    const out = join(dir, "missing", "w.csv");
    const { status, stdout } = await agency("1", await dataIn(dir), ["--winners", out]);
    assert.equal(status, 1);
    assert.match(
      stdout,
      /action: end \| result: fail \| .*code: WINNERS_UNWRITABLE \| error: Cannot write the winners to /,
    );
    assert.doesNotMatch(stdout, /connect/);
  });

  it("fails when the reader of the winners is gone", async (t) => {
    const data = await dataIn(await tempDir(t));
    const server = `127.0.0.1:${await central(t)}`;
    const args = ["agency", "--id", "1", "--server", server, "--data", data, "--winners", "-"];
    const child = spawn(process.execPath, [cli, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.destroy();
    const [errors, [status]] = await Promise.all([text(child.stderr), once(child, "close")]);
    assert.equal(status, 1, errors);
    assert.match(errors, /WINNERS_UNWRITABLE/);
  });

  it("can be stopped while the winners wait in a pipe that is not read", async (t) => {
    const dir = await tempDir(t);
    const data = join(dir, "agency-1.csv");
    // Far more than a pipe holds.
    const bets = Array.from({ length: 30_000 }, (_, index) => sampleBet(index, { number: 7574 }));
    await writeFile(data, agencyCsv(bets));
    const server = `127.0.0.1:${await central(t)}`;
    const args = ["agency", "--id", "1", "--server", server, "--data", data, "--winners", "-"];
    const child = spawn(process.execPath, [cli, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.pause();
    let log = "";
    child.stderr.setEncoding("utf8").on("data", (some: string) => {
      if (!log.includes("consulta_ganadores") && `${log}${some}`.includes("consulta_ganadores")) {
        child.kill("SIGTERM");
      }
      log += some;
    });
    const ended = once(child, "exit");
    await ended;
    child.stdout.destroy();
    assert.match(log, /action: receive_signal \| result: success \| signal: SIGTERM/);
    assert.doesNotMatch(log, /WINNERS_UNWRITABLE/);
  });
});
