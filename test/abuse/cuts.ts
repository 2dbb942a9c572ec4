import assert from "node:assert/strict";
import type { Books, SentBatch } from "./books.ts";
import type { CentralProcess } from "./central-process.ts";
import { type Dialogue, dialogue } from "./dialogue.ts";
import { inParallel } from "./in-parallel.ts";
import { noteAnswers, playSteps } from "./play-dialogue.ts";
import { RawPeer } from "./raw-peer.ts";

export interface Cuts {
  readonly dialect: string;
  /** Bets in the batches of the conversation that is cut. */
  readonly batchBets: readonly number[];
}

const AT_ONCE = 32;

/**
 * Resets a connection after every byte of a conversation that is sent without waiting for answers.
 */
export async function playResets(
  central: CentralProcess,
  books: Books,
  { dialect, batchBets }: Cuts,
): Promise<number> {
  return playCuts(books, { dialect, batchBets }, async (spoken, cut) => {
    const peer = await RawPeer.connect({ port: central.port });
    const said = Buffer.concat(spoken.steps.map(({ bytes }) => bytes)).subarray(0, cut);
    await peer.sayThrough(said);
    noteAnswers(peer, spoken, spoken.steps);
    peer.reset();
    await peer.closed;
  });
}

/**
 * Resets a connection after every byte of a conversation in which the agency waits for every
 * answer.
 */
export async function playResetsInTurn(
  central: CentralProcess,
  books: Books,
  { dialect, batchBets }: Cuts,
): Promise<number> {
  return playCuts(books, { dialect, batchBets }, async (spoken, cut) => {
    const { peer, rest } = await playUpTo(central.port, spoken, cut);
    await peer.sayThrough(rest);
    peer.reset();
    await peer.closed;
  });
}

/**
 * Ends the client's side after every byte of a conversation.
 *
 * @returns batches of which the last byte was never sent
 */
export async function playTruncations(
  central: CentralProcess,
  books: Books,
  { dialect, batchBets }: Cuts,
): Promise<readonly SentBatch[]> {
  const unsaid: SentBatch[] = [];
  await playCuts(books, { dialect, batchBets }, async (spoken, cut) => {
    const { peer, rest, whole } = await playUpTo(central.port, spoken, cut);
    for (const { batch } of spoken.steps.slice(whole)) {
      if (batch !== undefined) unsaid.push(batch);
    }
    if (rest.length > 0) peer.say(rest);
    peer.socket.end();
    await peer.untilEnded();
    await peer.closed;
  });
  return unsaid;
}

/** @returns the number of cuts */
async function playCuts(
  books: Books,
  { dialect, batchBets }: Cuts,
  play: (spoken: Dialogue, cut: number) => Promise<void>,
): Promise<number> {
  let cuts = 0;
  function* everyCut(): Generator<[Dialogue, number]> {
    for (let cut = 0; ; cut++) {
      // Each conversation has its own agency, so that all bets are new.
      const spoken = dialogue(dialect, books, batchBets);
      if (cut > lastCut(spoken)) return;
      cuts++;
      yield [spoken, cut];
    }
  }
  await inParallel(everyCut(), AT_ONCE, ([spoken, cut]) => play(spoken, cut));
  assert.ok(cuts > 1);
  return cuts;
}

/**
 * A client that waits for the draw may end its side: its connection stays open. So the last byte of
 * the question is not sent.
 */
function lastCut({ steps }: Dialogue): number {
  const bytes = steps.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return steps.at(-1)?.answered === "by the draw" ? bytes - 1 : bytes;
}

/** Sends the steps that end before the cut, each after the answer to the one before. */
async function playUpTo(
  port: number,
  spoken: Dialogue,
  cut: number,
): Promise<{ peer: RawPeer; rest: Buffer; whole: number }> {
  let left = cut;
  let whole = 0;
  for (const { bytes } of spoken.steps) {
    if (bytes.length > left) break;
    left -= bytes.length;
    whole++;
  }
  const peer = await RawPeer.connect({ port });
  await playSteps(peer, spoken, whole);
  const rest = spoken.steps[whole]?.bytes.subarray(0, left) ?? Buffer.alloc(0);
  return { peer, rest, whole };
}
