import assert from "node:assert/strict";
import type { Dialogue, Step } from "./dialogue.ts";
import type { RawPeer } from "./raw-peer.ts";

/** Sends the first steps as an agency does, each after the answer to the one before. */
export async function playSteps(
  peer: RawPeer,
  { steps, answerSize, confirms, dialect }: Dialogue,
  count: number,
): Promise<void> {
  for (const { name, bytes, answered, batch } of steps.slice(0, count)) {
    peer.say(bytes);
    if (answered !== "at once") continue;
    const answer = await peer.hear(answerSize);
    if (batch === undefined) continue;
    assert.ok(confirms(answer), `${dialect}, ${name}: ${answer.toString("latin1")}`);
    batch.acknowledged = true;
  }
}

/**
 * Notes what the central has confirmed of steps that were sent without waiting.
 *
 * @param said from the first one that is not answered yet
 */
export function noteAnswers(
  peer: RawPeer,
  { answerSize, confirms, dialect }: Dialogue,
  said: readonly Step[],
): void {
  const awaited = said.filter(({ answered }) => answered === "at once");
  let next = 0;
  for (;;) {
    const answer = peer.takeAnswer(answerSize);
    if (answer === undefined) return;
    if (dialect === "native") {
      noteNative(answer, awaited);
      continue;
    }
    const batch = awaited[next]?.batch;
    if (batch !== undefined && confirms(answer)) batch.acknowledged = true;
    next++;
  }
}

const ACK = 0x82;

/** An ACK counts for all batches up to its own. */
function noteNative(answer: Buffer, awaited: readonly Step[]): void {
  if (answer[4] !== ACK) return;
  const sequence = Number(answer.readBigUInt64BE(5));
  for (const { batch } of awaited) {
    if (batch !== undefined && batch.sequence <= sequence) batch.acknowledged = true;
  }
}
