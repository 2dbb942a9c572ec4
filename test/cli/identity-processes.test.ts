import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, it, type TestContext } from "node:test";
import { newToken, storedKeyOf } from "../../src/identity/token.ts";
import { writeBets } from "../agency/harness.ts";
import { bet } from "../central/line-peer.ts";
import { TestIdentity } from "../support/identity-files.ts";
import { cli } from "../support/paths.ts";
import { type CliRun, runCli } from "../support/run-cli.ts";
import { until } from "../support/turns.ts";

const TOKEN = newToken();

interface Running {
  readonly child: ChildProcess;
  readonly lines: string[];
  /** Resolves with the first line that matches. */
  readonly line: (pattern: RegExp) => Promise<RegExpExecArray>;
}

function optionsOf({ dir, files }: TestIdentity): string[] {
  return [
    "central",
    "--bind",
    "127.0.0.1",
    "--data-dir",
    join(dir, "data"),
    "--agencies",
    "1",
    "--identity",
    "on",
    "--tls-port",
    "0",
    "--tls-cert",
    files.certificate,
    "--tls-key",
    files.key,
    "--tls-ca",
    files.authorities,
    "--tls-crl",
    files.revoked ?? "",
    "--agencies-file",
    files.agencies,
  ];
}

async function central(t: TestContext, identity: TestIdentity): Promise<Running> {
  const child = spawn(process.execPath, [cli, ...optionsOf(identity)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => void lines.push(line));
  return {
    child,
    lines,
    async line(pattern) {
      let found: RegExpExecArray | null = null;
      await until(() => lines.some((line) => (found = pattern.exec(line)) !== null));
      if (found === null) throw new Error(`No line matches ${pattern}`);
      return found;
    },
  };
}

async function agency(identity: TestIdentity, port: number): Promise<CliRun> {
  const token = join(identity.dir, "one.token");
  await writeFile(token, `${TOKEN}\n`, { mode: 0o600 });
  const data = writeBets(identity.dir, [bet(1, "30904465", 7574)]);
  return runCli([
    "agency",
    "--id",
    "1",
    "--server",
    `127.0.0.1:${port}`,
    "--data",
    data,
    "--tls-ca",
    identity.files.authorities,
    "--token-file",
    token,
    "--log-level",
    "DEBUG",
  ]);
}

describe("central and agency as programs", () => {
  it("draw over TLS with a token, which neither of them prints", async (t) => {
    const identity = await TestIdentity.make(t);
    await identity.list({ agency: 1, tokens: [storedKeyOf(TOKEN)] });
    const running = await central(t, identity);
    const [, port = ""] = await running.line(/action: start .*address: 127\.0\.0\.1:(\d+)/);
    await running.line(/action: check_identity \| result: success \| identity: on \| agencies: 1/);
    const { status, stdout, stderr } = await agency(identity, Number(port));
    assert.equal(status, 0, stdout + stderr);
    assert.match(stdout, /cant_ganadores: 1/);
    for (const text of [stdout, stderr, running.lines.join("\n")]) {
      assert.ok(!text.includes(TOKEN.slice("qnl_".length)));
    }
  });

  it("read their files again at SIGHUP, and go on with the old ones when one is wrong", async (t) => {
    const identity = await TestIdentity.make(t);
    await identity.list({ agency: 1 });
    const running = await central(t, identity);
    const [, port = ""] = await running.line(/action: start .*address: 127\.0\.0\.1:(\d+)/);
    await writeFile(identity.files.agencies, "agencies: 7\n");
    running.child.kill("SIGHUP");
    await running.line(/receive_signal .* signal: SIGHUP \| effect: reload/);
    await running.line(
      /ERROR .*action: reload_identity \| result: fail \| error: .*agencies\.yaml/,
    );
    await identity.list({ agency: 1, tokens: [storedKeyOf(TOKEN)] });
    running.child.kill("SIGHUP");
    await running.line(/action: reload_identity \| result: success \| agencies: 1 \| ended: 0/);
    const { status, stdout } = await agency(identity, Number(port));
    assert.equal(status, 0, stdout);
    running.child.kill("SIGTERM");
    assert.deepEqual(await once(running.child, "exit"), [0, null]);
  });

  it("say once that every peer is believed, where nothing is checked", async (t) => {
    const identity = await TestIdentity.make(t);
    const child = spawn(
      process.execPath,
      [cli, "central", "--port", "0", "--bind", "127.0.0.1", "--data-dir", join(identity.dir, "d")],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    t.after(() => child.kill("SIGKILL"));
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      if (line.includes("action: start ")) child.kill("SIGTERM");
    }
    const said = lines.filter((line) => line.includes("action: check_identity"));
    assert.equal(said.length, 1);
    assert.match(said[0] ?? "", /identity: off/);
  });

  it("end with 2 when a file is missing or a key is open to others, and name setting and path", async (t) => {
    const identity = await TestIdentity.make(t);
    await chmod(identity.files.key, 0o644);
    await rm(identity.files.authorities);
    const { status, stderr } = await runCli(optionsOf(identity));
    assert.equal(status, 2, stderr);
    assert.match(stderr, /SERVER_TLS_KEY: .*central\.key: others than its owner may use it/);
    assert.match(stderr, /SERVER_TLS_CA: .*ca\.pem: there is no such file/);
    assert.doesNotMatch(stderr, /PRIVATE/);
  });
});
