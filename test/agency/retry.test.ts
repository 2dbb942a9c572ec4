import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { AgencyRun } from "../../src/agency/agency-run.ts";
import { busyPauseMs, createBackoff, RETRY_AFTER_MAX_MS } from "../../src/agency/backoff.ts";
import { type Contact, retry } from "../../src/agency/retry.ts";
import type { RetryConfig } from "../../src/config/agency-config.ts";
import { LinkError, type LinkErrorCode } from "../../src/protocols/agency-link.ts";
import { CONFIG } from "./harness.ts";
import { memoryLogger } from "../support/memory-logger.ts";

const RETRY: RetryConfig = { firstDelayMs: 100, delayMaxMs: 1000, giveUpAfterMs: 0 };

describe("the back-off", () => {
  it("doubles its ceiling up to the largest delay", () => {
    const backoff = createBackoff(RETRY, () => 1);
    const pauses = Array.from({ length: 6 }, () => backoff.next());
    assert.deepEqual(pauses, [100, 200, 400, 800, 1000, 1000]);
    backoff.reset();
    assert.equal(backoff.next(), 100);
  });

  it("is anything below its ceiling", () => {
    const randoms = [0, 0.5, 0.25];
    const backoff = createBackoff(RETRY, () => randoms.shift() ?? 0);
    assert.deepEqual([backoff.next(), backoff.next(), backoff.next()], [0, 100, 100]);
  });

  it("is never shorter than a busy central asks, and has an upper bound", () => {
    assert.equal(createBackoff(RETRY, () => 0).next(700), 700);
    assert.equal(
      busyPauseMs(1000, () => 0.5),
      1250,
    );
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 0.999, noNaN: true }), (askedMs, random) => {
        const pauseMs = busyPauseMs(askedMs, () => random);
        assert.ok(pauseMs >= Math.min(askedMs, RETRY_AFTER_MAX_MS));
        assert.ok(pauseMs <= 1.5 * RETRY_AFTER_MAX_MS);
      }),
    );
  });

  it("stays within bounds for ever", () => {
    const backoff = createBackoff({ firstDelayMs: 0, delayMaxMs: 10 }, () => 1);
    for (let attempt = 0; attempt < 3000; attempt++) assert.equal(backoff.next(), 0);
    const other = createBackoff({ firstDelayMs: 1, delayMaxMs: 10 }, () => 1);
    for (let attempt = 0; attempt < 3000; attempt++) assert.ok(other.next() <= 10);
  });
});

/** Attempts fail as scripted, each taking some time; then one succeeds. */
async function scripted(
  config: Partial<RetryConfig>,
  script: readonly {
    code: LinkErrorCode;
    tookMs?: number;
    connected?: boolean;
    progressed?: boolean;
    retryAfterMs?: number;
  }[],
) {
  const logger = memoryLogger();
  const pausesMs: number[] = [];
  const steps = [...script];
  let nowMs = 5000;
  const run: AgencyRun = {
    config: { ...CONFIG, retry: { ...RETRY, ...config } },
    logger,
    signal: new AbortController().signal,
    connect: () => Promise.reject(new Error("not here")),
    random: () => 0.999,
    now: () => nowMs,
    sleep: async (delayMs) => {
      pausesMs.push(Math.round(delayMs));
      nowMs += delayMs;
    },
  };
  const attempt = async (contact: Contact): Promise<string> => {
    const step = steps.shift();
    if (step === undefined) return "through";
    nowMs += step.tookMs ?? 0;
    if (step.connected === true) contact.connected();
    if (step.progressed === true) contact.progressed();
    const { code, retryAfterMs } = step;
    throw new LinkError(code, `it is ${code}`, retryAfterMs === undefined ? {} : { retryAfterMs });
  };
  const result = await retry(run, attempt).catch((error: unknown) => error);
  return { result, pausesMs, logger, stepsLeft: steps.length };
}

const refused = { code: "CONNECT_FAILED" } as const;

describe("trying again", () => {
  it("goes on until there is a central, and logs less often the longer it takes", async () => {
    const { result, pausesMs, logger } = await scripted(
      {},
      Array.from({ length: 20 }, () => refused),
    );
    assert.equal(result, "through");
    assert.deepEqual(pausesMs.slice(0, 4), [100, 200, 400, 799]);
    assert.equal(pausesMs.length, 20);
    assert.deepEqual(
      logger.of("connect").map((event) => event["attempt"]),
      [1, 2, 4, 8, 16],
    );
    assert.deepEqual(logger.of("connect")[1], {
      action: "connect",
      result: "in_progress",
      client_id: "1",
      server_address: "central:12345",
      attempt: 2,
      retry_in_ms: 200,
      error: "it is CONNECT_FAILED",
    });
    assert.equal(logger.events.length, 5);
  });

  it("logs another kind of failure at once, and counts from the start after progress", async () => {
    const lost = { code: "CONNECTION_LOST", connected: true } as const;
    const { logger } = await scripted({}, [
      ...Array.from({ length: 3 }, () => refused),
      { code: "CENTRAL_BUSY" },
      ...Array.from({ length: 3 }, () => lost),
      { ...lost, progressed: true },
      refused,
    ]);
    assert.deepEqual(
      logger.events.map(({ event }) => [event.action, event["attempt"], event["error"]]),
      [
        ["connect", 1, "it is CONNECT_FAILED"],
        ["connect", 2, "it is CONNECT_FAILED"],
        ["connect", 1, "it is CENTRAL_BUSY"],
        ["connection_lost", 1, "it is CONNECTION_LOST"],
        ["connection_lost", 2, "it is CONNECTION_LOST"],
        ["connection_lost", 1, "it is CONNECTION_LOST"],
        ["connect", 1, "it is CONNECT_FAILED"],
      ],
    );
  });

  it("comes soon after progress, and later and later without progress", async () => {
    const lost = { code: "CONNECTION_LOST", connected: true } as const;
    const { pausesMs, logger } = await scripted({}, [
      lost,
      lost,
      { ...lost, progressed: true },
      refused,
    ]);
    assert.deepEqual(pausesMs, [100, 200, 100, 200]);
    assert.equal(logger.of("connection_lost").length, 3);
    assert.equal(logger.of("connect").length, 1);
  });

  it("waits as long as a busy central asks", async () => {
    const busy = { code: "CENTRAL_BUSY", retryAfterMs: 4000 } as const;
    const { pausesMs } = await scripted({}, [busy]);
    assert.deepEqual(pausesMs, [5998]);
  });

  for (const code of ["FENCED", "REFUSED", "CENTRAL_UNSOUND"] as const) {
    it(`does not happen after ${code}`, async () => {
      const { result, pausesMs } = await scripted({}, [{ code }]);
      assert.ok(result instanceof LinkError && result.code === code);
      assert.deepEqual(pausesMs, []);
    });
  }

  it("ends when there was no central for too long, with a last attempt at the limit", async () => {
    const slow = { ...refused, tookMs: 50 };
    const { result, pausesMs, stepsLeft } = await scripted(
      { giveUpAfterMs: 500 },
      Array.from({ length: 9 }, () => slow),
    );
    assert.ok(result instanceof Error && "code" in result && result.code === "GAVE_UP");
    assert.equal(result.message, "Gave up after 500 ms without a central: it is CONNECT_FAILED");
    // 50 + 100 + 50 + 200 + 50 = 450, so 50 are left for the third pause.
    assert.deepEqual(pausesMs, [100, 200, 50]);
    assert.equal(stepsLeft, 5);
  });

  it("counts the time without a central from the moment when the last one was lost", async () => {
    const { result } = await scripted({ giveUpAfterMs: 500 }, [
      { ...refused, tookMs: 300 },
      { code: "CONNECTION_LOST", connected: true, tookMs: 100_000 },
      { ...refused, tookMs: 300 },
    ]);
    assert.equal(result, "through");
  });
});
