import { DEFAULT_LIMITS } from "../limits.ts";
import type { AgencyId } from "../lottery/bet.ts";
import { channelBindingOf } from "../identity/channel-binding.ts";
import { type AgencyLink, type DialContext, LinkError } from "../protocols/agency-link.ts";
import type { BetRun } from "./agency-run.ts";
import { type Contact, retry } from "./retry.ts";

/** Answers a challenge, for the agency and the draw that the greeting names. */
function proverOf(
  prove: NonNullable<BetRun["prove"]>,
  agency: AgencyId,
  draw: string,
): NonNullable<DialContext["prove"]> {
  return (challenge, connection) => {
    const channelBinding = channelBindingOf(connection);
    if (channelBinding !== undefined) return prove({ challenge, channelBinding, agency, draw });
    throw new LinkError(
      "REFUSED",
      "Cannot go on with the central: it asks for a token, and a token is used only over TLS",
    );
  };
}

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
      ...(run.prove === undefined ? {} : { prove: proverOf(run.prove, run.agency, draw) }),
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
