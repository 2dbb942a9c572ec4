import type { Clock } from "../../src/clock.ts";
import { Feed } from "../../src/events/feed.ts";
import { logEvents } from "../../src/log/central-log.ts";
import type { ConfirmingLogger } from "../../src/log/logger.ts";

const STANDS_STILL = { nowMs: () => 0 };

/**
 * A feed whose events a logger writes. Nothing happens by itself: lines that only say what was left out
 * are not written.
 */
export function eventsTo(
  logger: ConfirmingLogger,
  clock: Pick<Clock, "nowMs"> = STANDS_STILL,
): Feed {
  const events = new Feed();
  logEvents(events, logger, { nowMs: () => clock.nowMs(), every: () => () => undefined });
  return events;
}
