import { join } from "node:path";
import { z } from "zod";
import { benchProgram } from "../paths.ts";
import type { Row } from "../row.ts";
import type { Measure } from "./central-rows.ts";

/** Bytes of a batch of 100 bets in the ledger, measured on the course's data. */
const BATCH_BYTES = 4700;
/** A flush with the batches of one, five and a hundred connections. */
const BATCHES_AT_ONCE = [1, 5, 100];
/** A disk needs no more time: only its own caches have to warm up. */
const SECONDS_MAX = 1.5;

const WAYS = {
  direct: "append past the cache, synced, zero-filled file",
  zeroed: "append + fdatasync, zero-filled file",
  growing: "append + fdatasync, growing file",
} as const;

const Result = z.object({
  syncsPerSecond: z.number(),
  bytesPerSecond: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  cpuUsPerSync: z.number(),
});

/** The disk's ceiling: append and sync in a loop, and nothing else. */
export function appendRows({ seconds, batch }: Measure): Row[] {
  return (Object.keys(WAYS) as (keyof typeof WAYS)[]).flatMap((how) =>
    BATCHES_AT_ONCE.map((batches) => ({
      id: `ceiling/append-${how}/${batches}`,
      group: "ceilings" as const,
      title: `${WAYS[how]}, ${(batches * BATCH_BYTES) / 1000} kB`,
      run: async (stage) => {
        const groupBytes = Math.round(batches * BATCH_BYTES * (batch / 100));
        const duration = Math.min(seconds, SECONDS_MAX);
        const loop = stage.startNode(benchProgram("append-loop"), {
          name: "the append loop",
          args: [join(await stage.folder(), "appended"), how, `${groupBytes}`, `${duration}`],
          channel: true,
        });
        const result = Result.parse(await loop.message("result"));
        await loop.succeed();
        return {
          values: {
            syncsPerSecond: result.syncsPerSecond,
            megabytesPerSecond: result.bytesPerSecond / 1e6,
            // As many bets as a flush of this size has: a central with no other cost would reach this.
            betsPerSecond: result.syncsPerSecond * batches * batch,
            batchesPerSecond: result.syncsPerSecond * batches,
            p50Ms: result.p50Ms,
            p99Ms: result.p99Ms,
            cpuUsPerBatch: result.cpuUsPerSync / batches,
          },
        };
      },
    })),
  );
}
