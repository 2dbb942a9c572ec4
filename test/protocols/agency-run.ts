import assert from "node:assert/strict";
import type { Bet } from "../../src/lottery/bet.ts";
import { FIRST_HEAD, nextHead } from "../../src/lottery/chain.ts";
import type {
  AgencyDialer,
  AgencyLink,
  LinkResults,
  OutgoingBatch,
} from "../../src/protocols/agency-link.ts";
import type { Network } from "./network.ts";
import { inBatches } from "./plain-bets.ts";

export interface Run {
  readonly sent: readonly Bet[];
  readonly dialer: AgencyDialer;
  readonly network: Network;
  readonly agency?: number;
  /** Bets in a batch. */
  readonly size?: number;
}

/** A whole run of an agency, from the first bet that the central has not. @returns its winners */
export async function run({
  sent,
  network,
  dialer,
  agency = 1,
  size = 3,
}: Run): Promise<readonly string[] | undefined> {
  const link = await network.dial(dialer, agency);
  try {
    return (await sendFile(link, inBatches(sent, size)))?.winners;
  } finally {
    await link.close();
  }
}

/**
 * Sends batches with as many on their way as the link takes, says that this is all, and waits for the draw.
 *
 * @param sent batches that were sent before, for links that do not know
 */
export async function sendFile(
  link: AgencyLink,
  batches: readonly OutgoingBatch[],
  sent = 0,
): Promise<LinkResults | undefined> {
  const stored = (link.standing?.nextSequence ?? sent + 1) - 1;
  let head = link.standing?.head ?? FIRST_HEAD;
  const waiting: Promise<void>[] = [];
  for (const batch of batches.slice(stored)) {
    head = nextHead(head, batch.sequence, batch.bets.length, batch.lines);
    waiting.push(sendGood(link, batch, head));
    if (waiting.length === link.window) await Promise.all(waiting.splice(0));
  }
  await Promise.all(waiting);
  const bets = batches.reduce((sum, each) => sum + each.bets.length, 0);
  await link.done({ batches: batches.length, bets, head });
  return link.results();
}

/** @param head where the dialect carries one, that after this batch */
async function sendGood(link: AgencyLink, batch: OutgoingBatch, head: Uint8Array): Promise<void> {
  const answer = await link.send(batch);
  assert.equal(answer.kind, "accepted");
  if (answer.kind === "accepted" && answer.head !== undefined) assert.deepEqual(answer.head, head);
}
