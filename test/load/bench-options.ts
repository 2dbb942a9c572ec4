import type { BenchOptions } from "../../src/load/options.ts";

/** A short load of three agencies, with the changes of a test. */
export function benchOptions(port: number, options: Partial<BenchOptions> = {}): BenchOptions {
  return {
    host: "127.0.0.1",
    port,
    dialect: "native",
    agencies: [1, 2, 3],
    batchBets: 10,
    window: 1,
    spin: false,
    extent: { kind: "bets", bets: 1000 },
    seed: 1,
    done: false,
    keepConnection: false,
    answerTimeoutMs: 60_000,
    ...options,
  };
}
