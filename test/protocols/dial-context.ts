import type { AgencyId } from "../../src/lottery/bet.ts";
import type { Connect, DialContext } from "../../src/protocols/agency-link.ts";

export function dialContext(
  connect: Connect,
  agency = 1,
  signal: AbortSignal = new AbortController().signal,
): DialContext {
  return {
    agency: agency as AgencyId,
    draw: "",
    connect,
    answerTimeoutMs: 60_000,
    frameBytesMax: 8192,
    signal,
  };
}

/** What a link is told when everything is sent; the dialects of the course carry none of it. */
export const CLAIM = { batches: 0, bets: 0, head: Buffer.alloc(32) };
