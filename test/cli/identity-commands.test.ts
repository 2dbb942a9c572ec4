import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { loadAgencyDirectory } from "../../src/identity/agencies-file.ts";
import { newToken, storedKeyOf } from "../../src/identity/token.ts";
import { cli } from "../support/paths.ts";
import { type CliRun, runCli } from "../support/run-cli.ts";
import { tempDir } from "../support/temp-dir.ts";

const TOKEN = /^qnl_[\w-]{43}\n$/;

/** Runs commands in a folder, and keeps everything that they print. */
function shellIn(cwd: string) {
  const printed: string[] = [];
  const run = async (line: string): Promise<CliRun> => {
    const result = await runCli(line.split(" "), { cwd });
    printed.push(result.stdout, result.stderr);
    return result;
  };
  const works = async (line: string): Promise<CliRun> => {
    const result = await run(line);
    assert.equal(result.status, 0, `${line}: ${result.stderr}`);
    return result;
  };
  return { printed, run, works };
}

describe("quiniela agencies", () => {
  it("adds no token that nobody could read, because standard output is full", async (t) => {
    const dir = await tempDir(t);
    const { works } = shellIn(dir);
    await works("agencies add 17 --name Centro --token");
    const file = join(dir, "agencies.yaml");
    const before = await readFile(file, "utf8");
    const full = openSync("/dev/full", "w");
    t.after(() => closeSync(full));
    for (const args of [
      ["rotate", "17"],
      ["add", "18", "--name", "Sur"],
    ]) {
      const child = spawn(process.execPath, [cli, "agencies", ...args, "--token"], {
        cwd: dir,
        stdio: ["ignore", full, "ignore"],
      });
      assert.deepEqual(await once(child, "exit"), [1, null]);
      assert.equal(await readFile(file, "utf8"), before);
    }
  });

  it("takes an agency through its life, and prints each new token once and nowhere else", async (t) => {
    const dir = await tempDir(t);
    const { works, run, printed } = shellIn(dir);
    const file = join(dir, "agencies.yaml");
    const entryOf = async (agency: number) => (await loadAgencyDirectory(file)).find(agency);

    const { stdout: first } = await works("agencies add 17 --name Centro --token");
    assert.match(first, TOKEN);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.deepEqual((await entryOf(17))?.tokens, [storedKeyOf(first.trim())]);

    await chmod(file, 0o640);
    await writeFile(file, `# by hand\n${await readFile(file, "utf8")}# the end\n`);
    const { stdout: second } = await works("agencies rotate 17 --token");
    assert.match(second, TOKEN);
    const [old, young] = [first, second].map((token) => storedKeyOf(token.trim()));
    assert.deepEqual((await entryOf(17))?.tokens, [old, young]);
    const third = await run("agencies rotate 17 --token");
    assert.equal(third.status, 1);
    assert.match(third.stderr, /^quiniela: AGENCIES_UNCHANGED: .* it has 2, the most/);
    assert.equal(third.stdout, "");
    assert.equal((await works("agencies rotate 17 --token --finish")).stdout, "");
    assert.deepEqual((await entryOf(17))?.tokens, [young]);

    await works("agencies disable 17");
    assert.equal((await entryOf(17))?.enabled, false);
    await works("agencies enable 17");
    assert.equal((await entryOf(17))?.enabled, true);

    const text = await readFile(file, "utf8");
    assert.ok(text.startsWith("# by hand\n") && text.endsWith("# the end\n"), text);
    assert.equal((await stat(file)).mode & 0o777, 0o640);
    assert.deepEqual(await readdir(dir), ["agencies.yaml"]);

    const everything = [...printed, text].join("\n");
    for (const token of [first, second]) {
      assert.equal(everything.split(token.trim().slice(4)).length - 1, 1);
    }
  });

  it("repeats no token that somebody puts in the wrong place", async (t) => {
    const dir = await tempDir(t);
    const { run, printed } = shellIn(dir);
    const token = newToken();
    for (const line of [
      `agencies add ${token} --name x`,
      `agencies add 1 --name ${token}`,
      `agencies add 1 --name x --token ${token}`,
      `agencies add 1 --name x --certificate ${token}`,
      `agencies add 1 --name x --file ${token}/x`,
      `agencies add 1 --${token}`,
      `agencies rotate 1 --token ${token}`,
      `agencies rotate 1 --certificate ${token} --finish`,
      `agencies ${token}`,
      `pki issue --server ${token}`,
      `pki revoke ${token}`,
      `pki list --dir ${token}`,
      token,
    ]) {
      assert.notEqual((await run(line)).status, 0, line);
    }
    await writeFile(join(dir, "agencies.yaml"), `agencies:\n- agency: 1\n  tokens: [${token}]\n`);
    assert.notEqual((await run("agencies disable 1")).status, 0);
    for (const line of ["agencies --help", "agencies add --help", "agencies rotate --help"]) {
      assert.equal((await run(line)).status, 0, line);
    }
    assert.ok(!printed.join("\n").includes(token.slice(4)), printed.join("\n"));
  });

  it("loses no change of commands that run at the same time", async (t) => {
    const dir = await tempDir(t);
    const { run, works } = shellIn(dir);
    await works("agencies add 100 --name first");
    const runs = await Promise.all(
      Array.from({ length: 6 }, (_, index) => run(`agencies add ${index + 1} --name x`)),
    );
    const directory = await loadAgencyDirectory(join(dir, "agencies.yaml"));
    for (const [index, { status, stderr }] of runs.entries()) {
      assert.equal(directory.find(index + 1) !== undefined, status === 0, stderr);
      if (status !== 0) assert.match(stderr, /another command changes it now; try again/);
    }
  });

  it("takes only the agency's own certificate", async (t) => {
    const dir = await tempDir(t);
    const { run, works } = shellIn(dir);
    await works("pki init --name Lottery");
    const issued = await works("pki issue --agency 17");
    await works("pki issue --agency 18");
    await works("pki issue --server localhost");
    await works("agencies add 17 --name Centro --certificate pki/agency-17.pem");
    const fingerprint = /fingerprint (\w{64})\n/.exec(issued.stdout)?.[1];
    const entry = (await loadAgencyDirectory(join(dir, "agencies.yaml"))).find(17);
    assert.deepEqual(entry?.certificates, [fingerprint]);

    for (const [file, reason] of [
      ["pki/agency-18.pem", "the certificate names agency 18, not agency 17"],
      ["pki/server-localhost.pem", "the certificate names no agency, not agency 17"],
      ["pki/ca.pem", "the certificate names no agency, not agency 17"],
      ["pki/agency-17.key", "it is not one certificate, in PEM or DER"],
      ["agencies.yaml", "it is not one certificate, in PEM or DER"],
    ]) {
      const { status, stderr } = await run(`agencies rotate 17 --certificate ${file}`);
      assert.deepEqual([status, stderr], [1, `quiniela: Cannot use ${file}: ${reason}\n`]);
    }

    await works("pki issue --agency 17 --out new");
    await works("agencies rotate 17 --certificate new/agency-17.pem");
    await works("agencies rotate 17 --certificate new/agency-17.pem --finish");
    const after = (await loadAgencyDirectory(join(dir, "agencies.yaml"))).find(17);
    assert.equal(after?.certificates.length, 1);
    assert.notEqual(after?.certificates[0], fingerprint);
  });

  it("ends with 2 when the command line does not say what to do, and with 1 without a file", async (t) => {
    const { run } = shellIn(await tempDir(t));
    for (const [line, status] of [
      ["agencies", 2],
      ["agencies add 1", 2],
      ["agencies add 0 --name x", 2],
      ["agencies add 4294967296 --name x", 2],
      ["agencies rotate 1", 2],
      ["agencies rotate 1 --token --certificate x", 2],
      ["agencies rotate 1 --certificate", 2],
      ["agencies disable 1", 2],
      ["agencies add 1 --name x --file nowhere/agencies.yaml", 1],
      ["pki", 2],
      ["pki init", 2],
      ["pki issue", 2],
      ["pki issue --agency 1 --server x", 2],
      ["pki revoke", 2],
      ["pki revoke xyz", 2],
      ["pki revoke 10 --agency 1", 2],
      ["pki issue --agency 1", 1],
      ["pki revoke 10", 1],
      ["pki list", 1],
    ] as const) {
      const result = await run(line);
      assert.equal(result.status, status, `${line}: ${result.stderr}`);
      assert.equal(result.stdout, "", line);
    }
  });
});

describe("quiniela pki", () => {
  it("issues, lists and revokes, and prints the fingerprint for agencies.yaml", async (t) => {
    const { run, works } = shellIn(await tempDir(t));
    await works("pki init --name Lottery");
    assert.match((await run("pki init --name Lottery")).stderr, /^quiniela: PKI_EXISTS: /);
    await works("pki issue --server central,127.0.0.1,::1 --days 10");
    const { stdout } = await works("pki issue --agency 17");
    const fingerprint = /fingerprint (\w{64})\n/.exec(stdout)?.[1] ?? "";
    const serial = /serial +(\w{34})\n/.exec(stdout)?.[1] ?? "";
    const list = async () => JSON.parse((await works("pki list --json")).stdout);
    const before = await list();
    assert.equal(before.length, 2);
    const mine = before.find((one: { agency: number | null }) => one.agency === 17);
    assert.deepEqual(
      [mine.serial, mine.fingerprint, mine.state, mine.revokedAt],
      [serial, fingerprint, "valid", null],
    );

    const colons = fingerprint.toUpperCase().replaceAll(/..(?=.)/g, "$&:");
    assert.equal((await works(`pki revoke ${colons}`)).stdout, `Revoked: ${serial}, agency 17\n`);
    assert.equal(
      (await works(`pki revoke 00${serial}`)).stdout,
      `Was revoked already: ${serial}, agency 17\n`,
    );
    assert.match((await works("pki list")).stdout, /agency 17 .* revoked/);
    const states = (await list()).map((one: { state: string }) => one.state);
    assert.deepEqual(states.toSorted(), ["revoked", "valid"]);
  });

  it("loses no revocation of commands that run at the same time", async (t) => {
    const { run, works } = shellIn(await tempDir(t));
    await works("pki init --name Lottery");
    for (const agency of [1, 2, 3, 4]) await works(`pki issue --agency ${agency}`);
    const runs = await Promise.all(
      [1, 2, 3, 4].map((agency) => run(`pki revoke --agency ${agency}`)),
    );
    const list = JSON.parse((await works("pki list --json")).stdout);
    for (const [index, { status, stderr }] of runs.entries()) {
      const one = list.find((one: { agency: number | null }) => one.agency === index + 1);
      assert.equal(one.state, status === 0 ? "revoked" : "valid", stderr);
    }
  });
});
