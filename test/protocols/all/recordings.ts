import assert from "node:assert/strict";
import type { Bet } from "../../../src/lottery/bet.ts";
import { DIALECTS } from "../../../src/protocols/dialects.ts";
import { sendFile } from "../agency-run.ts";
import { MemoryDesk } from "../memory-desk.ts";
import { Network } from "../network.ts";
import { AGENCY, inBatches, outgoing } from "../plain-bets.ts";
import { sharedPort } from "./shared-port.ts";
import { type SpokenVersion, VERSIONS } from "./spoken.ts";

/** What one side of a connection sent, all of it. */
export interface Sent {
  readonly by: "agency" | "central";
  readonly dialect: string;
  readonly bytes: Buffer;
}

const FULL_BETS = 3;
/** Bets, and how many in two of them win: several batches, and hardly one. */
const DRAWS = [
  [7, 1],
  [2, 0],
] as const;
/** Whole draws of one agency between our own two sides, in every dialect and version. */
export async function recordings(): Promise<readonly Sent[]> {
  const sent: Sent[] = [];
  for (const spokenVersion of VERSIONS) {
    for (const [bets, winners] of DRAWS) {
      sent.push(...(await record(spokenVersion, betsOf(bets, winners))));
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
  { createDialer, spoken: { name: dialect } }: SpokenVersion,
  [single, ...others]: readonly Bet[],
): Promise<Sent[]> {
  const network = new Network(sharedPort(DIALECTS), new MemoryDesk(1));
  const dial = () => network.play(network.dial(createDialer(network.timer), AGENCY));
  try {
    const alone = await dial();
    const batch = outgoing([single ?? assert.fail()]);
    assert.equal((await network.play(alone.sendSingle(batch))).kind, "accepted");
    await network.play(alone.close());
    const link = await dial();
    // Where batches have numbers, the link knows that the first one is stored.
    await network.play(sendFile(link, [batch, ...inBatches(others, FULL_BETS, 2)], 1));
    await network.play(link.close());
    const sent = network.conversations.flatMap(({ fromAgency, fromCentral }): Sent[] => [
      { by: "agency", dialect, bytes: Buffer.concat(fromAgency) },
      { by: "central", dialect, bytes: Buffer.concat(fromCentral) },
    ]);
    return sent.filter(({ bytes }) => bytes.length > 0);
  } finally {
    await network.close();
  }
}
