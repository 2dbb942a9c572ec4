import { DEFAULT_LIMITS } from "../limits.ts";
import type { AgencyLink } from "../protocols/agency-link.ts";
import type { BetRun } from "./agency-run.ts";
import { type Contact, retry } from "./retry.ts";

/**
 * Dials the central and calls `use` with the link, again and again with a new link, until `use` succeeds or
 * fails for good. In any case the link is closed after `use`, with a log line.
 */
export function withLink<T>(
  run: BetRun,
  use: (link: AgencyLink, contact: Contact) => Promise<T>,
): Promise<T> {
  const { config, logger } = run;
  const who = { client_id: config.id, server_address: config.serverAddress };
  return retry(run, async (contact) => {
    const link = await run.dialer.dial({
      agency: run.agency,
      draw: config.draw,
      connect: run.connect,
      answerTimeoutMs: config.answerTimeoutMs,
      // Raising batch.maxBytes means that the central's frame limit is higher, in both directions.
      frameBytesMax: Math.max(DEFAULT_LIMITS.frameBytesMax, config.batchBytesMax),
      signal: run.signal,
    });
    contact.connected();
    logger.log("info", { action: "connect", result: "success", ...who });
    try {
      return await use(link, contact);
    } finally {
      await link.close();
      logger.log("info", { action: "close_connection", result: "success", ...who });
    }
  });
}
