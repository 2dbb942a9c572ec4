import assert from "node:assert/strict";
import { hash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { receiptsFile, type ReceiptsSystem } from "../../src/agency/receipts-file.ts";
import type { RunAgencyOptions } from "../../src/agency/run.ts";
import { winnersFile } from "../../src/agency/winners-sink.ts";
import type { AgencyConfig } from "../../src/config/agency-config.ts";
import { encodeLines } from "../../src/lottery/canonical-line.ts";
import { FIRST_HEAD, nextHead } from "../../src/lottery/chain.ts";
import { formatReceipt, parseReceipts, RECEIPTS_HEADER } from "../../src/lottery/receipt.ts";
import type { AgencyDialer } from "../../src/protocols/agency-link.ts";
import { StoreError } from "../../src/store/store-error.ts";
import type { Lock } from "../../src/stores/disk/open-directory.ts";
import { type DiskStep, MemoryDisk, noLock, randomFrom } from "../support/disk-memory.ts";
import { AGENCY, FakeCentral, type FakeCentralOptions, sampleBets } from "./fake-central.ts";
import { type Ran, runFake, withTempDir, writeBets } from "./harness.ts";

const BETS = sampleBets(20);
const BATCH_BETS = 3;

/** The lines that an agency with these bets keeps, without the header. */
const RECEIPTS = Array.from({ length: Math.ceil(BETS.length / BATCH_BETS) }, (_, index) =>
  BETS.slice(index * BATCH_BETS, (index + 1) * BATCH_BETS),
).reduce<{ head: Uint8Array; lines: string[] }>(
  ({ head, lines }, bets, index) => {
    const bytes = encodeLines(bets);
    const [sequence, count] = [index + 1, bets.length];
    const next = nextHead(head, sequence, count, bytes);
    const receipt = {
      draw: "1",
      agency: AGENCY,
      sequence,
      bets: count,
      linesHash: hash("sha256", bytes),
      head: next.toString("hex"),
    };
    return { head: next, lines: [...lines, formatReceipt(receipt)] };
  },
  { head: FIRST_HEAD, lines: [] },
).lines;
const WHOLE = RECEIPTS_HEADER + RECEIPTS.join("");

/** The file after so many batches. */
const upTo = (batches: number): string => RECEIPTS_HEADER + RECEIPTS.slice(0, batches).join("");

interface Place {
  readonly central: FakeCentral;
  readonly dataFile: string;
  readonly path: string;
  readonly text: () => string;
  readonly run: (
    config?: Partial<AgencyConfig>,
    overrides?: Partial<RunAgencyOptions>,
    system?: ReceiptsSystem,
  ) => Promise<Ran>;
}

/** An agency of {@link BETS} that keeps its receipts, and its central. */
function agency<T>(options: FakeCentralOptions, use: (place: Place) => Promise<T>): Promise<T> {
  return withTempDir(async (dir) => {
    const central = new FakeCentral(options);
    const dataFile = writeBets(dir, BETS);
    const path = join(dir, "receipts.csv");
    return use({
      central,
      dataFile,
      path,
      text: () => readFileSync(path, "utf8"),
      run: (config = {}, overrides = {}, system = {}) => {
        const more = { dataFile, receiptsFile: path, ...config };
        const { receiptsFile: receipts, winnersFile: winners } = more;
        return runFake(central, more, {
          dialer: { ...central.dialer, chained: true },
          receipts: receiptsFile({ path: receipts, dataFile, winnersFile: winners }, system),
          ...overrides,
        });
      },
    });
  });
}

/** What stops a run when it has come so far. */
function stopAt(reached: (batches: number, phase: string) => boolean) {
  const stop = new AbortController();
  return {
    signal: stop.signal,
    onProgress: ({ batches, phase }: { batches: number; phase: string }) => {
      if (reached(batches, phase)) stop.abort(new Error("enough"));
    },
  };
}

const WAITS_FOR_DRAW = (_batches: number, phase: string): boolean => phase === "awaiting-draw";

function diskFor(path: string): MemoryDisk {
  const disk = new MemoryDisk();
  void disk.makeDir(dirname(path));
  return disk;
}

function linesHashOf(receipt: string): string | undefined {
  return receipt.split(",")[4];
}

/** Counts the calls that bring something to stable storage. */
function syncsOf(disk: MemoryDisk): DiskStep["kind"][] {
  const syncs: DiskStep["kind"][] = [];
  disk.onStep = ({ kind }) => {
    if (kind === "sync" || kind === "syncDir") syncs.push(kind);
    return undefined;
  };
  return syncs;
}

/** A dialer whose answers to some batches have no chain head. */
function headless(central: FakeCentral, without: (sequence: number) => boolean): AgencyDialer {
  return {
    ...central.dialer,
    chained: true,
    dial: async (context) => {
      const link = await central.dialer.dial(context);
      const send = link.send.bind(link);
      link.send = async (batch) => {
        const answer = await send(batch);
        if (answer.kind !== "accepted" || !without(batch.sequence)) return answer;
        return { kind: "accepted" };
      };
      return link;
    },
  };
}

describe("an agency that keeps receipts", () => {
  it("has one of every batch, and the same after it is run again", () =>
    agency({}, async ({ run, text, central, path }) => {
      assert.equal((await run()).outcome.kind, "success");
      assert.equal(text(), WHOLE);
      assert.equal(existsSync(`${path}.lock`), false);
      const { outcome, logger } = await run();
      assert.equal(outcome.kind, "success");
      assert.equal(logger.of("resume")[0]?.["already"], "done");
      assert.equal(text(), WHOLE);
      assert.equal(central.dones, 1);
    }));

  it("counts a batch as sent only when its receipt is on stable storage", () =>
    agency({}, async ({ run, path }) => {
      const disk = diskFor(path);
      let most = 0;
      await run(
        {},
        {
          onProgress: ({ batches }) => {
            most = Math.max(most, batches);
            if (batches === 0) return;
            const durable = disk.durableFiles.get(path)?.toString() ?? "";
            assert.ok(durable.split("\n").length - 2 >= batches);
          },
        },
        { disk, lock: noLock },
      );
      assert.equal(most, RECEIPTS.length);
    }));

  it("syncs once for each batch, and once for all that the central holds from earlier runs", () =>
    agency({}, async ({ run, path }) => {
      const AT_THE_START = ["sync", "syncDir"];
      const disk = diskFor(path);
      const syncs = syncsOf(disk);
      await run({}, {}, { disk, lock: noLock });
      assert.deepEqual(syncs, [...AT_THE_START, ...RECEIPTS.map(() => "sync")]);
      // Also when there is nothing to add: a killed run may have written and not synced.
      syncs.length = 0;
      await run({}, {}, { disk, lock: noLock });
      assert.deepEqual(syncs, AT_THE_START);
      const empty = diskFor(path);
      const fewer = syncsOf(empty);
      await run({}, {}, { disk: empty, lock: noLock });
      assert.deepEqual(fewer, [...AT_THE_START, "sync"]);
      assert.equal(empty.bytesOf(path).toString(), WHOLE);
    }));

  for (const [what, fault] of [
    ["before it sees a batch", "lost-before"],
    ["after it has stored a batch, without an answer", "lost-after"],
  ] as const) {
    it(`has each receipt once when the connection is lost to a central ${what}`, () => {
      const lost = new Set<number>();
      return agency(
        {
          fault: (step, sequence) => {
            if (step !== "batch" || lost.has(sequence)) return "none";
            lost.add(sequence);
            return fault;
          },
        },
        async ({ run, text }) => {
          assert.equal((await run()).outcome.kind, "success");
          assert.equal(text(), WHOLE);
        },
      );
    });
  }

  it("leaves out batches that the central refuses for a bad row, in every run", () =>
    agency({}, async ({ run, text, path, dataFile }) => {
      const rows = readFileSync(dataFile, "utf8").split("\n");
      // The second batch: the others keep their bets, and get the numbers 1 to 6.
      rows[4] = "Ana,Paz,not a document,1990-01-31,7";
      writeFileSync(dataFile, rows.join("\n"));
      const sends = { badRow: "send" } as const;
      const { outcome } = await run(sends);
      assert.equal(outcome.error?.code, "BETS_REFUSED");
      const kept = text();
      const lines = kept.split("\n").slice(1, -1);
      assert.deepEqual(
        lines.map((line) => line.split(",")[2]),
        ["1", "2", "3", "4", "5", "6"],
      );
      assert.deepEqual(
        lines.map(linesHashOf),
        RECEIPTS.filter((_, index) => index !== 1).map(linesHashOf),
      );
      rmSync(path);
      assert.equal((await run(sends)).outcome.error?.code, "BETS_REFUSED");
      assert.equal(text(), kept);
    }));

  for (const kept of [0, 1, RECEIPTS.length - 1]) {
    it(`takes the others up when a killed run has kept ${kept}, and a part of the next`, () =>
      agency({}, async ({ run, text, path }) => {
        await run();
        writeFileSync(path, upTo(kept) + (RECEIPTS[kept] ?? "").slice(0, 40));
        const { outcome, logger } = await run();
        assert.equal(outcome.kind, "success");
        assert.equal(text(), WHOLE);
        assert.deepEqual(
          logger.of("cut_torn_receipt").map(({ bytes, file }) => [bytes, file]),
          [[40, path]],
        );
      }));
  }

  for (const [what, left] of [
    ["nothing", ""],
    ["a part of a header", RECEIPTS_HEADER.slice(0, 9)],
    ["zeros that a power cut left", "\0".repeat(80)],
  ] as const) {
    it(`begins anew when an earlier run has left ${what}`, () =>
      agency({}, async ({ run, text, path }) => {
        writeFileSync(path, left);
        assert.equal((await run()).outcome.kind, "success");
        assert.equal(text(), WHOLE);
      }));
  }

  const seed = Math.floor(Math.random() * 2 ** 32);
  it(`has every receipt after power cuts at any step, and counted none that was lost (seed ${seed})`, () =>
    agency({}, async ({ run, path, dataFile }) => {
      const random = randomFrom(seed);
      for (let life = 0; life < 60; life++) {
        const central = new FakeCentral();
        let disk = new MemoryDisk(random);
        await disk.makeDir(dirname(path));
        let counted = 0;
        for (let cuts = 0; cuts < 4; cuts++) {
          let left = Math.floor(random() * 12);
          disk.onStep = () => (left-- > 0 ? undefined : { kind: "crash" });
          await run(
            { dataFile },
            {
              dialer: { ...central.dialer, chained: true },
              onProgress: ({ batches, phase }) => {
                if (phase === "sending") counted = Math.max(counted, batches);
              },
            },
            { disk, lock: noLock },
          );
          disk = disk.powerCut();
          if (!disk.paths.includes(path)) assert.equal(counted, 0);
          else assert.ok(disk.bytesOf(path).toString().startsWith(upTo(counted)) || counted === 0);
        }
        const { outcome } = await run(
          { dataFile },
          { dialer: { ...central.dialer, chained: true } },
          { disk, lock: noLock },
        );
        assert.equal(outcome.error, undefined);
        assert.equal(disk.durableFiles.get(path)?.toString(), WHOLE);
      }
    }));

  it("can use its book for another run, which reads the file again", () =>
    agency({}, async ({ run, path, dataFile, text }) => {
      const receipts = receiptsFile({ path, dataFile });
      await run({}, { receipts });
      writeFileSync(path, upTo(2));
      assert.equal((await run({}, { receipts })).outcome.kind, "success");
      assert.equal(text(), WHOLE);
    }));

  it("takes up 130,000 receipts, and lets go of them when it is stopped meanwhile", () =>
    agency({}, async ({ path, dataFile }) => {
      const receipt = {
        draw: "1",
        agency: AGENCY,
        bets: 1,
        linesHash: "0".repeat(64),
        head: "0".repeat(64),
      };
      const many = Array.from({ length: 130_000 }, (_, index) => ({
        ...receipt,
        sequence: index + 1,
      }));
      const disk = diskFor(path);
      const book = receiptsFile({ path, dataFile }, { disk, lock: noLock });
      const { signal } = new AbortController();
      await book.open(AGENCY, signal);
      const syncs = syncsOf(disk);
      await book.keep(many, signal);
      assert.deepEqual(syncs, ["sync"]);
      assert.equal(await book.open(AGENCY, signal), 0);
      assert.equal(book.count, many.length);

      const stop = new AbortController();
      setImmediate(() => stop.abort(new Error("enough")));
      await assert.rejects(book.keep(many, stop.signal), /^Error: enough$/);
      await book.close();
      assert.equal(disk.openFiles, 0);
    }));

  for (const [what, prepare, code, reason] of [
    [
      "is another file",
      ({ path }) => writeFileSync(path, "Ana,Paz,1,1990-01-31,7\n"),
      "RECEIPTS_DIFFER",
      /line 1 is not the header; set receipts\.file to another file/,
    ],
    [
      "is a file without a line",
      ({ path }) => writeFileSync(path, "notes"),
      "RECEIPTS_DIFFER",
      /line 1 is not the header/,
    ],
    [
      "has another agency's receipts",
      ({ path }) => writeFileSync(path, WHOLE.replaceAll("\n1,1,", "\n1,2,")),
      "RECEIPTS_DIFFER",
      /they are of agency 2, and this is agency 1; set receipts\.file to another file/,
    ],
    ["is a folder", ({ path }) => mkdirSync(path), "RECEIPTS_UNWRITABLE", /not a regular file/],
    [
      "is a link to the file of the bets",
      ({ path, dataFile }) => symlinkSync(dataFile, path),
      "RECEIPTS_UNWRITABLE",
      /it is the file of bets; set receipts\.file to another; nothing was sent/,
    ],
    [
      "is a link to a file that is not there",
      ({ path }) => symlinkSync(`${path}-no/such`, path),
      "RECEIPTS_UNWRITABLE",
      /a link to a file that is not there; make that file/,
    ],
    [
      "has two names",
      ({ path }) => {
        writeFileSync(path, "");
        linkSync(path, `${path}.too`);
      },
      "RECEIPTS_UNWRITABLE",
      /it has another name too/,
    ],
  ] as const satisfies [string, (place: Place) => void, string, RegExp][]) {
    it(`sends nothing when the place of its receipts ${what}`, () =>
      agency({}, async (place) => {
        const bets = readFileSync(place.dataFile, "utf8");
        prepare(place);
        const { error } = (await place.run()).outcome;
        assert.equal(error?.code, code);
        assert.match(error?.message ?? "", /^Cannot keep receipts in .*receipts\.csv: /);
        assert.match(error?.message ?? "", reason);
        assert.equal(place.central.dials, 0);
        assert.equal(readFileSync(place.dataFile, "utf8"), bets);
        assert.equal(existsSync(`${place.path}.lock`), false);
      }));
  }

  it("sends nothing when the folder of its receipts is not there", () =>
    agency({}, async ({ run, path, central }) => {
      const { error } = (await run({ receiptsFile: join(`${path}-no`, "r.csv") })).outcome;
      assert.equal(error?.code, "RECEIPTS_UNWRITABLE");
      assert.match(error?.message ?? "", /there is no such folder; make it or set receipts\.file/);
      assert.equal(central.dials, 0);
    }));

  for (const [what, link] of [
    ["by its path", undefined],
    ["through a folder's link", (dir: string, to: string) => symlinkSync(dir, to)],
  ] as const) {
    it(`sends nothing and makes no file when its winners go to the same file, ${what}`, () =>
      agency({}, async ({ run, path, dataFile, central }) => {
        const other = `${dirname(path)}-link`;
        link?.(dirname(path), other);
        try {
          const winners = link === undefined ? path : join(other, "receipts.csv");
          const sink = winnersFile({ path: winners, format: "csv", dataFile });
          const { error } = (await run({ winnersFile: winners }, { winners: sink })).outcome;
          assert.equal(error?.code, "RECEIPTS_UNWRITABLE");
          assert.match(error?.message ?? "", /it is the file of the winners/);
          assert.equal(central.dials, 0);
          assert.equal(existsSync(path), false);
        } finally {
          rmSync(other, { force: true });
        }
      }));
  }

  it("makes no file where the file of the bets is missing", () =>
    agency({}, async ({ run, path, dataFile }) => {
      rmSync(dataFile);
      const { error } = (await run({ receiptsFile: dataFile })).outcome;
      assert.equal(error?.code, "RECEIPTS_UNWRITABLE");
      assert.equal(existsSync(dataFile), false);
      assert.equal(existsSync(path), false);
    }));

  it("keeps others out of its file while it runs, also under another name", () =>
    agency({ staysOpen: true }, async ({ run, text, path }) => {
      const link = `${path}.link`;
      symlinkSync(path, link);
      const refusals: Promise<Ran>[] = [];
      const watch = stopAt(WAITS_FOR_DRAW);
      const first = await run(
        {},
        {
          signal: watch.signal,
          onProgress: (progress) => {
            if (progress.phase !== "awaiting-draw") return;
            refusals.push(run({ receiptsFile: link }));
            void refusals[0]?.then(() => watch.onProgress(progress));
          },
        },
      );
      assert.equal(first.outcome.kind, "stopped");
      const { error } = (await refusals[0])?.outcome ?? {};
      assert.equal(error?.code, "RECEIPTS_UNWRITABLE");
      assert.match(
        error?.message ?? "",
        /another agency has it open; give each agency a file of its own/,
      );
      assert.equal(text(), WHOLE);
    }));

  for (const [what, code, reason] of [
    ["the disk is full", "ENOSPC", /: the disk is full; free space; the central has confirmed/],
    ["the disk fails", "EIO", /: EIO: .*; run again, and they get it/],
  ] as const) {
    for (const kind of ["write", "sync"] as const) {
      it(`ends at the ${kind} that fails because ${what}, and the next run keeps what is missing`, () =>
        agency({}, async ({ run, path, central }) => {
          const disk = diskFor(path);
          let left = 4;
          disk.onStep = (step) =>
            step.kind === kind && left-- === 0 ? { kind: "error", code } : undefined;
          const { outcome } = await run({}, {}, { disk, lock: noLock });
          assert.equal(outcome.error?.code, "RECEIPTS_UNWRITABLE");
          assert.match(outcome.error?.message ?? "", reason);
          assert.equal(outcome.batches, 3);
          assert.equal(central.dones, 0);
          // Also the receipt that was written and not synced is gone: the next run must write it again.
          assert.equal(disk.bytesOf(path).toString(), upTo(3));
          assert.equal(disk.openFiles, 0);
          assert.equal((await run({}, {}, { disk, lock: noLock })).outcome.kind, "success");
          assert.equal(disk.durableFiles.get(path)?.toString(), WHOLE);
        }));
    }
  }

  it("ends when its file was removed, before it counts another batch as sent", () =>
    agency({}, async ({ run, text, path, central }) => {
      const { outcome } = await run(
        {},
        { onProgress: ({ batches }) => batches === 2 && rmSync(path, { force: true }) },
      );
      assert.equal(outcome.error?.code, "RECEIPTS_UNWRITABLE");
      assert.match(outcome.error?.message ?? "", /the file was removed or replaced; .*run again/);
      assert.equal(outcome.batches, 2);
      assert.equal(central.dones, 0);
      assert.equal((await run()).outcome.kind, "success");
      assert.equal(text(), WHOLE);
    }));

  it("leaves what another agency has written that has its lock now", () =>
    agency({}, async ({ path, dataFile }) => {
      const disk = diskFor(path);
      let mine = true;
      const lock: Lock = async () => ({
        check: () => {
          if (!mine) throw new StoreError("STORE_LOST_LOCK", "another process has it");
        },
        whenLost: () => undefined,
        release: () => Promise.resolve(),
      });
      const { signal } = new AbortController();
      const [first, other] = [{ lock }, { lock: noLock }].map((system) =>
        receiptsFile({ path, dataFile }, { disk, ...system }),
      );
      assert.ok(first !== undefined && other !== undefined);
      const receipts = parseReceipts(WHOLE);
      assert.ok("receipts" in receipts);
      await first.open(AGENCY, signal);
      mine = false;
      await other.open(AGENCY, signal);
      await other.keep(receipts.receipts, signal);
      await assert.rejects(first.keep(receipts.receipts, signal), { code: "RECEIPTS_UNWRITABLE" });
      await first.close();
      await other.close();
      assert.equal(await other.open(AGENCY, signal), 0);
      assert.equal(other.count, receipts.receipts.length);
      await other.close();
    }));

  it("ends when the lock of its file was removed, before it writes again", () =>
    agency({}, async ({ run, text, path }) => {
      const { outcome } = await run(
        {},
        { onProgress: ({ batches }) => batches === 2 && rmSync(`${path}.lock`, { force: true }) },
      );
      assert.equal(outcome.error?.code, "RECEIPTS_UNWRITABLE");
      assert.match(outcome.error?.message ?? "", /the lock beside the file was removed/);
      assert.equal(text(), upTo(2));
    }));

  it("sends nothing in a dialect whose answers have no chain head", () =>
    agency({ tells: false }, async ({ run, central }) => {
      const { outcome } = await run({}, { dialer: central.dialer });
      assert.equal(outcome.error?.code, "AGENCY_MISCONFIGURED");
      assert.equal(central.dials, 0);
    }));

  it("sends nothing to a central whose greeting does not say what receipts need", () =>
    agency({ tells: false }, async ({ run, text, central }) => {
      assert.equal((await run()).outcome.error?.code, "CENTRAL_UNSOUND");
      assert.deepEqual(central.stored, []);
      assert.equal(text(), RECEIPTS_HEADER);
    }));

  it("keeps no receipt of answers that have no chain head", () =>
    agency({}, async ({ run, text, central }) => {
      const { outcome } = await run({}, { dialer: headless(central, () => true) });
      assert.equal(outcome.error?.code, "CENTRAL_UNSOUND");
      assert.match(outcome.error?.message ?? "", /its answer to a batch has no chain head/);
      assert.equal(outcome.batches, 0);
      assert.equal(text(), RECEIPTS_HEADER);
    }));

  it("keeps all receipts of an answer to several batches with one sync, and counts none before", () =>
    agency({}, async ({ run, path, central }) => {
      const disk = diskFor(path);
      const syncs = syncsOf(disk);
      const counted: [number, number][] = [];
      const { outcome } = await run(
        {},
        {
          dialer: headless(central, (sequence) => sequence % 3 !== 0 && sequence !== 7),
          onProgress: ({ batches, phase }) => {
            const durable = disk.durableFiles.get(path)?.toString() ?? "";
            if (phase === "sending") counted.push([batches, durable.split("\n").length - 2]);
          },
        },
        { disk, lock: noLock },
      );
      assert.equal(outcome.error, undefined);
      assert.equal(disk.bytesOf(path).toString(), WHOLE);
      assert.deepEqual(syncs, ["sync", "syncDir", "sync", "sync", "sync"]);
      assert.deepEqual(
        counted.map(([batches]) => batches),
        [0, 1, 2, 3, 4, 5, 6, 7],
      );
      assert.deepEqual(
        counted.map(([, kept]) => kept),
        [0, 3, 3, 3, 6, 6, 6, 7],
      );
    }));

  it("keeps no receipt when the head of an answer to several batches is another one", () =>
    agency({ forge: (head) => Buffer.alloc(head.length) }, async ({ run, text, central }) => {
      const dialer = headless(central, (sequence) => sequence !== 3);
      assert.equal((await run({}, { dialer })).outcome.error?.code, "CENTRAL_UNSOUND");
      assert.equal(text(), RECEIPTS_HEADER);
    }));

  it("sends nothing when its receipts are of another draw", () =>
    agency({}, async ({ run, path, text, central }) => {
      writeFileSync(path, upTo(2).replaceAll("\n1,1,", "\n2026-12-01,1,"));
      const before = text();
      const { error } = (await run()).outcome;
      assert.equal(error?.code, "RECEIPTS_DIFFER");
      assert.match(
        error?.message ?? "",
        /they are of draw 2026-12-01, and the central holds draw 1; set receipts\.file/,
      );
      assert.deepEqual(central.stored, []);
      assert.equal(text(), before);
    }));

  it("fails when the central holds another batch than a receipt says", () =>
    agency({}, async ({ run, path, text }) => {
      await run();
      const other = RECEIPTS.with(
        1,
        (RECEIPTS[1] ?? "").replace(/[0-9a-f]{64}\n/, `${"0".repeat(64)}\n`),
      );
      writeFileSync(path, RECEIPTS_HEADER + other.join(""));
      const before = text();
      const { outcome } = await run();
      assert.equal(outcome.error?.code, "RECEIPTS_DIFFER");
      assert.match(outcome.error?.message ?? "", /for batch 2 of draw 1 it has 1,1,2,3,/);
      assert.equal(text(), before);
    }));

  for (const [held, done] of [
    [0, false],
    [4, false],
    [RECEIPTS.length - 1, true],
  ] as const) {
    it(`sends nothing, and no DONE, to a central that holds ${held} of the batches of its receipts${done ? ", and its DONE" : ""}`, () =>
      agency({ windows: [1] }, async ({ run, path, text, central, dataFile }) => {
        const bets = readFileSync(dataFile, "utf8");
        if (done) {
          writeBets(dirname(dataFile), BETS.slice(0, held * BATCH_BETS));
          await run({}, { receipts: undefined });
          writeFileSync(dataFile, bets);
        } else if (held > 0) {
          const { outcome } = await run(
            {},
            stopAt((batches) => batches >= held),
          );
          assert.equal(outcome.kind, "stopped");
        }
        const { stored, dones } = central;
        const before = [...stored];
        const lines = RECEIPTS_HEADER + RECEIPTS.join("");
        writeFileSync(path, lines);
        const { error } = (await run()).outcome;
        assert.equal(error?.code, "RECEIPTS_DIFFER");
        assert.match(
          error?.message ?? "",
          /there are 7 receipts, and the central holds \d batch(es)? of this agency: it has lost/,
        );
        assert.deepEqual(stored, before);
        assert.equal(central.dones, dones);
        assert.equal(text(), lines);
      }));
  }

  it("sends nothing more when the central comes back without its batches in the middle of a run", () => {
    let lost = false;
    return agency(
      {
        fault: (step, sequence) => {
          if (lost || step !== "batch" || sequence !== 6) return "none";
          lost = true;
          return "lost-before";
        },
      },
      async ({ run, text, central }) => {
        const { outcome } = await run(
          {},
          {
            dialer: {
              ...central.dialer,
              chained: true,
              dial: async (context) => {
                if (lost) central.book = new FakeCentral().book;
                return central.dialer.dial(context);
              },
            },
          },
        );
        assert.equal(outcome.error?.code, "RECEIPTS_DIFFER");
        assert.equal(central.dones, 0);
        assert.equal(central.book.standing(AGENCY).bets, 0);
        assert.equal(text(), upTo(5));
      },
    );
  });

  it("fails when nothing proves what the central holds, and sends no more", () =>
    agency({ staysOpen: true }, async ({ run, central }) => {
      await run({}, stopAt(WAITS_FOR_DRAW));
      central.restartForgetful();
      const { stored } = central;
      const before = stored.length;
      const { outcome } = await run({ resume: "trust" });
      assert.equal(outcome.error?.code, "RECEIPTS_DIFFER");
      assert.match(outcome.error?.message ?? "", /nothing proves that the batches/);
      assert.equal(stored.length, before);
    }));

  it("fails when the rows that it trusts are not those that the central holds", () =>
    agency({ staysOpen: true }, async ({ run, path, dataFile, text }) => {
      await run(
        {},
        stopAt((batches) => batches === 2),
      );
      copyFileSync(path, `${path}.kept`);
      const rows = readFileSync(dataFile, "utf8").split("\n");
      writeFileSync(dataFile, [...rows.slice(1, 2), ...rows.slice(1)].join("\n"));
      const { outcome } = await run({ resume: "trust" });
      assert.equal(outcome.error?.code, "RECEIPTS_DIFFER");
      assert.match(outcome.error?.message ?? "", /nothing proves that the batches/);
      assert.equal(text(), readFileSync(`${path}.kept`, "utf8"));
    }));
});
