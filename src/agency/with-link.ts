import type { AgencyLink } from "../protocols/agency-link.ts";
import type { BetRun } from "./agency-run.ts";
import { type Contact, retry } from "./retry.ts";

/** Largest frame on the wire, either way, all its bytes counted (the course's 8 kB). */
const FRAME_BYTES_MAX = 8192;

/**
 * Dials the central and hands the link to `use`, again and again with a fresh link, until `use`
 * succeeds or fails for good. The link is closed, with a log line, however `use` ends.
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
      // A raised limit for batches stands for the central's frame limit, which is one for both directions.
      frameBytesMax: Math.max(FRAME_BYTES_MAX, config.batchBytesMax),
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
