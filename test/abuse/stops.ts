import assert from "node:assert/strict";
import { Books } from "./books.ts";
import { CentralProcess, type Stop } from "./central-process.ts";
import { dialogue, SPOKEN } from "./dialogue.ts";
import { inParallel } from "./in-parallel.ts";
import { noteAnswers, playSteps } from "./play-dialogue.ts";
import { RawPeer } from "./raw-peer.ts";
import type { ConversationState, InState } from "./stop-states.ts";

/** Agencies that no state needs, so that nothing is drawn. */
const MORE_AGENCIES = 100;
const AT_ONCE = 50;

/**
 * Sends SIGTERM while there are connections in all these states, then SIGKILL, as `docker stop -t`
 * does: the central ends by itself, with success, and what it has confirmed is stored.
 *
 * @param times how many connections of each state
 */
export async function playStop(
  states: readonly ConversationState[],
  { graceMs, times = 1 }: { readonly graceMs: number; readonly times?: number },
): Promise<Stop> {
  const all = Array.from({ length: times }, () => states).flat();
  const agencies = all.length + MORE_AGENCIES;
  const central = await CentralProcess.start({ settings: { SERVER_AGENCIES: `${agencies}` } });
  try {
    const books = new Books();
    const entered: InState[] = [];
    await inParallel(all, AT_ONCE, async (state) => {
      entered.push(await state.enter(central.port, books));
    });
    const stop = await central.stop(graceMs);
    for (const { peer, spoken, unanswered } of entered) {
      await peer.untilEnded();
      if (spoken !== undefined) noteAnswers(peer, spoken, unanswered);
      peer.reset();
    }
    assertStopped(stop, graceMs);
    await books.assertDurable(central.dataDir);
    return stop;
  } finally {
    await central.close();
  }
}

/** When the central is told to stop, seen from the draw. */
export type DrawMoment = "under way" | "over";

/**
 * The same around the draw: one agency of each dialect has sent everything, and knows its winners
 * or has not read them, and no agency closes its connection.
 */
export async function playStopAtDraw(
  moment: DrawMoment,
  { graceMs }: { readonly graceMs: number },
): Promise<Stop> {
  const agencies = SPOKEN.length;
  const central = await CentralProcess.start({ settings: { SERVER_AGENCIES: `${agencies}` } });
  try {
    const books = new Books();
    const peers: RawPeer[] = [];
    for (const [index, dialect] of SPOKEN.entries()) {
      const spoken = dialogue(dialect, books);
      const peer = await RawPeer.connect(central);
      peers.push(peer);
      const last = index === SPOKEN.length - 1;
      const { length } = spoken.steps;
      if (!last) {
        await playSteps(peer, spoken, length);
        continue;
      }
      await playSteps(peer, spoken, length - 2);
      for (const { bytes } of spoken.steps.slice(length - 2)) peer.say(bytes);
      if (moment === "under way") continue;
      // Its DONE is answered, then its question: the draw is over.
      await peer.hear(spoken.answerSize);
      await peer.hear(spoken.answerSize);
    }
    const stop = await central.stop(graceMs);
    for (const peer of peers) peer.reset();
    assertStopped(stop, graceMs);
    await startAgain(central.dataDir);
    await books.assertDurable(central.dataDir);
    return stop;
  } finally {
    await central.close();
  }
}

/** A stop right after the draw may leave its files to the next start. */
async function startAgain(dataDir: string): Promise<void> {
  const settings = { SERVER_AGENCIES: `${SPOKEN.length}`, SERVER_DATA_DIR: dataDir };
  const again = await CentralProcess.start({ settings });
  try {
    assert.equal((await again.stop(START_AGAIN_GRACE_MS)).status, 0);
  } finally {
    await again.close();
  }
}

const START_AGAIN_GRACE_MS = 30_000;

function assertStopped({ status, signal, ms }: Stop, graceMs: number): void {
  const after = `after ${Math.round(ms)} ms, of ${graceMs}`;
  assert.deepEqual({ status, signal }, { status: 0, signal: null }, after);
}
