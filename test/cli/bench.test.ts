import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { CommanderError } from "commander";
import { DRIVERS } from "../../src/load/drivers/drivers.ts";
import { benchCommand } from "../../src/cli/bench.ts";
import { CommandFailure } from "../../src/cli/exit-status.ts";
import { DIALECTS } from "../../src/protocols/dialects.ts";
import { isGreeting, startServer, WELCOME } from "../load/raw-server.ts";
import { freePort } from "../blackbox/free-port.ts";
import { startFixture } from "../central/fixture.ts";
import { startGuarded } from "../central/identity/fixture.ts";
import { TestIdentity } from "../support/identity-files.ts";
import { cli } from "../support/paths.ts";
import { runCli } from "../support/run-cli.ts";
import { tempDir } from "../support/temp-dir.ts";

async function startCentral(t: TestContext): Promise<string[]> {
  const { port } = await startFixture(t, { dialects: DIALECTS, store: { agencies: 2 } });
  return ["bench", "--port", String(port)];
}

/** Two agencies' files, of 12 bets and 1; the only one of agency 2 wins. */
async function dataDir(t: TestContext): Promise<string> {
  const dir = join(await tempDir(t), "data");
  await mkdir(dir);
  const losing = Array.from({ length: 12 }, (_, index) => `Ana,Paz,${index},1999-03-17,1\r\n`);
  await writeFile(join(dir, "agency-1.csv"), losing.join(""));
  await writeFile(join(dir, "agency-2.csv"), "Luz,Sosa,30904465,1999-03-17,7574\r\n");
  return dir;
}

function isUsage(error: unknown): boolean {
  return error instanceof CommanderError && error.code === "commander.invalidArgument";
}

describe("quiniela bench", () => {
  it("loads a central over TLS, each agency with its own certificate", async (t) => {
    const identity = await TestIdentity.make(t);
    const issued = [await identity.issueAgency(1), await identity.issueAgency(2)];
    for (const [index, each] of issued.entries()) await identity.store(`agency-${index + 1}`, each);
    await identity.list(
      ...issued.map((each, index) => ({ agency: index + 1, certificates: [each] })),
    );
    const { port, store } = await startGuarded(t, identity, { store: { agencies: 2 } });
    const args = ["bench", "--port", `${port}`, "--tls", identity.dir, "--connections", "2"];
    const { status, stdout, stderr } = await runCli([...args, "--bets", "400", "--json"]);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /"bets":400/);
    assert.equal(store.batches.length, 4);
  });

  it("prints its help, with every dialect", async () => {
    const { status, stdout, stderr } = await runCli(["bench", "--help"]);
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(stdout, /^Usage: quiniela bench/);
    const words = stdout.replaceAll(/\s+/g, " ");
    for (const name of DRIVERS.keys()) assert.ok(words.includes(name), name);
  });

  it("prints one JSON object", async (t) => {
    const bench = await startCentral(t);
    const args = [...bench, "--connections", "2", "--bets", "500", "--seed", "3", "--json"];
    const { status, stdout, stderr } = await runCli(args);
    assert.deepEqual([status, stderr], [0, ""]);
    assert.equal(stdout.split("\n").length, 2);
    const report = JSON.parse(stdout);
    const { seconds, betsPerSecond, batchesPerSecond, latencyMs, client, port } = report;
    assert.deepEqual(report, {
      dialect: "native",
      host: "127.0.0.1",
      port,
      connections: 2,
      connectionPerMessage: false,
      batchBets: 100,
      window: 1,
      mode: "closed",
      targetRate: null,
      extent: "bets",
      seed: 3,
      seconds,
      batches: 6,
      bets: 500,
      betsPerSecond,
      batchesPerSecond,
      wireBytesOut: report.wireBytesOut,
      wireBytesIn: report.wireBytesIn,
      refused: 0,
      firstRefusal: null,
      errors: 0,
      firstError: null,
      unanswered: 0,
      latencyMs,
      lateMs: null,
      betsBySecond: [500],
      client,
      total: { batches: 6, bets: 500 },
      draw: null,
      node: process.version,
    });
    assert.deepEqual(Object.keys(latencyMs), ["min", "p50", "p90", "p99", "p999", "max", "mean"]);
    const { min, p50, p90, p99, p999, max } = latencyMs;
    const quantiles = [min, p50, p90, p99, p999, max];
    assert.deepEqual(
      quantiles,
      quantiles.toSorted((a, b) => a - b),
    );
    assert.deepEqual(Object.keys(client), ["cpuSeconds", "cpuUsPerBatch", "userUsPerBatch"]);
    assert.ok(Math.abs(betsPerSecond * seconds - 500) < 1e-6);
  });

  it("prints a table, and waits for the draw on request", async (t) => {
    const bench = await startCentral(t);
    const data = await dataDir(t);
    const args = ["--dialect", "tlv", "--data", data, "--bets", "all", "--batch", "5", "--done"];
    const { status, stdout, stderr } = await runCli([...bench, "--agencies", "1-2", ...args]);
    assert.equal(status, 0, stderr);
    assert.match(
      stdout,
      /closed loop, 2 connections *\n +batches of 5, 1 outstanding, a connection for/,
    );
    assert.match(stdout, /bets +13 in 4 batches/);
    assert.match(stdout, /draw +1 winner /);
    assert.match(stdout, /refused +0/);
  });

  it("ends with 1 when a batch is refused, and shows the first refusal", async (t) => {
    const bench = await startCentral(t);
    const args = [...bench, "--dialect", "tlv", "--connections", "2", "--batch", "7"];
    const first = await runCli([...args, "--bets", "20", "--done"]);
    assert.equal(first.status, 0, first.stderr);
    const { status, stdout } = await runCli([...args, "--bets", "20"]);
    assert.equal(status, 1);
    assert.match(stdout, /refused +2, the first: Error al procesar el batch enviado/);
  });

  it("ends with 1 and one line when there is no central", async () => {
    const port = await freePort();
    const { status, stdout, stderr } = await runCli(["bench", "--port", String(port), "--json"]);
    assert.deepEqual([status, stdout], [1, ""]);
    assert.match(
      stderr,
      new RegExp(`^quiniela: Cannot load 127.0.0.1:${port}: .*ECONNREFUSED.*\n$`),
    );
  });

  it("ends with 1 and names a file that is missing", async (t) => {
    const bench = await startCentral(t);
    const data = await tempDir(t);
    const { status, stderr } = await runCli([...bench, "--data", data, "--connections", "1"]);
    assert.equal(status, 1);
    assert.ok(stderr.includes(join(data, "agency-1.csv")), stderr);
    assert.equal(stderr.split("\n").length, 2);
  });

  for (const [what, args, message] of [
    ["a dialect that nobody speaks", ["--dialect", "morse"], /none of: native, fixed70/],
    ["what the dialect does not allow", ["--dialect", "tlv", "--window", "2"], /tlv allows 1/],
    ["a time that is none", ["--duration", "soon"], /duration, as 500ms/],
    ["a rate that is none", ["--rate", "0"], /more than 0/],
    ["agencies that are none", ["--agencies", "5-1"], /as 1-5,9/],
    ["an agency twice", ["--agencies", "1,1"], /twice/],
    ["agencies for other connections", ["--agencies", "1,2", "--connections", "3"], /names 2/],
    ["a time and a number of bets", ["--bets", "9", "--duration", "1s"], /leave --duration/],
    ["all bets of no files", ["--bets", "all"], /--data/],
    ["fewer bets than connections", ["--bets", "4"], /each needs at least one/],
  ] as const) {
    it(`does not begin with ${what}`, async () => {
      const command = benchCommand()
        .exitOverride()
        .configureOutput({ writeErr: () => undefined });
      await assert.rejects(command.parseAsync(args, { from: "user" }), (error) => {
        assert.ok(error instanceof CommandFailure ? error.status === 2 : isUsage(error));
        assert.match(error instanceof Error ? error.message : "", message);
        return true;
      });
    });
  }

  it("ends at once when it is interrupted twice, even if the central is frozen", async (t) => {
    const child: { process?: ChildProcess } = {};
    const port = await startServer(t, (socket, chunk) => {
      if (isGreeting(chunk)) socket.write(WELCOME);
      else {
        child.process?.kill("SIGINT");
        child.process?.kill("SIGTERM");
      }
    });
    const args = [cli, "bench", "--port", String(port), "--connections", "1"];
    child.process = spawn(process.execPath, args, { stdio: "ignore" });
    t.after(() => child.process?.kill("SIGKILL"));
    assert.deepEqual(await once(child.process, "close"), [130, null]);
  });

  it("ends with 2 for impossible options", async () => {
    const { status, stderr } = await runCli(["bench", "--dialect", "tlv", "--window", "2"]);
    assert.equal(status, 2);
    assert.match(stderr, /^quiniela: .*tlv allows 1.*\n$/);
  });
});
