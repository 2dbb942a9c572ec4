import type { Books } from "./books.ts";
import type { CentralProcess } from "./central-process.ts";
import { dialogue, dialogueOf, SPOKEN } from "./dialogue.ts";
import { inParallel } from "./in-parallel.ts";
import { playSteps } from "./play-dialogue.ts";
import { readMemory } from "./process-readings.ts";
import { RawPeer } from "./raw-peer.ts";

export interface Crowd {
  /** Connections that sent something once, and are silent since then. */
  readonly idle: number;
  /** Connections that send batch after batch, one outstanding each. */
  readonly busy: number;
  readonly batches: number;
  readonly batchBets: number;
}

export interface CrowdMemory {
  readonly beforeBytes: number;
  readonly idleBytes: number;
  readonly busyBytes: number;
  readonly afterBytes: number;
  readonly peakBytes: number;
}

const CONNECT_AT_ONCE = 100;

/** Opens many silent connections and some busy ones; then all of them end. */
export async function playCrowd(
  central: CentralProcess,
  books: Books,
  { idle, busy, batches, batchBets }: Crowd,
): Promise<CrowdMemory> {
  const { port, pid } = central;
  const rss = (): number => readMemory(pid).rssBytes;
  const beforeBytes = rss();
  const silent: RawPeer[] = [];
  await inParallel(Array(idle).keys(), CONNECT_AT_ONCE, async (index) => {
    const spoken = dialogue(SPOKEN[index % SPOKEN.length] ?? "native", books, [1]);
    const peer = await RawPeer.connect({ port });
    const first = spoken.steps.findIndex(({ answered }) => answered === "at once");
    await playSteps(peer, spoken, first + 1);
    silent.push(peer);
  });
  await central.untilConnections(idle);
  const idleBytes = rss();
  await inParallel(Array(busy).keys(), busy, async (index) => {
    const dialect = SPOKEN[index % SPOKEN.length] ?? "native";
    const agency = books.newAgency();
    const peer = await RawPeer.connect({ port });
    const sent = Array.from({ length: batches }, () => books.batch(agency, batchBets));
    const spoken = dialogueOf(dialect, books, agency, sent);
    const last = spoken.steps.findLastIndex(({ batch }) => batch !== undefined);
    await playSteps(peer, spoken, last + 1);
    peer.reset();
  });
  await central.untilConnections(idle);
  const busyBytes = rss();
  for (const peer of silent) peer.reset();
  await central.untilConnections(0);
  const { rssBytes: afterBytes, rssPeakBytes: peakBytes } = readMemory(pid);
  return { beforeBytes, idleBytes, busyBytes, afterBytes, peakBytes };
}
