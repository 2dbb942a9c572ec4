import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { describe, it } from "node:test";
import type { AgencyOutcome } from "../../src/agency/agency-run.ts";
import { runAgency } from "../../src/agency/run.ts";
import type { LogEvent, Logger } from "../../src/log/logger.ts";
import { AGENCY_DIALERS } from "../../src/protocols/dialects.ts";
import { sampleBet, TODAY } from "./fake-central.ts";
import { CONFIG, withTempDir, writeBets } from "./harness.ts";

// With real sockets and real timers, all set to an hour: an agency that does not end at once does
// not end before the test times out.
const HOUR_MS = 3_600_000;
const bets = Array.from({ length: 9 }, (_, index) => sampleBet(index, { lastName: "Paz" }));

/** Runs an agency against a server, and stops it when the test says so. */
async function stoppedRun(
  dialect: string,
  play: (parts: { readonly server: Server; readonly stop: () => void }) => void,
  onLog: (event: LogEvent, stop: () => void) => void = () => undefined,
): Promise<AgencyOutcome> {
  return withTempDir(async (dir) => {
    const controller = new AbortController();
    const stop = (): void => controller.abort();
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    assert.ok(typeof address === "object" && address !== null);
    const sockets = new Set<Socket>();
    server.on("connection", (socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
    });
    play({ server, stop });
    const logger: Logger = { enabled: () => true, log: (_level, event) => onLog(event, stop) };
    try {
      return await runAgency({
        config: {
          ...CONFIG,
          host: "127.0.0.1",
          port: address.port,
          dataFile: writeBets(dir, bets),
          retry: { firstDelayMs: HOUR_MS, delayMaxMs: HOUR_MS, giveUpAfterMs: 0 },
          answerTimeoutMs: HOUR_MS,
        },
        dialer: AGENCY_DIALERS.get(dialect),
        logger,
        signal: controller.signal,
        today: () => TODAY,
      });
    } finally {
      for (const socket of sockets) socket.destroy();
      if (server.listening) server.close();
    }
  });
}

function assertStopped({ kind, error }: AgencyOutcome): void {
  assert.deepEqual([kind, error], ["stopped", undefined]);
}

describe("an agency that is stopped ends at once", () => {
  for (const dialect of AGENCY_DIALERS.keys()) {
    it(`while it awaits a first answer in ${dialect}`, async () => {
      const outcome = await stoppedRun(dialect, ({ server, stop }) => {
        server.on("connection", (socket) => socket.once("data", stop));
      });
      assertStopped(outcome);
    });
  }

  it("while it connects", async () => {
    const outcome = await stoppedRun("native", ({ stop }) => process.nextTick(stop));
    assertStopped(outcome);
  });

  it("while it pauses before it connects again", async () => {
    const outcome = await stoppedRun(
      "native",
      ({ server }) => void server.close(),
      ({ action, result }, stop) => {
        // It pauses right after it has said so.
        if (action === "connect" && result === "in_progress") setImmediate(stop);
      },
    );
    assertStopped(outcome);
  });
});
