import { type Clock, systemClock } from "../clock.ts";
import type { CentralEvent, CentralEventKind } from "../events/central-event.ts";
import type { Feed } from "../events/feed.ts";
import { linesOf } from "./central-lines.ts";
import type { ConfirmingLogger } from "./logger.ts";
import { PeerLog } from "./peer-log.ts";

/** How often lines are written that only say what was left out. */
const SWEEP_MS = 1000;

const STORED: ReadonlySet<CentralEventKind> = new Set(["batch-stored"]);
const NOTHING: ReadonlySet<CentralEventKind> = new Set();

/** The log of a central, as long as it takes events. */
export interface CentralLog {
  /** Takes no more events. Idempotent. */
  close(): void;
}

/**
 * Writes a line for every event of a central: docs/logs.md lists them all. Lines that a peer causes for
 * a few bytes have an allowance, {@link PeerLog}.
 */
export function logEvents(
  events: Feed,
  logger: ConfirmingLogger,
  clock: Pick<Clock, "nowMs" | "every"> = systemClock,
): CentralLog {
  const peers = new PeerLog(logger, clock);
  const take = (event: CentralEvent): void => {
    // The store's line comes after all lines of sessions.
    if (event.kind === "store-closed" || event.kind === "store-close-failed") peers.close();
    for (const { level, line, by } of linesOf(event)) {
      if (by === undefined) logger.log(level, line);
      else peers.log(by, level, line);
    }
  };
  const unsubscribe = events.subscribe({
    take,
    written: () => logger.written(),
    // The only event that comes for each batch of an honest agency.
    ignores: logger.enabled("info") ? NOTHING : STORED,
  });
  const stopSweep = clock.every(SWEEP_MS, () => peers.sweep());
  return {
    close() {
      unsubscribe();
      stopSweep();
      peers.close();
    },
  };
}
