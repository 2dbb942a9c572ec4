import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { open } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import { openLedger } from "../../src/stores/ledger/ledger.ts";
import { cli } from "../support/paths.ts";
import { runCli } from "../support/run-cli.ts";
import { tempDir } from "../support/temp-dir.ts";

describe("quiniela central refuses to start", () => {
  it("on a directory that another process has open", async (t) => {
    const dir = await tempDir(t);
    const settings = { draw: "1", winningNumber: 7574, agencies: 5 };
    const store = await openLedger({ dir, ...settings, onFailure: assert.fail });
    t.after(() => store.close());
    const { status, stderr } = await runCli(["central", "--port", "0", "--data-dir", dir]);
    assert.equal(status, 1);
    assert.match(stderr, /STORE_LOCKED/);
    assert.ok(stderr.includes(join(dir, "1")), stderr);
  });

  it("on a draw that was begun with other settings", async (t) => {
    const dir = await tempDir(t);
    const settings = { draw: "1", winningNumber: 7574, agencies: 3 };
    await (await openLedger({ dir, ...settings, onFailure: assert.fail })).close();
    const { status, stderr } = await runCli(["central", "--port", "0", "--data-dir", dir]);
    assert.equal(status, 1);
    assert.match(stderr, /DRAW_MISMATCH/);
    assert.match(stderr, /agencies is 3/);
  });

  it("on a port that is taken", async (t) => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => server.close());
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const dir = await tempDir(t);
    const { status, stderr } = await runCli([
      "central",
      "--port",
      String(port),
      "--bind",
      "127.0.0.1",
      "--data-dir",
      dir,
    ]);
    assert.equal(status, 1);
    assert.match(stderr, /ADDRESS_IN_USE/);
    assert.ok(stderr.includes(String(port)), stderr);
  });

  it("with a wrong option, before it makes any file", async (t) => {
    const dir = join(await tempDir(t), "data");
    const { status, stderr } = await runCli(["central", "--agencies", "x", "--data-dir", dir]);
    assert.equal(status, 2);
    assert.match(stderr, /--agencies/);
  });
});

describe("quiniela central", () => {
  it("P10 starts after a crash in the middle of a write, says what it cut, and ends on SIGTERM", async (t) => {
    const dir = await tempDir(t);
    const settings = { draw: "1", winningNumber: 7574, agencies: 5 };
    await (await openLedger({ dir, ...settings, onFailure: assert.fail })).close();
    const segment = await open(join(dir, "1", "00000001.seg"), "r+");
    await segment.write(Buffer.from("half a record"), 0, 13, 4096);
    await segment.close();

    const args = ["central", "--port", "0", "--bind", "127.0.0.1", "--data-dir", dir];
    const central = spawn(process.execPath, [cli, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    t.after(() => central.kill("SIGKILL"));
    const ended = once(central, "exit");
    const lines: string[] = [];
    for await (const line of createInterface(central.stdout)) {
      lines.push(line);
      if (line.includes("action: accept_connections")) central.kill("SIGTERM");
    }
    assert.deepEqual(await ended, [0, null]);
    const log = lines.join("\n");
    assert.match(
      log,
      /WARNING {2}action: cut_torn_tail \| result: success \| file: .*00000001\.seg/,
    );
    assert.match(log, /action: receive_signal \| result: success \| signal: SIGTERM/);
    assert.match(log, /action: close_store \| result: success/);
    assert.match(lines.at(-1) ?? "", /action: end \| result: success/);
  });
});
