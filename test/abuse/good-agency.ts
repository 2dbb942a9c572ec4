import assert from "node:assert/strict";
import { connectTo } from "../../src/agency/connect.ts";
import type { AgencyLink } from "../../src/protocols/agency-link.ts";
import { AGENCY_DIALERS } from "../../src/protocols/dialects.ts";
import type { Books } from "./books.ts";

/** A watchdog: no test waits this long for a central that works. */
const TIMEOUT_MS = 60_000;
const FRAME_BYTES_MAX = 8192;

export interface GoodAgency {
  /** Sends a batch and has it confirmed. */
  send(bets?: number): Promise<void>;
  close(): Promise<void>;
}

/** A well-behaved agency: our own code, over TCP. */
export async function openGoodAgency(
  port: number,
  books: Books,
  dialect = "native",
): Promise<GoodAgency> {
  const agency = books.newAgency();
  const dialer = AGENCY_DIALERS.get(dialect);
  if (dialer === undefined) throw new RangeError(`Nobody speaks ${dialect}`);
  const link: AgencyLink = await dialer.dial({
    agency,
    draw: "",
    connect: connectTo({ host: "127.0.0.1", port, timeoutMs: TIMEOUT_MS }),
    answerTimeoutMs: TIMEOUT_MS,
    frameBytesMax: FRAME_BYTES_MAX,
    signal: new AbortController().signal,
  });
  return {
    async send(bets = 10) {
      const batch = books.batch(agency, bets);
      const answer = await link.send(batch);
      assert.equal(answer.kind, "accepted", dialect);
      batch.acknowledged = true;
    },
    close: () => link.close(),
  };
}

/** Checks that the central serves a normal agency in every dialect. */
export async function serveGoodAgencies(
  port: number,
  books: Books,
  dialects: readonly string[],
): Promise<void> {
  for (const dialect of dialects) {
    const agency = await openGoodAgency(port, books, dialect);
    await agency.send(10);
    await agency.send(7);
    await agency.close();
  }
}
