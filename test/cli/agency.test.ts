import assert from "node:assert/strict";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { rm, writeFile } from "node:fs/promises";
import { describe, it, type TestContext } from "node:test";
import { encodeLines } from "../../src/lottery/canonical-line.ts";
import { drawDialectNames } from "../../src/protocols/dialects.ts";
import { startRealCentral } from "../agency/real-central.ts";
import { sampleBet } from "../agency/fake-central.ts";
import { writeBets } from "../agency/harness.ts";
import { cli } from "../support/paths.ts";
import { tempDir } from "../support/temp-dir.ts";

const bets = (count: number) =>
  Array.from({ length: count }, (_, index) => sampleBet(index, { lastName: "Paz" }));

/** A central of two agencies, of which the second never comes, so no winners are told. */
async function waitingCentral(t: TestContext): Promise<string> {
  const { central } = await startRealCentral({ agencies: 2 });
  t.after(() => central.stop("test"));
  return `127.0.0.1:${central.address.port}`;
}

interface Ended {
  readonly status: number | null;
  readonly lines: readonly string[];
}

/**
 * Runs agency 1 as its own process.
 *
 * @param signals sent when a line with this text appears
 */
async function runAgency(
  t: TestContext,
  args: readonly string[],
  signals?: { readonly at: string; readonly signal: NodeJS.Signals },
): Promise<Ended> {
  const child: ChildProcessByStdio<null, Readable, null> = spawn(
    process.execPath,
    [cli, "agency", "--id", "1", ...args],
    { stdio: ["ignore", "pipe", "inherit"], env: { PATH: process.env["PATH"] } },
  );
  t.after(() => child.kill("SIGKILL"));
  const exit = once(child, "exit") as Promise<[number | null]>;
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (signals !== undefined && line.includes(signals.at)) child.kill(signals.signal);
  }
  const [status] = await exit;
  return { status, lines };
}

function endOf({ lines }: Ended): string {
  return lines.at(-1)?.replace(/^.*action: end/, "action: end") ?? "";
}

/** Checks that no line looks like a failure to a program that reads the log. */
function assertNoFailure({ lines }: Ended): void {
  assert.deepEqual(
    lines.filter((line) => /result: fail|action: exit/.test(line)),
    [],
  );
}

describe("quiniela agency, stopped while it waits for the draw", { concurrency: 2 }, () => {
  for (const dialect of drawDialectNames()) {
    it(`says what is missing, and ends with 0 on SIGTERM, in ${dialect}`, async (t) => {
      const dir = await tempDir(t);
      const data = writeBets(dir, bets(8));
      const server = await waitingCentral(t);
      const args = ["--server", server, "--data", data, "--dialect", dialect];
      const ended = await runAgency(t, args, { at: "action: await_draw", signal: "SIGTERM" });
      assert.equal(
        endOf(ended),
        "action: end | result: in_progress | client_id: 1 | missing: winners | bets: 8 | batches: 1",
      );
      assert.equal(ended.status, 0);
      assertNoFailure(ended);
      assert.ok(
        ended.lines.some((line) =>
          line.includes("action: await_draw | result: in_progress | client_id: 1 | bets: 8"),
        ),
      );
    });
  }

  it("ends with 130 on SIGINT", async (t) => {
    const dir = await tempDir(t);
    const data = writeBets(dir, bets(8));
    const args = ["--server", await waitingCentral(t), "--data", data];
    const ended = await runAgency(t, args, { at: "action: await_draw", signal: "SIGINT" });
    assert.match(endOf(ended), /^action: end \| result: in_progress \| .* \| missing: winners/);
    assert.equal(ended.status, 130);
    assertNoFailure(ended);
  });
});

/** Accepts connections and sends nothing. */
async function silentServer(t: TestContext): Promise<string> {
  const server: Server = createServer((socket) => {
    socket.on("error", () => undefined);
    t.after(() => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return `127.0.0.1:${address.port}`;
}

describe("quiniela agency without its file", () => {
  it("says so before it connects to a central", async (t) => {
    // Nothing listens there.
    const server = ["--server", "127.0.0.1:1", "--data", "nowhere.csv"];
    const { status, lines } = await runAgency(t, server);
    assert.equal(status, 1);
    assert.match(lines.join("\n"), /DATA_UNREADABLE.*nowhere\.csv/);
    assert.ok(!lines.some((line) => line.includes("action: connect")), lines.join("\n"));
  });
});

describe("quiniela agency, stopped before its bets are stored", () => {
  for (const [signal, status] of [
    ["SIGTERM", 0],
    ["SIGINT", 130],
  ] as const) {
    it(`says that bets, DONE and winners are missing, and ends with ${status} on ${signal}`, async (t) => {
      const dir = await tempDir(t);
      const data = writeBets(dir, bets(8));
      // In this dialect there is no greeting besides the connection.
      const dialect = ["--dialect", "colon-lines"];
      const args = ["--server", await silentServer(t), "--data", data, ...dialect];
      const ended = await runAgency(t, args, { at: "action: connect", signal });
      assert.equal(
        endOf(ended),
        "action: end | result: in_progress | client_id: 1 | missing: bets, done, winners | bets: 0 | batches: 0",
      );
      assert.equal(ended.status, status);
      assertNoFailure(ended);
    });
  }

  it("says that answers are missing in mode echo", async (t) => {
    const args = ["--server", await silentServer(t), "--mode", "echo", "--loop-amount", "3"];
    const ended = await runAgency(t, args, { at: "action: config", signal: "SIGTERM" });
    assert.equal(
      endOf(ended),
      "action: end | result: in_progress | client_id: 1 | missing: answers",
    );
    assert.equal(ended.status, 0);
    assertNoFailure(ended);
  });
});

describe("quiniela agency, done and run again", () => {
  it("ends with 0 for the same file, 3 for another one, 1 for none", async (t) => {
    const dir = await tempDir(t);
    const data = writeBets(dir, bets(8));
    const { central, store } = await startRealCentral({ agencies: 1 });
    t.after(() => central.stop("test"));
    const args = ["--server", `127.0.0.1:${central.address.port}`, "--data", data];
    for (const run of [1, 2]) {
      const ended = await runAgency(t, args);
      assert.equal(ended.status, 0);
      assert.match(endOf(ended), /result: success/);
      assert.equal(
        ended.lines.some((line) => line.includes("already: done")),
        run === 2,
      );
    }
    await writeFile(data, "Ana,Paz,1,1999-03-17,7574\n", { flag: "a" });
    const other = await runAgency(t, args);
    assert.equal(other.status, 3);
    assert.match(endOf(other), /result: fail \| client_id: 1 \| code: FILE_DIFFERS \| error: /);
    await rm(data);
    const none = await runAgency(t, args);
    assert.equal(none.status, 1);
    assert.match(endOf(none), /code: DATA_UNREADABLE/);
    const stored = Buffer.concat(store.batches.map(({ lines }) => Buffer.from(lines))).toString();
    assert.equal(stored, encodeLines(bets(8)).toString());
  });
});
