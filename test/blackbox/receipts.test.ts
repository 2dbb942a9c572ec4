import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Transform } from "node:stream";
import { describe, it, type TestContext } from "node:test";
import { CENTRAL_TYPES } from "../../src/protocols/dialects/native/wire.ts";
import { AGENCY, sampleBet } from "../agency/fake-central.ts";
import { agencyCsv } from "../agency/harness.ts";
import { cli } from "../support/paths.ts";
import { runCli } from "../support/run-cli.ts";
import { tempDir } from "../support/temp-dir.ts";

const BETS = Array.from({ length: 3000 }, (_, index) => ({ ...sampleBet(index), agency: AGENCY }));
const BATCHES = 300;

/** What an agency tells its parent. */
interface Report {
  readonly kind: string;
  readonly bets: number;
}

/** Starts a program of ours that reports to its parent. */
function start(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [cli, ...args], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
}

/** A central for one agency. @returns its port, and how to end it */
async function central(t: TestContext, dir: string) {
  const settings = ["--port", "0", "--bind", "127.0.0.1", "--agencies", "1", "--data-dir", dir];
  const child = start(["central", ...settings]);
  const ended = once(child, "exit");
  const stop = (): Promise<unknown> => {
    child.kill("SIGTERM");
    return ended;
  };
  t.after(stop);
  for (;;) {
    const [report] = await once(child, "message");
    if (report.kind === "listening") return { port: String(report.port), stop };
  }
}

/** A way to the central on which one bit of every SEALED is changed. @returns its port */
async function liar(t: TestContext, port: string): Promise<string> {
  const server = createServer((agency) => {
    const upstream = connect(Number(port), "127.0.0.1");
    agency.pipe(upstream).on("error", () => agency.destroy());
    agency.on("error", () => upstream.destroy());
    const lies = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        // SEALED comes by itself, since it answers a question.
        const changed = Buffer.from(chunk);
        if (chunk[4] === CENTRAL_TYPES.sealed) changed.writeUInt8(chunk.readUInt8(30) ^ 1, 30);
        done(undefined, changed);
      },
    });
    upstream.pipe(lies).pipe(agency);
  });
  t.after(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  return String((server.address() as AddressInfo).port);
}

describe("quiniela agency --receipts", () => {
  it("has the receipt of every batch after kill -9, and verify finds each in the ledger", async (t) => {
    const dir = await tempDir(t);
    const [data, receipts, ledger] = [join(dir, "bets.csv"), join(dir, "r-1.csv"), join(dir, "d")];
    await writeFile(data, agencyCsv(BETS));
    const { port, stop } = await central(t, ledger);
    const args = ["--id", "1", "--server", `127.0.0.1:${port}`, "--data", data];
    const kept = ["--batch-max-amount", "10", "--receipts", join(dir, "r-{id}.csv")];
    const run = ["agency", ...args, ...kept];

    const killed = start(run);
    killed.on("message", (report: Report) => {
      if (report.kind === "progress" && report.bets > 200) killed.kill("SIGKILL");
    });
    assert.deepEqual(await once(killed, "exit"), [null, "SIGKILL"]);
    const early = (await readFile(receipts, "utf8")).split("\n").length - 2;
    assert.ok(early >= 20 && early < BATCHES, `${early} receipts`);

    const again = await runCli(run);
    assert.equal(again.status, 0, again.stdout + again.stderr);
    const text = await readFile(receipts, "utf8");
    assert.equal(text.split("\n").length - 2, BATCHES);
    await stop();

    const verified = await runCli(["verify", "--receipts", receipts, ledger]);
    assert.equal(verified.status, 0, verified.stdout + verified.stderr);
    assert.match(verified.stdout, /^Receipts that agree with the ledger: 300 of 300\.$/m);
    const json = await runCli(["verify", ledger, "--json", "--receipts", receipts]);
    assert.deepEqual(JSON.parse(json.stdout).receipts, { given: 300, agree: 300, leftOut: [] });

    const torn = join(dir, "torn.csv");
    await writeFile(torn, text.trimEnd());
    const left = await runCli(["verify", ledger, "--receipts", torn]);
    assert.equal(left.status, 0, left.stdout + left.stderr);
    const [, bytes] = /torn\.csv ends in (\d+) bytes that were never whole/.exec(left.stdout) ?? [];
    assert.equal(Number(bytes), text.trimEnd().length - text.trimEnd().lastIndexOf("\n") - 1);
    assert.match(left.stdout, /^Receipts that agree with the ledger: 299 of 299\.$/m);
    const leftJson = await runCli(["verify", ledger, "--json", "--receipts", torn]);
    const leftOut = [{ file: torn, bytes: Number(bytes) }];
    assert.deepEqual(JSON.parse(leftJson.stdout).receipts, { given: 299, agree: 299, leftOut });

    const changed = join(dir, "changed.csv");
    const last = text.trimEnd().slice(-1);
    await writeFile(changed, `${text.trimEnd().slice(0, -1)}${last === "0" ? "1" : "0"}\n`);
    const differs = await runCli(["verify", ledger, "--receipts", changed]);
    assert.equal(differs.status, 1);
    assert.match(differs.stdout, /^Receipts that agree with the ledger: 299 of 300\.$/m);
    assert.match(
      differs.stdout,
      /They differ: the receipt of batch 300 of agency 1: expected 1,1,300,/,
    );

    const twice = await runCli(["verify", ledger, "--receipts", receipts, "--receipts", changed]);
    assert.equal(twice.status, 1);
    assert.match(twice.stdout, /They differ: the receipt of batch 1 of agency 1: .* there are two/);

    const other = join(dir, "other.csv");
    await writeFile(other, text.replaceAll("\n1,1,", "\n2,1,"));
    const empty = join(dir, "empty.csv");
    await writeFile(empty, "");
    for (const [file, reason] of [
      [data, /line 1 is not the header/],
      [join(dir, "none.csv"), /Cannot use .*none\.csv as receipts: ENOENT/],
      [other, /they are of draw 2, and this is draw 1/],
      [empty, /it has no header of receipts/],
    ] as const) {
      const wrong = await runCli(["verify", ledger, "--receipts", file]);
      assert.equal(wrong.status, 1);
      assert.match(wrong.stderr, reason);
    }
  });

  it("checks that the seal has its receipts, also at another central later, and ends with 5 if not", async (t) => {
    const dir = await tempDir(t);
    const [data, receipts, ledger] = [join(dir, "bets.csv"), join(dir, "r.csv"), join(dir, "d")];
    await writeFile(data, agencyCsv(BETS));
    const files = ["--data", data, "--receipts", receipts, "--winners", join(dir, "w.csv")];
    const agencyAt = (port: string) =>
      runCli(["agency", "--id", "1", "--server", `127.0.0.1:${port}`, ...files]);
    const checked =
      /action: verificacion_cierre \| result: success \| client_id: 1 \| draw: 1 \| seal: ([0-9a-f]{64})/;
    const first = await central(t, ledger);
    const run = await agencyAt(first.port);
    assert.equal(run.status, 0, run.stdout + run.stderr);
    const [, seal] = checked.exec(run.stdout) ?? [];
    await first.stop();
    assert.equal(JSON.parse(await readFile(join(ledger, "1", "seal.json"), "utf8")).seal, seal);

    const second = await central(t, ledger);
    const later = await agencyAt(second.port);
    assert.equal(later.status, 0, later.stdout + later.stderr);
    assert.equal(checked.exec(later.stdout)?.[1], seal);

    const lied = await agencyAt(await liar(t, second.port));
    assert.equal(lied.status, 5, lied.stdout + lied.stderr);
    assert.match(lied.stdout, /action: verificacion_cierre \| result: fail/);
    assert.match(lied.stdout, /action: end \| result: fail \| .*code: SEAL_DIFFERS/);
    assert.match(lied.stdout, /action: consulta_ganadores \| result: success/);
  });

  it("is a mistake of the configuration in a protocol whose answers prove nothing", async (t) => {
    const dir = await tempDir(t);
    const settings = ["--id", "1", "--dialect", "tlv", "--receipts", join(dir, "r.csv")];
    for (const command of [["agency"], ["config", "check", "agency"]]) {
      const run = await runCli([...command, ...settings], { cwd: dir });
      assert.equal(run.status, 2);
      assert.match(run.stderr, /option --receipts: receipts are kept in native only/);
    }
  });
});
