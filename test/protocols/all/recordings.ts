import assert from "node:assert/strict";
import type { AgencyId, Bet } from "../../../src/lottery/bet.ts";
import { encodeLines } from "../../../src/lottery/canonical-line.ts";
import { FIRST_HEAD, nextHead } from "../../../src/lottery/chain.ts";
import type { AgencyDialer, OutgoingBatch } from "../../../src/protocols/agency-link.ts";
import { AGENCY_DIALERS } from "../../../src/protocols/dialects.ts";
import { MemoryDesk } from "../memory-desk.ts";
import { type Network, openNetwork, turnUntilSettled } from "./network.ts";

/** What one side of a connection sent, all of it. */
export interface Sent {
  readonly by: "agency" | "central";
  readonly dialect: string;
  readonly bytes: Buffer;
}

const AGENCY = 1 as AgencyId;
const FULL_BETS = 3;
/** Bets, and how many in two of them win: several batches, and hardly one. */
const DRAWS = [
  [7, 1],
  [2, 0],
] as const;
/** What a turn of the loop counts for a central that waits. */
const TURN_MS = 20;

/** Whole draws of one agency between our own two sides, in every dialect and version. */
export async function recordings(): Promise<readonly Sent[]> {
  const sent: Sent[] = [];
  for (const [name, dialer] of AGENCY_DIALERS) {
    const dialect = name.split("/")[0] ?? "";
    for (const [bets, winners] of DRAWS) {
      sent.push(...(await record(dialect, dialer, betsOf(bets, winners))));
    }
  }
  return sent;
}

function betsOf(count: number, winners: number): Bet[] {
  return Array.from({ length: count }, (_, index) => ({
    agency: AGENCY,
    firstName: ["Ñandú", "Ana", "José María"][index % 3] ?? "",
    lastName: "Peña",
    document: `${30_000_000 + index}`,
    birthdate: "1985-01-01",
    number: index % 2 < winners ? 7574 : index,
  }));
}

async function record(
  dialect: string,
  dialer: AgencyDialer,
  bets: readonly Bet[],
): Promise<Sent[]> {
  const network = openNetwork(new MemoryDesk(1));
  try {
    const draw = playDraw(dialer, bets, network);
    await turnUntilSettled(draw, () => network.clock.advance(TURN_MS));
    await draw;
    const sent = network.conversations.flatMap(({ fromAgency, fromCentral }): Sent[] => [
      { by: "agency", dialect, bytes: Buffer.concat(fromAgency) },
      { by: "central", dialect, bytes: Buffer.concat(fromCentral) },
    ]);
    return sent.filter(({ bytes }) => bytes.length > 0);
  } finally {
    await network.close();
  }
}

async function playDraw(
  dialer: AgencyDialer,
  bets: readonly Bet[],
  network: Network,
): Promise<void> {
  const [single, ...others] = bets;
  let head: Uint8Array = FIRST_HEAD;
  let sequence = 0;
  const next = (some: readonly Bet[]): OutgoingBatch => {
    const lines = encodeLines(some);
    sequence++;
    head = nextHead(head, sequence, some.length, lines);
    return { sequence, bets: some, lines };
  };
  if (single !== undefined) {
    const alone = await network.dial(dialer, AGENCY);
    assert.equal((await alone.sendSingle(next([single]))).kind, "accepted");
    await alone.close();
  }
  const link = await network.dial(dialer, AGENCY);
  for (let at = 0; at < others.length; at += FULL_BETS) {
    const answer = await link.send(next(others.slice(at, at + FULL_BETS)));
    assert.equal(answer.kind, "accepted");
  }
  await link.done({ batches: sequence, bets: bets.length, head });
  await link.results();
  await link.close();
}
