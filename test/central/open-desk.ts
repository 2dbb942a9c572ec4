import { DrawDesk } from "../../src/central/draw-desk.ts";
import type { Bet } from "../../src/lottery/bet.ts";
import { encodeLines } from "../../src/lottery/canonical-line.ts";
import type { BatchVerdict } from "../../src/protocols/counter.ts";
import { type MemoryStore, memoryStore, type MemoryStoreOptions } from "../stores/memory-store.ts";
import { eventsTo } from "../support/events-to.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { writtenLines, type MemoryLogger, memoryLogger } from "../support/memory-logger.ts";
import { counterAt } from "./counter-at.ts";

export interface OpenDesk {
  readonly store: MemoryStore;
  readonly logger: MemoryLogger;
  readonly clock: FakeClock;
  readonly desk: DrawDesk;
  readonly faults: readonly unknown[];
  /** Submits a batch of agency 1, unless another is given. */
  readonly submit: (
    sequence: number,
    bets: readonly Bet[],
    options?: { readonly agency?: number; readonly single?: boolean; readonly count?: number },
  ) => Promise<BatchVerdict>;
  /** The log so far, without its times. */
  readonly lines: () => string[];
}

/** The desk of a draw over a store in memory, in time that stands still. */
export function openDesk(
  options: MemoryStoreOptions = {},
  clock: FakeClock = new FakeClock(),
): OpenDesk {
  const store = memoryStore(options);
  const logger = memoryLogger();
  const faults: unknown[] = [];
  const desk = new DrawDesk({
    store,
    events: eventsTo(logger),
    clock,
    onFault: (error) => faults.push(error),
  });
  const submit: OpenDesk["submit"] = (
    sequence,
    bets,
    { agency = 1, single = false, count = bets.length } = {},
  ) =>
    new Promise((resolve) => {
      const lines = encodeLines(bets);
      counterAt(desk, agency).submit({ sequence, count, lines, single }, resolve);
      // When submit returns, the sender may use the bytes again.
      lines.fill(0);
    });
  return { store, logger, clock, desk, faults, submit, lines: () => writtenLines(logger) };
}
