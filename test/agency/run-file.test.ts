import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { AgencyProgress } from "../../src/agency/agency-run.ts";
import { type Answer, LinkError } from "../../src/protocols/agency-link.ts";
import { FakeCentral, type FakeCentralOptions, sampleBets } from "./fake-central.ts";
import { agencyCsv, linesOf, runFake, withTempDir, writeBets } from "./harness.ts";
import { realData } from "../support/paths.ts";

describe("an agency with a file", () => {
  it("sends every bet in order, is done, and gets its winners", async () => {
    await withTempDir(async (dir) => {
      const bets = sampleBets(10);
      const central = new FakeCentral();
      const { outcome, logger } = await runFake(central, { dataFile: writeBets(dir, bets) });
      assert.deepEqual(outcome, {
        kind: "success",
        error: undefined,
        bets: 10,
        batches: 4,
        missing: [],
        winners: ["30000000", "30000007"],
      });
      assert.deepEqual(central.stored, linesOf(bets));
      assert.equal(central.dones, 1);
      assert.equal(central.openLinks, 0);
      const lines = logger.render("agency").replaceAll(dir, "DIR").split("\n");
      assert.deepEqual(
        lines.map((line) => line.slice(20).replace(/ {2,}/, " ")),
        [
          "INFO action: connect | result: success | client_id: 1 | server_address: central:12345",
          "DEBUG action: lote_enviado | result: success | cantidad: 3 | client_id: 1 | batch: 1",
          "INFO action: close_file | result: success | client_id: 1 | file: DIR/agency-1.csv",
          "DEBUG action: lote_enviado | result: success | cantidad: 3 | client_id: 1 | batch: 2",
          "DEBUG action: lote_enviado | result: success | cantidad: 3 | client_id: 1 | batch: 3",
          "DEBUG action: lote_enviado | result: success | cantidad: 1 | client_id: 1 | batch: 4",
          "INFO action: send_done | result: success | client_id: 1 | batches: 4 | bets: 10",
          "INFO action: await_draw | result: in_progress | client_id: 1 | bets: 10",
          "INFO action: close_connection | result: success | client_id: 1 | server_address: central:12345",
          "INFO action: consulta_ganadores | result: success | cant_ganadores: 2",
          "DEBUG action: winner | result: success | client_id: 1 | document: 30000000",
          "DEBUG action: winner | result: success | client_id: 1 | document: 30000007",
          "",
        ],
      );
    });
  });

  it("may have nothing to send", async () => {
    await withTempDir(async (dir) => {
      const central = new FakeCentral();
      const { outcome } = await runFake(central, { dataFile: writeBets(dir, []) });
      assert.equal(outcome.kind, "success");
      assert.deepEqual([outcome.bets, outcome.batches, outcome.winners], [0, 0, []]);
      assert.equal(central.dones, 1);
    });
  });

  it("fills the window and never exceeds it", async () => {
    await withTempDir(async (dir) => {
      for (const window of [1, 5]) {
        const central = new FakeCentral({ windows: [window] });
        await runFake(central, { dataFile: writeBets(dir, sampleBets(40)) });
        assert.equal(central.unansweredMax, window);
      }
    });
  });

  it("never sends a frame above the limit of bytes, whatever the batch size", async () => {
    const batchBytesMax = 4096;
    await withTempDir(async (dir) => {
      const sent: number[] = [];
      const central = new FakeCentral();
      const decide = central.decide.bind(central);
      central.decide = (batch): Answer => {
        sent.push(batch.lines.length + central.dialer.measure.overheadBytes);
        return decide(batch);
      };
      const dataFile = writeBets(dir, sampleBets(400));
      const limits = { batchAmountMax: 60_000, batchBytesMax };
      await runFake(central, { dataFile, ...limits });
      assert.equal(central.stored.length, 400);
      assert.ok(sent.length > 1 && Math.max(...sent) <= batchBytesMax);
      assert.ok(Math.max(...sent) > batchBytesMax - 100, "frames are filled");
    });
  });

  it("reports its progress", async () => {
    await withTempDir(async (dir) => {
      const told: AgencyProgress[] = [];
      const dataFile = writeBets(dir, sampleBets(7));
      const fileBytes = Buffer.byteLength(agencyCsv(sampleBets(7)));
      await runFake(
        new FakeCentral(),
        { dataFile },
        { onProgress: (progress) => told.push(progress) },
      );
      const phases = [...new Set(told.map(({ phase }) => phase))];
      assert.deepEqual(phases, ["connecting", "sending", "closing", "awaiting-draw", "finished"]);
      assert.deepEqual(
        told.map(({ bets }) => bets),
        [0, 0, 3, 6, 7, 7, 7, 7],
      );
      assert.deepEqual(told.at(0), {
        phase: "connecting",
        bets: 0,
        betsTotal: undefined,
        batches: 0,
        bytesRead: 0,
        fileBytes: 0,
      });
      assert.deepEqual(told.at(-1), {
        phase: "finished",
        bets: 7,
        betsTotal: 7,
        batches: 3,
        bytesRead: fileBytes,
        fileBytes,
      });
    });
  });

  it("sends the course's files", { skip: realData === undefined }, async () => {
    const central = new FakeCentral({ windows: [64] });
    const { outcome } = await runFake(central, {
      dataFile: join(realData ?? "", "agency-5.csv"),
      batchAmountMax: 120,
    });
    assert.deepEqual([outcome.kind, outcome.bets, outcome.winners], ["success", 991, []]);
  });

  it("fails in one line when its file is missing, and is not done", async () => {
    const central = new FakeCentral();
    const { outcome } = await runFake(central, { dataFile: "nowhere/agency-1.csv" });
    assert.equal(outcome.kind, "failed");
    assert.equal(outcome.error?.code, "DATA_UNREADABLE");
    assert.equal(
      outcome.error.message,
      "Cannot read nowhere/agency-1.csv: there is no such file; put the agency's bets there or set data.file",
    );
    assert.deepEqual([central.openLinks, central.dones], [0, 0]);
  });

  it("needs a number and a dialect", async () => {
    for (const [config, overrides] of [
      [{ id: "norte" }, {}],
      [{}, { dialer: undefined }],
      [{ mode: "bet" }, {}],
    ] as const) {
      const { outcome } = await runFake(new FakeCentral(), config, overrides);
      assert.equal(outcome.error?.code, "AGENCY_MISCONFIGURED");
    }
  });
});

const answering = async (
  decide: (honest: Answer, sequence: number) => Answer,
  options: FakeCentralOptions = {},
) => {
  const central = new FakeCentral(options);
  const honest = central.decide.bind(central);
  central.decide = (batch) => decide(honest(batch), batch.sequence);
  const ran = await withTempDir((dir) =>
    runFake(central, { dataFile: writeBets(dir, sampleBets(20)) }),
  );
  assert.equal(central.openLinks, 0);
  return { ...ran, central };
};

describe("an answer of the central", () => {
  for (const code of ["LATE", "CONFLICT", "GAP"]) {
    it(`ends the run when its code is ${code}`, async () => {
      const { outcome, central } = await answering((honest, sequence) =>
        sequence === 3 ? { kind: "rejected", code, reason: "so it is" } : honest,
      );
      assert.equal(outcome.error?.code, "SENDING_CLOSED");
      assert.equal(
        outcome.error.message,
        `Cannot send batch 3: the central refuses it and all later ones (${code}: so it is)`,
      );
      assert.equal(central.dones, 0);
      assert.equal(outcome.bets, 6);
    });
  }

  it("that says busy makes the agency wait and send the same batch again", async () => {
    let busy = 5;
    const central = new FakeCentral({
      fault: (step, sequence) =>
        step === "batch" && sequence === 3 && busy-- > 0 ? "busy" : "none",
    });
    const { outcome, pausesMs, logger } = await withTempDir((dir) =>
      runFake(central, { dataFile: writeBets(dir, sampleBets(20)) }),
    );
    assert.equal(outcome.kind, "success");
    assert.deepEqual(central.stored, linesOf(sampleBets(20)));
    assert.deepEqual(pausesMs, [50, 50, 50, 50, 50]);
    assert.deepEqual(
      logger.of("central_busy").map((event) => event["times"]),
      [1, 2, 4],
    );
    assert.equal(central.dials, 1);
  });

  it("is not believed when its chain head is wrong", async () => {
    const { outcome, central } = await answering((honest, sequence) =>
      sequence === 3 && honest.kind === "accepted"
        ? { kind: "accepted", head: Buffer.alloc(32, 7) }
        : honest,
    );
    assert.equal(outcome.error?.code, "CENTRAL_UNSOUND");
    assert.equal(central.dials, 1);
    assert.equal(central.dones, 0);
  });

  it("is not believed when it skips a batch, or accepts one after a refused one", async () => {
    let once = true;
    const skipped = await answering(
      (honest, sequence) => {
        if (sequence !== 3 || !once) return honest;
        once = false;
        return { kind: "skipped" };
      },
      { windows: [1] },
    );
    assert.equal(skipped.outcome.error?.code, "CENTRAL_UNSOUND");
    const stored = await answering((honest, sequence) =>
      sequence === 3 ? { kind: "rejected", code: "INVALID", reason: "no" } : honest,
    );
    assert.equal(stored.outcome.error?.code, "CENTRAL_UNSOUND");
  });

  for (const code of ["FENCED", "REFUSED"] as const) {
    it(`is final when its code is ${code}`, async () => {
      const central = new FakeCentral();
      central.dialer.dial = () => Promise.reject(new LinkError(code, `it says ${code}`));
      const { outcome, pausesMs } = await withTempDir((dir) =>
        runFake(central, { dataFile: writeBets(dir, sampleBets(2)) }),
      );
      assert.equal(outcome.error?.code, code);
      assert.deepEqual(pausesMs, []);
    });
  }

  it("is not needed when sending itself fails: the agency connects again", async () => {
    const central = new FakeCentral();
    const dial = central.dialer.dial.bind(central.dialer);
    central.dialer.dial = async (context) => {
      const link = await dial(context);
      link.send = () => {
        throw new LinkError("CONNECTION_LOST", "gone");
      };
      if (central.dials > 1) return await dial(context);
      return link;
    };
    const { outcome } = await withTempDir((dir) =>
      runFake(central, { dataFile: writeBets(dir, sampleBets(20)) }),
    );
    assert.equal(outcome.kind, "success");
    assert.deepEqual(central.stored, linesOf(sampleBets(20)));
  });
});
