import type { Books } from "./books.ts";
import type { CentralProcess } from "./central-process.ts";
import { dialogue, SPOKEN } from "./dialogue.ts";
import { serveGoodAgencies } from "./good-agency.ts";
import { playSteps } from "./play-dialogue.ts";
import { RawPeer } from "./raw-peer.ts";

/**
 * Ways in which a client can go, as its system shows them to the other side. A client that closes
 * in order looks like one that only ends its sending side, until keep-alive notices it a minute or
 * two later.
 */
const WAYS: Readonly<Record<string, (peer: RawPeer) => void>> = {
  reset: (peer) => peer.reset(),
  "more words, then a reset": (peer) => {
    peer.say(Buffer.from("more"));
    peer.reset();
  },
};

/** When it goes: together with its question, or while it waits. */
const MOMENTS = ["at once", "later"] as const;

/**
 * Clients wait for the draw and go: none keeps its place, although the draw never comes.
 *
 * @param times clients of each kind
 */
export async function playGone(
  central: CentralProcess,
  books: Books,
  { times }: { readonly times: number },
): Promise<void> {
  for (let time = 0; time < times; time++) {
    for (const moment of MOMENTS) {
      for (const go of Object.values(WAYS)) {
        const peers: RawPeer[] = [];
        for (const dialect of SPOKEN) {
          const spoken = dialogue(dialect, books);
          const peer = await RawPeer.connect(central);
          await playSteps(peer, spoken, spoken.steps.length);
          if (moment === "at once") go(peer);
          else peers.push(peer);
        }
        // When the central has served others after the questions, it has read the questions.
        await serveGoodAgencies(central.port, books, ["native"]);
        for (const peer of peers) go(peer);
      }
    }
  }
  await central.untilConnections(0);
}
