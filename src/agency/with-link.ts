import { DEFAULT_LIMITS } from "../limits.ts";
import type { AgencyLink } from "../protocols/agency-link.ts";
import type { BetRun } from "./agency-run.ts";
import { type Contact, retry } from "./retry.ts";

/**
 * Dials the central and calls `use` with the link, again and again with a new link, until `use` succeeds or
 * fails for good. In any case the link is closed after `use`, with a log line.
 *
 * A run stays with one draw. If none is configured, it is the one that the central means at the first
 * greeting: when the central means another one later, the bets must not go there.
 */
export function withLink<T>(
  run: BetRun,
  use: (link: AgencyLink, contact: Contact) => Promise<T>,
): Promise<T> {
  const { config, logger } = run;
  const who = { client_id: config.id, server_address: config.serverAddress };
  let { draw } = config;
  return retry(run, async (contact) => {
    const link = await run.dialer.dial({
      agency: run.agency,
      draw,
      connect: run.connect,
      answerTimeoutMs: config.answerTimeoutMs,
      // Raising batch.maxBytes means that the central's frame limit is higher, in both directions.
      frameBytesMax: Math.max(DEFAULT_LIMITS.frameBytesMax, config.batchBytesMax),
      signal: run.signal,
    });
    contact.connected();
    draw = link.draw?.name ?? draw;
    logger.log("info", { action: "connect", result: "success", ...who });
    try {
      return await use(link, contact);
    } finally {
      await link.close();
      logger.log("info", { action: "close_connection", result: "success", ...who });
    }
  });
}
