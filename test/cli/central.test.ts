import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { openLedger } from "../../src/ledger/ledger.ts";
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

  it("with an option that is wrong, before anything is made", async (t) => {
    const dir = join(await tempDir(t), "data");
    const { status, stderr } = await runCli(["central", "--agencies", "x", "--data-dir", dir]);
    assert.equal(status, 2);
    assert.match(stderr, /--agencies/);
  });
});
