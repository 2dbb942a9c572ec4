import type { AgencyOutcome } from "../../src/agency/agency-run.ts";
import { runAgency } from "../../src/agency/run.ts";
import { type Central, startCentral } from "../../src/central/central.ts";
import { type Clock, systemClock } from "../../src/clock.ts";
import type { AgencyConfig } from "../../src/config/agency-config.ts";
import type { Logger } from "../../src/log/logger.ts";
import { AGENCY_DIALERS, DIALECTS } from "../../src/protocols/dialects.ts";
import { CONFIG } from "./harness.ts";
import { testLimits } from "../central/fixture.ts";
import { type MemoryStore, memoryStore } from "../stores/memory-store.ts";
import { eventsTo } from "../support/events-to.ts";
import { type MemoryLogger, memoryLogger } from "../support/memory-logger.ts";

export interface RealCentral {
  readonly central: Central;
  readonly store: MemoryStore;
  readonly logger: MemoryLogger;
}

/** A central on TCP that speaks every dialect, with a store in memory. The caller stops it. */
export async function startRealCentral({
  agencies,
  clock = systemClock,
}: {
  readonly agencies: number;
  readonly clock?: Clock;
}): Promise<RealCentral> {
  const store = memoryStore({ agencies });
  const logger = memoryLogger();
  const central = await startCentral({
    config: {
      bindAddress: "127.0.0.1",
      port: 0,
      listenBacklog: 16,
      drawMarginMs: 0,
      limits: testLimits,
    },
    store,
    dialects: DIALECTS,
    events: eventsTo(logger, clock),
    clock,
  });
  return { central, store, logger };
}

export interface RealRun {
  readonly outcome: AgencyOutcome;
  readonly logger: MemoryLogger;
}

/**
 * Runs agency 1 to its end over TCP; attempts that fail are repeated at once.
 *
 * @param untilWaiting the agency is stopped when it begins to wait for the draw
 */
export async function runReal(
  { central }: RealCentral,
  config: Partial<AgencyConfig> & Pick<AgencyConfig, "dialect">,
  { untilWaiting = false } = {},
): Promise<RealRun> {
  const logger = memoryLogger();
  const stop = new AbortController();
  const stopping: Logger = {
    enabled: () => true,
    log(level, event) {
      logger.log(level, event);
      if (untilWaiting && event.action === "await_draw") setImmediate(() => stop.abort());
    },
  };
  const outcome = await runAgency({
    config: { ...CONFIG, host: "127.0.0.1", port: central.address.port, ...config },
    dialer: AGENCY_DIALERS.get(config.dialect),
    logger: stopping,
    signal: stop.signal,
    sleep: () => new Promise((resolve) => void setImmediate(resolve)),
  });
  return { outcome, logger };
}
