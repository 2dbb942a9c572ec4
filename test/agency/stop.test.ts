import assert from "node:assert/strict";
import { readdirSync, readlinkSync } from "node:fs";
import { describe, it } from "node:test";
import type { Missing } from "../../src/agency/agency-run.ts";
import type { RunAgencyOptions } from "../../src/agency/run.ts";
import type { AgencyConfig } from "../../src/config/agency-config.ts";
import { FakeCentral, type FakeCentralOptions, sampleBet } from "./fake-central.ts";
import { runFake, withTempDir, writeBets } from "./harness.ts";

const bets = Array.from({ length: 20 }, (_, index) => sampleBet(index));

/** Files below `dir` that this process has open, if the system shows them. */
function openFiles(dir: string): string[] {
  try {
    return readdirSync("/proc/self/fd").flatMap((fd) => {
      try {
        const path = readlinkSync(`/proc/self/fd/${fd}`);
        return path.startsWith(dir) ? [path] : [];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}

async function stopped(
  when: (stop: () => void) => {
    central?: FakeCentralOptions;
    config?: Partial<AgencyConfig>;
    overrides?: Partial<RunAgencyOptions>;
    /** What it says is missing [everything]. */
    missing?: readonly Missing[];
  },
  check: (central: FakeCentral) => void = () => undefined,
) {
  await withTempDir(async (dir) => {
    const controller = new AbortController();
    const plan = when(() => controller.abort());
    const central = new FakeCentral(plan.central);
    // The draw never comes: only a stop ends the waiting.
    central.drawn = new Promise(() => undefined);
    const { outcome, logger } = await runFake(
      central,
      { dataFile: writeBets(dir, bets), ...plan.config },
      { signal: controller.signal, ...plan.overrides },
    );
    assert.equal(outcome.kind, "stopped");
    assert.equal(outcome.error, undefined);
    assert.deepEqual(outcome.missing, plan.missing ?? ALL);
    // A batch on its way may have been stored: only the central knows.
    assert.ok(outcome.bets <= central.stored.length);
    assert.equal(central.openLinks, 0);
    assert.deepEqual(openFiles(dir), []);
    const count = (action: string): number =>
      logger.of(action).filter(({ result }) => result === "success").length;
    assert.equal(count("close_connection"), count("connect"), "every connection is told closed");
    check(central);
  });
}

const ALL: readonly Missing[] = ["bets", "done", "winners"];

describe("an agency that is stopped leaves nothing open", () => {
  it("before it begins", () =>
    stopped(
      (stop) => {
        stop();
        return {};
      },
      (central) => assert.deepEqual(central.stored, []),
    ));

  it("while it pauses before another attempt", () =>
    stopped((stop) => ({
      central: { fault: () => "lost-before" },
      overrides: {
        sleep: (_delayMs, signal) => {
          stop();
          return Promise.reject(signal.reason);
        },
      },
    })));

  it("while it dials", () =>
    stopped((stop) => ({
      central: {
        fault: (step) => {
          if (step === "dial") stop();
          return "none";
        },
      },
    })));

  for (const sequence of [1, 4, 7]) {
    it(`while batch ${sequence} is on its way`, () =>
      stopped(
        (stop) => ({
          central: {
            fault: (step, at) => {
              if (step === "batch" && at === sequence) stop();
              return "none";
            },
          },
        }),
        (central) => assert.equal(central.dones, 0),
      ));
  }

  it("while a busy central is waited for", () =>
    stopped((stop) => ({
      central: { fault: (step, at) => (step === "batch" && at === 2 ? "busy" : "none") },
      overrides: {
        sleep: (_delayMs, signal) => {
          stop();
          return Promise.reject(signal.reason);
        },
      },
    })));

  it("while it says that it is done", () =>
    stopped((stop) => ({
      central: {
        fault: (step) => {
          if (step === "done") stop();
          return "none";
        },
      },
      missing: ["done", "winners"],
    })));

  it("while it waits for the draw", () =>
    stopped(
      (stop) => ({
        overrides: {
          onProgress: ({ phase }) => {
            if (phase === "awaiting-draw") setImmediate(stop);
          },
        },
        missing: ["winners"],
      }),
      (central) => assert.equal(central.dones, 1),
    ));

  it("while it compares its file with what it was done with", async () => {
    await withTempDir(async (dir) => {
      const dataFile = writeBets(dir, bets);
      const central = new FakeCentral();
      await runFake(central, { dataFile });
      const controller = new AbortController();
      const { outcome } = await runFake(
        central,
        { dataFile },
        {
          signal: controller.signal,
          onProgress: ({ phase }) => {
            if (phase === "comparing") controller.abort();
          },
        },
      );
      assert.equal(outcome.kind, "stopped");
      assert.deepEqual(outcome.missing, ["bets", "winners"]);
      assert.equal(central.openLinks, 0);
      assert.deepEqual(openFiles(dir), []);
    });
  });

  it("with a single bet on its way", () =>
    stopped((stop) => ({
      config: { mode: "bet", bet: sampleBet(1) },
      missing: ["bet"],
      central: {
        fault: (step) => {
          if (step === "batch") stop();
          return "none";
        },
      },
    })));
});
