import assert from "node:assert/strict";
import { once } from "node:events";
import { duplexPair } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { createRandom } from "../../../src/generate/random.ts";
import type { PeerEvent } from "../../../src/protocols/conversation.ts";
import type { Dialect } from "../../../src/protocols/dialect.ts";
import { DIALECTS } from "../../../src/protocols/dialects.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { MemoryDesk } from "../memory-desk.ts";
import { serveStream } from "../stream-peer.ts";
import { fuzzed, pieces } from "./fuzz.ts";
import type { Sent } from "./recordings.ts";
import { sharedPort } from "./shared-port.ts";

/** Turns of the loop in which everything that can be answered is. */
const TURNS = 12;
/** What each counts for who waits. */
const TURN_MS = 500;

/**
 * Gives the shared port spoiled conversations: whatever comes, no conversation fails by itself, none
 * says anything after its end, and none leaves a timer behind.
 */
export async function fuzzPort(
  sent: readonly Sent[],
  { inputs, seed }: { readonly inputs: number; readonly seed: number },
): Promise<void> {
  const random = createRandom(seed);
  const [first = assert.fail(), ...others] = sent
    .filter(({ by }) => by === "agency")
    .map(({ bytes }) => bytes);
  for (let input = 0; input < inputs; input++) {
    const chunks = pieces(random, fuzzed(random, [first, ...others]));
    const faults = await play(chunks, random.below(2) === 0);
    const cuts = chunks.map((chunk) => chunk.toString("hex")).join(" ");
    assert.deepEqual(faults, [], `Input ${input}: ${cuts}`);
  }
}

/** @returns what went wrong */
async function play(chunks: readonly Buffer[], ends: boolean): Promise<unknown[]> {
  const faults: unknown[] = [];
  const clock = new FakeClock();
  const [ours, theirs] = duplexPair();
  theirs.on("error", (error) => faults.push(error));
  ours.resume();
  serveStream(theirs, watched(faults), new MemoryDesk(2), { clock });
  for (const chunk of chunks) ours.write(chunk);
  if (ends) ours.end();
  for (let turn = 0; turn < TURNS; turn++) {
    await setImmediate();
    clock.advance(TURN_MS);
  }
  const closed = theirs.closed ? undefined : once(theirs, "close");
  ours.destroy();
  theirs.destroy();
  await closed;
  if (clock.timers > 0) faults.push(`${clock.timers} timers run on`);
  return faults;
}

/** The shared port, with errors of its own counted as faults. */
function watched(faults: unknown[]): Pick<Dialect, "serve"> {
  const port = sharedPort(DIALECTS);
  return {
    serve: (context) =>
      port.serve({
        ...context,
        peer: {
          ...context.peer,
          report(event: PeerEvent) {
            if (event.kind === "conversation-failed" && !event.expected) faults.push(event);
          },
        },
      }),
  };
}
