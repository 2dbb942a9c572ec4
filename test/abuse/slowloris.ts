import assert from "node:assert/strict";
import type { Books } from "./books.ts";
import type { CentralProcess } from "./central-process.ts";
import { dialogue, SPOKEN } from "./dialogue.ts";
import { openGoodAgency } from "./good-agency.ts";
import { inParallel } from "./in-parallel.ts";
import { playSteps } from "./play-dialogue.ts";
import { RawPeer } from "./raw-peer.ts";
import { until } from "./until.ts";

interface Dripping {
  readonly peer: RawPeer;
  /** A message that is never sent to its end. */
  readonly bytes: Buffer;
  at: number;
}

/** Bets of a message: enough that dripping it takes longer than any deadline. */
const BATCH_BETS = [100, 99] as const;
const CONNECT_AT_ONCE = 100;

/**
 * Connections send a byte at a time. Half of them do so with their first message, the others with a
 * later one. A good agency is served between any two of their bytes.
 *
 * @returns batches of the good agency that were confirmed meanwhile
 */
export async function playSlowloris(
  central: CentralProcess,
  books: Books,
  { connections }: { readonly connections: number },
): Promise<number> {
  const late = (): number =>
    central.cutSessions("no first message") + central.cutSessions("message not complete");
  const lateBefore = late();
  const good = await openGoodAgency(central.port, books);
  await good.send();
  const dripping: Dripping[] = [];
  let connecting = true;
  const connected = inParallel(Array(connections).keys(), CONNECT_AT_ONCE, async (index) => {
    dripping.push(await drip(central.port, books, index));
  }).finally(() => {
    connecting = false;
  });

  let served = 0;
  for (;;) {
    const alive = dripping.filter(({ peer }) => !peer.ended);
    if (alive.length === 0 && !connecting) break;
    for (const one of alive) {
      // Its last byte is never sent.
      if (one.at < one.bytes.length - 1) one.peer.say(one.bytes.subarray(one.at, ++one.at));
    }
    await good.send();
    if (alive.length > 0) served++;
  }
  await connected;
  await good.close();
  for (const { peer } of dripping) peer.reset();
  const describe = (): string => `It logged ${late() - lateBefore}`;
  await until("a line for each of them", () => late() - lateBefore >= connections, describe);
  assert.equal(late() - lateBefore, connections);
  return served;
}

async function drip(port: number, books: Books, index: number): Promise<Dripping> {
  const dialect = SPOKEN[index % SPOKEN.length] ?? "native";
  const spoken = dialogue(dialect, books, BATCH_BETS);
  const peer = await RawPeer.connect({ port });
  const greeted = index % (2 * SPOKEN.length) >= SPOKEN.length;
  const begun = greeted ? spoken.steps.findIndex(({ answered }) => answered === "at once") + 1 : 0;
  await playSteps(peer, spoken, begun);
  // Together with the bytes before it that get no answer of their own, such as the preface.
  const batch = spoken.steps.findIndex((step, at) => at >= begun && step.batch !== undefined);
  const bytes = spoken.steps.slice(begun, batch + 1).map((step) => step.bytes);
  return { peer, bytes: Buffer.concat(bytes), at: 0 };
}
