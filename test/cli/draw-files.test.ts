import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { open, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { openLedger } from "../../src/stores/ledger/ledger.ts";
import { type AgencyId, type Bet, hasWon } from "../../src/lottery/bet.ts";
import { encodeLines, formatLine } from "../../src/lottery/canonical-line.ts";
import type { BetStore } from "../../src/store/bet-store.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { cli } from "../support/paths.ts";
import { runCli } from "../support/run-cli.ts";
import { tempDir } from "../support/temp-dir.ts";
import { tell } from "../stores/conformance/batches.ts";

const bet = (agency: number, firstName: string, number: number): Bet => ({
  agency: agency as AgencyId,
  firstName,
  lastName: "Núñez",
  document: "30904465",
  birthdate: "1999-03-17",
  number,
});

const FIRST = [bet(1, "Santiago Lionel", 7574), bet(1, "=SUM(A1)", 1)];
const SECOND = [bet(2, 'Ana "la Rubia", Paz', 2)];

/** A draw of two agencies; it is drawn, unless `draw` says that it stops before. */
async function makeDraw(dir: string, draw: string, until = "drawn"): Promise<void> {
  const settings = { draw, winningNumber: 7574, agencies: 2 };
  // Time stands still, so closing waits as long as needed.
  const clock = new FakeClock();
  const store = await openLedger({ dir, ...settings, clock, onFailure: assert.fail });
  await submit(store, 1, FIRST);
  await submit(store, 2, SECOND);
  await store.done(1 as AgencyId);
  if (until !== "open") await store.done(2 as AgencyId);
  if (until === "drawn") await store.performDraw(tell);
  await store.close();
}

function submit(store: BetStore, agency: number, bets: readonly Bet[]): Promise<unknown> {
  return new Promise((settle) => {
    const lines = encodeLines(bets);
    store.submit({ agency: agency as AgencyId, sequence: 1, count: bets.length, lines }, settle);
  });
}

describe("quiniela verify", () => {
  it("agrees with an unchanged draw, and shows the winners", async (t) => {
    const dir = await tempDir(t);
    await makeDraw(dir, "1");
    const { status, stdout, stderr } = await runCli(["verify", dir, "--json"]);
    assert.equal(status, 0, stderr);
    const result = JSON.parse(stdout);
    assert.equal(result.state, "drawn");
    assert.deepEqual(
      result.agencies.map(({ bets, winners }: { bets: number; winners: string[] }) => [
        bets,
        winners,
      ]),
      [
        [2, FIRST.filter((each) => hasWon(each)).map(({ document }) => document)],
        [1, []],
      ],
    );
    assert.match((await runCli(["verify", dir])).stdout, /Everything agrees/);
  });

  it("has its own status for a draw whose files the next start writes", async (t) => {
    const dir = await tempDir(t);
    await makeDraw(dir, "1");
    await rm(join(dir, "1", "bets.csv"));
    assert.equal((await runCli(["verify", dir])).status, 1, "seal.json says that there was one");
    await rm(join(dir, "1", "seal.json"));
    const { status, stdout, stderr } = await runCli(["verify", dir]);
    assert.deepEqual([status, stderr], [4, ""]);
    assert.match(stdout, /Everything agrees\.\n.* not published yet: the next start of a central/);
    const json = await runCli(["verify", dir, "--json"]);
    assert.equal(json.status, 4);
    assert.equal(JSON.parse(json.stdout).files, "pending");
  });

  it("P7 names the first changed row of bets.csv, and fails", async (t) => {
    const dir = await tempDir(t);
    await makeDraw(dir, "1");
    const path = join(dir, "1", "bets.csv");
    const rows = await readFile(path, "utf8");
    await writeFile(path, rows.replace(",2\r\n", ",7\r\n"));
    const { status, stdout } = await runCli(["verify", dir]);
    assert.equal(status, 1);
    assert.ok(stdout.includes(`${path} at line 3`), stdout);
  });

  it("P7 names segment and byte of a change in the ledger, and fails", async (t) => {
    const dir = await tempDir(t);
    await makeDraw(dir, "1");
    const path = join(dir, "1", "00000001.seg");
    const bytes = await readFile(path);
    const at = bytes.indexOf("Santiago");
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await writeFile(path, bytes);
    const { status, stdout } = await runCli(["verify", dir]);
    assert.equal(status, 1);
    assert.match(stdout, /00000001\.seg at byte \d+/);
  });

  it("P7 notices forged winners, because seal.json must follow from the bets", async (t) => {
    const dir = await tempDir(t);
    await makeDraw(dir, "1");
    const path = join(dir, "1", "seal.json");
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replace('"winningNumber": 7574', '"winningNumber": 1'));
    const { status, stdout } = await runCli(["verify", dir]);
    assert.equal(status, 1);
    assert.ok(stdout.includes(path), stdout);
    assert.match(stdout, /winningNumber/);
  });

  for (const command of ["verify", "export"]) {
    it(`says what it looked for, and where, when ${command} finds no draw`, async (t) => {
      const dir = await tempDir(t);
      const run = async (...args: string[]) => {
        const { status, stdout, stderr } = await runCli([command, ...args], { cwd: dir });
        assert.deepEqual([status, stdout], [1, ""]);
        assert.match(stderr, /^quiniela: .*\n$/);
        return stderr;
      };
      const name = "name a central's data folder (SERVER_DATA_DIR, --data-dir)";
      const start = "quiniela: Cannot find a draw:";
      assert.equal(await run(), `${start} there is no folder ${join(dir, "data")}; ${name}\n`);
      assert.equal(await run("."), `${start} no folder in ${dir} holds a draw.json; ${name}\n`);
      await writeFile(join(dir, "file"), "");
      const file = join(dir, "file");
      assert.equal(
        await run(file),
        `${start} ${file} is no folder; name a central's data folder\n`,
      );
      const data = join(dir, "data");
      await makeDraw(data, "1");
      assert.ok((await run(dir)).endsWith(`; name the central's data folder: ${data}\n`));
      const inside = await run(join(data, "1"));
      assert.ok(
        inside.endsWith(`is a draw itself, so name the one that it is in: ${data}\n`),
        inside,
      );
      const other = await run(data, "--draw", "2");
      assert.equal(other, `quiniela: There is no draw "2" in ${data}; there is only: 1\n`);
    });
  }

  it("asks which draw when there are several, and says so when there is none", async (t) => {
    const dir = await tempDir(t);
    const none = await runCli(["verify", dir]);
    assert.equal(none.status, 1);
    assert.match(none.stderr, /Cannot find a draw/);
    await makeDraw(dir, "monday");
    await makeDraw(dir, "tuesday");
    const several = await runCli(["verify", dir]);
    assert.equal(several.status, 1);
    assert.match(several.stderr, /monday, tuesday/);
    assert.equal((await runCli(["verify", dir, "--draw", "monday"])).status, 0);
    assert.match((await runCli(["verify", dir, "--draw", "friday"])).stderr, /"friday"/);
  });
});

describe("quiniela export", () => {
  it("writes canonical lines, the same as bets.csv", async (t) => {
    const dir = await tempDir(t);
    await makeDraw(dir, "1");
    const { status, stdout, stderr } = await runCli(["export", dir]);
    assert.equal(status, 0, stderr);
    assert.equal(stdout, [...FIRST, ...SECOND].map(formatLine).join(""));
    assert.equal(stdout, await readFile(join(dir, "1", "bets.csv"), "utf8"));
    assert.match(stderr, /^3 bets/);
  });

  it("writes JSON lines of one agency", async (t) => {
    const dir = await tempDir(t);
    await makeDraw(dir, "1");
    const { stdout } = await runCli(["export", dir, "--format", "jsonl", "--agency", "2"]);
    assert.deepEqual(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
      SECOND,
    );
  });

  it("keeps spreadsheets from running names", async (t) => {
    const dir = await tempDir(t);
    await makeDraw(dir, "1");
    const { stdout } = await runCli(["export", dir, "--formula-safe"]);
    assert.match(stdout, /^1,'=SUM\(A1\),/m);
    assert.match(stdout, /^1,Santiago Lionel,/m);
  });

  it("writes a file whole or not at all", async (t) => {
    const dir = await tempDir(t);
    await makeDraw(dir, "1");
    const out = join(await tempDir(t), "bets.csv");
    assert.equal((await runCli(["export", dir, "--out", out])).status, 0);
    assert.equal(await readFile(out, "utf8"), await readFile(join(dir, "1", "bets.csv"), "utf8"));
    const nowhere = join(await tempDir(t), "missing", "bets.csv");
    const { status, stderr } = await runCli(["export", dir, "--out", nowhere]);
    assert.equal(status, 1);
    assert.equal(stderr, `quiniela: Cannot write ${nowhere}: there is no such folder; make it\n`);
    assert.deepEqual(await readdir(join(out, "..")), ["bets.csv"]);
  });

  it("replaces only plain files outside the draw", async (t) => {
    const dir = await tempDir(t);
    await makeDraw(dir, "1");
    const before = await readFile(join(dir, "1", "00000001.seg"));
    const elsewhere = await tempDir(t);
    await symlink(join(dir, "1", "00000001.seg"), join(elsewhere, "link"));
    const refused = [
      [join(dir, "1", "00000001.seg"), "the draw's own files are there; choose another folder"],
      [join(dir, "1", "new.csv"), "the draw's own files are there; choose another folder"],
      [join(elsewhere, "link"), "the draw's own files are there; choose another folder"],
      [elsewhere, "it is a folder; add a file's name"],
    ] as const;
    for (const command of ["export", "winners"]) {
      for (const [out, reason] of refused) {
        const { status, stderr } = await runCli([command, dir, "--out", out]);
        assert.deepEqual([status, stderr], [1, `quiniela: Cannot write ${out}: ${reason}\n`]);
      }
    }
    assert.deepEqual(await readFile(join(dir, "1", "00000001.seg")), before);
    assert.deepEqual(await readdir(elsewhere), ["link"]);
  });

  it("writes to a device or a pipe directly, and does not replace it", async (t) => {
    const dir = await tempDir(t);
    await makeDraw(dir, "1");
    const pipe = join(await tempDir(t), "pipe");
    execFileSync("mkfifo", [pipe]);
    const read = readFile(pipe, "utf8");
    assert.equal((await runCli(["export", dir, "--out", pipe])).status, 0);
    assert.equal(await read, await readFile(join(dir, "1", "bets.csv"), "utf8"));
    assert.ok((await stat(pipe)).isFIFO());
  });

  it("says in one line that standard output takes no more", async (t) => {
    const dir = await tempDir(t);
    await makeDraw(dir, "1");
    for (const command of ["export", "winners", "verify"]) {
      const full = await open("/dev/full", "w");
      const { status, stderr } = spawnSync(process.execPath, [cli, command, dir], {
        stdio: ["ignore", full.fd, "pipe"],
        encoding: "utf8",
      });
      await full.close();
      assert.equal(status, 1);
      assert.match(stderr, /^quiniela: Cannot write to standard output: ENOSPC.*\n$/);
    }
  });

  it("refuses an open ledger whose draw has a seal.json", async (t) => {
    const dir = await tempDir(t);
    await makeDraw(dir, "1", "open");
    await writeFile(join(dir, "1", "seal.json"), "{}");
    const { status, stderr } = await runCli(["export", dir]);
    assert.equal(status, 1);
    assert.match(stderr, /the seal that seal\.json states/);
  });
});

describe("quiniela winners", () => {
  const winner = FIRST.filter((each) => hasWon(each));

  it("writes the winning bets, in the order of acceptance", async (t) => {
    const dir = await tempDir(t);
    await makeDraw(dir, "1");
    const { status, stdout, stderr } = await runCli(["winners", dir]);
    assert.equal(status, 0, stderr);
    assert.equal(stdout, winner.map(formatLine).join(""));
    assert.equal(stderr, "1 winner\n");
    const other = await runCli(["winners", dir, "--draw", "1", "--agency", "2"]);
    assert.deepEqual(other, { status: 0, stdout: "", stderr: "0 winners\n" });
  });

  it("writes JSON lines to a file, whole or not at all", async (t) => {
    const dir = await tempDir(t);
    await makeDraw(dir, "1");
    const out = join(await tempDir(t), "winners.jsonl");
    const asked = ["winners", dir, "--agency", "1", "--format", "jsonl", "--out"];
    assert.equal((await runCli([...asked, out])).status, 0);
    assert.deepEqual(JSON.parse(await readFile(out, "utf8")), winner[0]);
    const nowhere = await runCli([...asked, join(out, "nowhere.jsonl")]);
    assert.equal(nowhere.status, 1);
    assert.deepEqual(await readdir(join(out, "..")), ["winners.jsonl"]);
  });

  it("P6 shows no winners before the draw, not even when the draw is sealed", async (t) => {
    for (const state of ["open", "sealed"]) {
      const dir = await tempDir(t);
      await makeDraw(dir, "1", state);
      const { status, stdout, stderr } = await runCli(["winners", dir, "--agency", "1"]);
      assert.deepEqual([status, stdout], [1, ""]);
      assert.equal(
        stderr,
        `quiniela: Cannot tell winners of draw 1: it is ${state}; there are none before the draw\n`,
      );
    }
  });

  it("P7 shows no winners from files that do not agree", async (t) => {
    const dir = await tempDir(t);
    await makeDraw(dir, "1");
    const path = join(dir, "1", "bets.csv");
    const rows = await readFile(path, "utf8");
    await writeFile(path, rows.replace(",2\r\n", ",7\r\n"));
    const { status, stdout, stderr } = await runCli(["winners", dir]);
    assert.deepEqual([status, stdout], [1, ""]);
    assert.match(stderr, /Cannot tell winners of draw 1: its files differ: .*bets\.csv at line 3/);
  });

  it("refuses agencies that the draw does not have", async (t) => {
    const dir = await tempDir(t);
    await makeDraw(dir, "1");
    const { status, stderr } = await runCli(["winners", dir, "--agency", "3"]);
    assert.equal(status, 1);
    assert.match(stderr, /Cannot tell winners of agency 3: draw 1 has no such agency/);
  });
});
