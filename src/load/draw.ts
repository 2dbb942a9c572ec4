import { BenchError } from "./bench-error.ts";
import { chainHead } from "./chain-head.ts";
import type { Sent } from "./drivers/driver.ts";
import type { Loaded } from "./prepare-lanes.ts";

/**
 * Says for every agency that all was sent, and waits for the draw.
 *
 * @param onDone told after each agency's winners, how many agencies have theirs
 * @param onError told of those that get none
 * @returns winners of all; undefined when some agencies got no answer
 */
export async function awaitDraw(
  loaded: readonly Loaded[],
  onDone: (agencies: number) => void,
  onError: (reason: string) => void,
): Promise<number | undefined> {
  let done = 0;
  let winners = 0;
  const finish = async (own: Loaded): Promise<void> => {
    if (own.lane.failed) return;
    try {
      const won = await own.lane.finish(sentBy(own));
      winners += won;
      onDone(++done);
    } catch (error) {
      if (!(error instanceof BenchError)) throw error;
      onError(error.message);
    }
  };
  await Promise.all(loaded.map(finish));
  return done === loaded.length ? winners : undefined;
}

function sentBy({ lane, frames }: Loaded): Sent {
  const { welcome, stored, lastBets, largestBets } = lane;
  const here = { batchesHere: stored.batches, lastIsLargest: lastBets >= largestBets };
  if (welcome === undefined) return { ...stored, ...here, head: undefined };
  const { head, nextSequence: sequence, bets } = welcome;
  return {
    ...here,
    batches: sequence - 1 + stored.batches,
    bets: bets + stored.bets,
    head: chainHead(frames, stored.batches, { head, sequence }),
  };
}
