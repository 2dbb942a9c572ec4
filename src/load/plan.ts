import { BenchError } from "./bench-error.ts";
import type { Driver } from "./drivers/driver.ts";
import { DRIVERS } from "./drivers/drivers.ts";
import type { BenchOptions } from "./options.ts";

/** What the options come to in a dialect. */
export interface Plan {
  readonly driver: Driver;
  readonly connectionPerMessage: boolean;
}

/** @throws BenchError BENCH_INVALID for what the dialect does not allow */
export function planOf(options: BenchOptions): Plan {
  const { dialect, window, done, keepConnection } = options;
  const driver = DRIVERS.get(dialect);
  if (driver === undefined) throw invalid(`no dialect is called ${dialect}`);
  const { windowMax, dialer, connectionPerMessage } = driver;
  if (window > windowMax) {
    throw invalid(`${dialect} allows ${windowMax} unanswered on a connection, not ${window}`);
  }
  if (done && dialer.drawless === true) throw invalid(`${dialect} knows no draw`);
  if (keepConnection && connectionPerMessage === "must") {
    throw invalid(`a central ends a connection of ${dialect} after each batch`);
  }
  return {
    driver,
    connectionPerMessage: connectionPerMessage !== "no" && !keepConnection,
  };
}

/** What one connection of many is to send. The first ones get what does not divide. */
export function betsOf({ extent, agencies }: BenchOptions, index: number): number | "once" {
  switch (extent.kind) {
    case "time":
      return Number.POSITIVE_INFINITY;
    case "files":
      return "once";
    case "bets": {
      const share = Math.floor(extent.bets / agencies.length);
      return share + (index < extent.bets % agencies.length ? 1 : 0);
    }
    default:
      return extent satisfies never;
  }
}

export function invalid(state: string): BenchError {
  return new BenchError("BENCH_INVALID", `Cannot load: ${state}`);
}
