import assert from "node:assert/strict";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { AgencyError } from "../../src/agency/agency-error.ts";
import { writeWhole } from "../../src/agency/whole-file.ts";
import { winnersFile, type WinnersSink } from "../../src/agency/winners-sink.ts";
import { winnersText } from "../../src/agency/winners-text.ts";
import type { Bet } from "../../src/lottery/bet.ts";
import { type BetFormat, formatBets } from "../../src/lottery/bet-text.ts";
import type { LinkResults } from "../../src/protocols/agency-link.ts";
import { FakeCentral, sampleBet } from "./fake-central.ts";
import { runFake, withTempDir, writeBets } from "./harness.ts";

const betsOf = (count: number): Bet[] => Array.from({ length: count }, (_, i) => sampleBet(i));
const WINNER: Bet = { ...sampleBet(0), firstName: "Ana, María", lastName: "" };

/** A central whose dialect sends the winners as whole bets. */
function tellingBets(winningBets: readonly Bet[]): FakeCentral {
  const central = new FakeCentral();
  const dial = central.dialer.dial.bind(central.dialer);
  central.dialer.dial = async (context) => {
    const link = await dial(context);
    const results = link.results.bind(link);
    return Object.assign(link, {
      results: async (): Promise<LinkResults> => ({
        ...(await results()),
        winners: winningBets.map(({ document }) => document),
        winningBets,
      }),
    });
  };
  return central;
}

describe("an agency's winners", () => {
  const both = [WINNER, sampleBet(7)];
  const documents = both.map(({ document }) => document);
  for (const [format, known, text] of [
    ["csv", true, formatBets(both, "csv")],
    ["jsonl", true, both.map((bet) => `${JSON.stringify(bet)}\n`).join("")],
    ["csv", false, documents.map((document) => `${document}\r\n`).join("")],
    ["jsonl", false, documents.map((document) => `{"document":"${document}"}\n`).join("")],
  ] as const) {
    const what = known ? "whole bets" : "documents";
    it(`are written to a file as ${format}: ${what}`, async () => {
      await withTempDir(async (dir) => {
        const path = join(dir, "winners");
        const dataFile = writeBets(dir, betsOf(10));
        const central = known ? tellingBets(both) : new FakeCentral();
        const winners = winnersFile({ path, format, dataFile });
        const { outcome } = await runFake(central, { dataFile }, { winners });
        assert.equal(outcome.kind, "success", outcome.error?.message);
        assert.equal(readFileSync(path, "utf8"), text);
        assert.deepEqual(readdirSync(dir).toSorted(), ["agency-1.csv", "winners"]);
      });
    });
  }

  it("make an empty file when there are none", async () => {
    await withTempDir(async (dir) => {
      const path = join(dir, "winners");
      const dataFile = writeBets(dir, betsOf(3));
      const winners = winnersFile({ path, format: "csv", dataFile });
      await runFake(new FakeCentral({ winningNumber: 9999 }), { dataFile }, { winners });
      assert.equal(readFileSync(path, "utf8"), "");
    });
  });

  it("are written even if the central refused some of the bets", async () => {
    await withTempDir(async (dir) => {
      const path = join(dir, "winners");
      const bad = betsOf(12).with(4, sampleBet(4, { birthdate: "1999-02-30" }));
      const dataFile = writeBets(dir, bad);
      const winners = winnersFile({ path, format: "csv", dataFile });
      const { outcome } = await runFake(
        new FakeCentral(),
        { dataFile, badRow: "send" },
        { winners },
      );
      assert.equal(outcome.error?.code, "BETS_REFUSED");
      assert.equal(readFileSync(path, "utf8"), "30000000\r\n30000007\r\n");
    });
  });

  it("are written in pieces, one after the other, however many there are", () => {
    for (const count of [0, 999, 1000, 1001, 2500]) {
      const bets = betsOf(count);
      const winners = bets.map(({ document }) => document);
      for (const format of ["csv", "jsonl"] as const satisfies readonly BetFormat[]) {
        assert.equal(
          [...winnersText({ winners, winningBets: bets }, format)].join(""),
          formatBets(bets, format),
        );
      }
      assert.equal(
        [...winnersText({ winners }, "csv")].join(""),
        winners.map((d) => `${d}\r\n`).join(""),
      );
    }
  });

  it("are logged at DEBUG, the first hundred one by one", async () => {
    await withTempDir(async (dir) => {
      const bets = Array.from({ length: 130 }, (_, i) => sampleBet(i, { number: 7574 }));
      const { logger } = await runFake(new FakeCentral(), { dataFile: writeBets(dir, bets) });
      const lines = logger.of("winner");
      assert.deepEqual(
        lines.slice(0, -1).map(({ document }) => document),
        bets.slice(0, 100).map(({ document }) => document),
      );
      assert.deepEqual(lines.at(-1), {
        action: "winner",
        result: "success",
        client_id: "1",
        more: 30,
      });
    });
  });

  it("cannot be asked for in a dialect without a draw", async () => {
    const winners = winnersFile({ path: "unused", format: "csv", dataFile: "unset.csv" });
    const central = new FakeCentral({ drawless: true });
    const dialer = { ...central.dialer, drawless: true };
    const { outcome } = await runFake(central, {}, { winners, dialer });
    assert.equal(outcome.error?.code, "AGENCY_MISCONFIGURED");
    assert.equal(central.dials, 0);
  });
});

describe("a file of winners that cannot be written", () => {
  for (const [what, lay, message] of [
    [
      "in a folder that is missing",
      (dir: string) => join(dir, "missing", "winners.csv"),
      /^Cannot write the winners to .*: there is no such folder; make it or set winners\.file$/,
    ],
    [
      "that is a folder",
      (dir: string) => dir,
      /: it is a directory; set winners\.file to a file's name$/,
    ],
    [
      "that is a device",
      () => "/dev/null",
      /: it is not a regular file; for standard output set -$/,
    ],
    [
      "that is the file of bets itself",
      (dir: string) => {
        linkSync(join(dir, "agency-1.csv"), join(dir, "linked.csv"));
        return join(dir, "linked.csv");
      },
      /: it is the file of bets; set winners\.file to another$/,
    ],
    [
      "below a file",
      (dir: string) => join(dir, "agency-1.csv", "w.csv"),
      /: there is no such folder; /,
    ],
  ] as const) {
    it(`${what} is reported before anything is sent`, async () => {
      await withTempDir(async (dir) => {
        const dataFile = writeBets(dir, betsOf(10));
        const before = readFileSync(dataFile);
        const winners = winnersFile({ path: lay(dir), format: "csv", dataFile });
        const central = new FakeCentral();
        const { outcome } = await runFake(central, { dataFile }, { winners });
        assert.equal(outcome.error?.code, "WINNERS_UNWRITABLE");
        assert.match(outcome.error.message, message);
        assert.deepEqual([central.dials, central.stored], [0, []]);
        assert.deepEqual(readFileSync(dataFile), before);
        assert.ok(readdirSync(dir).every((name) => !name.endsWith(".tmp")));
      });
    });
  }

  it("only after the draw makes the run fail, and the next run writes it", async () => {
    await withTempDir(async (dir) => {
      const folder = join(dir, "out");
      mkdirSync(folder);
      const dataFile = writeBets(dir, betsOf(10));
      const file = winnersFile({ path: join(folder, "w.csv"), format: "csv", dataFile });
      const winners: WinnersSink = {
        ...file,
        async deliver(results) {
          rmSync(folder, { recursive: true });
          await file.deliver(results);
        },
      };
      const central = new FakeCentral();
      const { outcome } = await runFake(central, { dataFile }, { winners });
      assert.deepEqual([outcome.kind, outcome.error?.code], ["failed", "WINNERS_UNWRITABLE"]);
      assert.match(outcome.error?.message ?? "", /; run again: the central tells them again$/);
      assert.equal(outcome.bets, 10);

      mkdirSync(folder);
      const again = await runFake(central, { dataFile }, { winners: file });
      assert.equal(again.outcome.kind, "success");
      assert.equal(readFileSync(join(folder, "w.csv"), "utf8"), "30000000\r\n30000007\r\n");
    });
  });
});

/** Makes every sync of a folder fail. */
async function failSyncs(t: TestContext, dir: string, code: string): Promise<void> {
  const handle = await open(dir);
  const sync = (): Promise<void> =>
    Promise.reject(Object.assign(new Error(`${code}: sync`), { code }));
  t.mock.method(Object.getPrototypeOf(handle) as FileHandle, "sync", sync);
  await handle.close();
}

describe("winners on a stream of the agency's own process", () => {
  for (const path of ["/dev/stdout", "/dev/stderr", "/dev/fd/1", "/proc/self/fd/1"]) {
    it(`are refused before anything is sent: ${path}`, async () => {
      const sink = winnersFile({ path, format: "csv", dataFile: "bets.csv" });
      await assert.rejects(sink.prepare(), {
        code: "WINNERS_UNWRITABLE",
        message: /for standard output set -$/,
      });
    });
  }
});

describe("a file that appears whole or not at all", () => {
  it("is written even if folders cannot be synced", async (t) => {
    await withTempDir(async (dir) => {
      await failSyncs(t, dir, "EINVAL");
      await writeWhole(join(dir, "winners.csv"), ["30904465\r\n"]);
      assert.equal(readFileSync(join(dir, "winners.csv"), "utf8"), "30904465\r\n");
    });
  });

  it("does not count as written when its folder's sync fails", async (t) => {
    await withTempDir(async (dir) => {
      await failSyncs(t, dir, "EIO");
      await assert.rejects(writeWhole(join(dir, "winners.csv"), ["1\r\n"]), { code: "EIO" });
    });
  });

  it("replaces the old file, also through a link", async () => {
    await withTempDir(async (dir) => {
      const path = join(dir, "there.csv");
      writeFileSync(path, "old");
      symlinkSync("there.csv", join(dir, "link.csv"));
      await writeWhole(join(dir, "link.csv"), ["new"]);
      assert.equal(readFileSync(path, "utf8"), "new");
      assert.deepEqual(readdirSync(dir).toSorted(), ["link.csv", "there.csv"]);
    });
  });

  it("leaves everything as it was when it cannot be finished", async () => {
    await withTempDir(async (dir) => {
      const path = join(dir, "there.csv");
      writeFileSync(path, "old");
      const pieces = function* (): Generator<string> {
        yield "half";
        // The temporary file never has the final name.
        assert.equal(readFileSync(path, "utf8"), "old");
        throw new AgencyError("GAVE_UP", "no more");
      };
      await assert.rejects(writeWhole(path, pieces()), { code: "GAVE_UP" });
      assert.equal(readFileSync(path, "utf8"), "old");
      assert.deepEqual(readdirSync(dir), ["there.csv"]);
      assert.ok(!existsSync(join(dir, "new.csv")));
    });
  });
});
