import { setTimeout as delay } from "node:timers/promises";
import type { Random } from "../../src/generate/random.ts";
import { Books } from "../abuse/books.ts";
import type { CentralProcess } from "../abuse/central-process.ts";
import { dialogue, SPOKEN } from "../abuse/dialogue.ts";
import { playNeverReading, rejectedBatches } from "../abuse/never-reading.ts";
import { RawPeer } from "../abuse/raw-peer.ts";
import { playStorm } from "../abuse/storms.ts";

/** Other agencies than those that are counted. */
const FIRST_AGENCY = 1000;
const PAUSE_MS = 1000;
const CUT_CONNECTIONS = 30;
const SLOW_CONNECTIONS = 20;
const IDLE_CONNECTIONS = 50;
const STORM_CONNECTIONS = 100;

/**
 * Abuses a central in one way after the other until told to stop. The same agencies send the same
 * bets every time, so that the central has to store only a limited number of them.
 *
 * @param onRound called after each
 */
export async function abuse(
  central: CentralProcess,
  random: Random,
  signal: AbortSignal,
  onRound: () => void,
): Promise<void> {
  const ways = [cut, endEarly, drip, stayIdle, storm, neverRead, goneWaiting] as const;
  for (let round = 0; !signal.aborted; round++) {
    await ways[round % ways.length]?.(central, random, new Books(FIRST_AGENCY));
    onRound();
    await delay(PAUSE_MS, undefined, { signal }).catch(() => undefined);
  }
}

type Way = (central: CentralProcess, random: Random, books: Books) => Promise<void>;

/** Resets anywhere in a conversation. */
const cut: Way = async (central, random, books) => {
  for (const { peer, bytes } of await begun(central, books, CUT_CONNECTIONS)) {
    await peer.sayThrough(bytes.subarray(0, random.below(bytes.length)));
    peer.reset();
  }
};

/** The client ends its side anywhere in a conversation. */
const endEarly: Way = async (central, random, books) => {
  const peers = await begun(central, books, CUT_CONNECTIONS);
  for (const { peer, bytes } of peers) {
    peer.socket.end(bytes.subarray(0, random.below(bytes.length)));
  }
  for (const { peer } of peers) {
    await peer.untilEnded();
    await peer.closed;
  }
};

/** Sends a byte at a time, until the central ends the connection. */
const drip: Way = async (central, _random, books) => {
  let dripping = (await begun(central, books, SLOW_CONNECTIONS)).map((one) => ({ ...one, at: 0 }));
  while (dripping.length > 0) {
    for (const one of dripping) one.peer.say(one.bytes.subarray(one.at, ++one.at));
    await delay(DRIP_MS);
    for (const { peer } of dripping) if (peer.ended) peer.reset();
    dripping = dripping.filter(({ peer }) => !peer.ended);
  }
};

const DRIP_MS = 50;

/** Sends something once, and then nothing for a while. */
const stayIdle: Way = async (central, random, books) => {
  const peers = await begun(central, books, IDLE_CONNECTIONS);
  for (const { peer, bytes } of peers) peer.say(bytes.subarray(0, bytes.length - 1));
  await delay(random.below(IDLE_MS_MAX));
  for (const { peer } of peers) peer.reset();
};

const IDLE_MS_MAX = 5000;

const storm: Way = (central, random) =>
  playStorm(central, { connections: STORM_CONNECTIONS, random });

const neverRead: Way = async (central, _random, books) => {
  await playNeverReading(central, [rejectedBatches(books)]);
};

/** Asks for its winners and goes: the central notices this by its deadline for silent peers. */
const goneWaiting: Way = async (central, _random, books) => {
  for (const { peer, bytes } of await begun(central, books, SPOKEN.length)) {
    await peer.sayThrough(bytes);
    peer.reset();
  }
};

/** Connections, and a whole conversation for each, in all dialects. */
async function begun(
  { port }: CentralProcess,
  books: Books,
  count: number,
): Promise<{ peer: RawPeer; bytes: Buffer }[]> {
  const all = [];
  for (let index = 0; index < count; index++) {
    const { steps } = dialogue(SPOKEN[index % SPOKEN.length] ?? "native", books);
    const peer = await RawPeer.connect({ port });
    all.push({ peer, bytes: Buffer.concat(steps.map(({ bytes }) => bytes)) });
  }
  return all;
}
