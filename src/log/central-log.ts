import { type Clock, systemClock } from "../clock.ts";
import type { CentralEvent, CentralEventKind } from "../events/central-event.ts";
import type { Feed } from "../events/feed.ts";
import { linesOf } from "./central-lines.ts";
import type { ConfirmingLogger } from "./logger.ts";
import { PeerLog, SWEEP_MS } from "./peer-log.ts";

const STORED: ReadonlySet<CentralEventKind> = new Set(["batch-stored"]);
const NOTHING: ReadonlySet<CentralEventKind> = new Set();

/** The log of a central, as long as it takes events. */
export interface CentralLog {
  /**
   * Takes no more events, after what was left out is written. To be called when the central has stopped: a
   * draw that is performed later counts as not logged. Idempotent.
   */
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
  /** The line of the draw could not be made. */
  let drawLost = false;
  const take = (event: CentralEvent): void => {
    for (const { level, line, by } of linesOf(event)) {
      if (by === undefined) logger.log(level, line);
      else peers.log(by, level, line);
    }
    if (event.kind === "sessions-closed") peers.close();
  };
  const unsubscribe = events.subscribe({
    take(event) {
      try {
        take(event);
      } catch (error) {
        // A detail that cannot be written must not cost the central its log.
        if (event.kind === "drawn") drawLost = true;
        const text = error instanceof Error ? error.message : typeof error;
        logger.log("error", { action: "log", result: "fail", event: event.kind, error: text });
      }
    },
    written: async () => !drawLost && (await logger.written()),
    // The only event that comes for each batch of an honest agency.
    get ignores() {
      return logger.enabled("info") ? NOTHING : STORED;
    },
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
