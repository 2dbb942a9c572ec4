import { statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { realData, root } from "../paths.ts";
import { type Row, Skipped } from "../row.ts";
import type { Measure } from "./central-rows.ts";
import { findProgram } from "./find-program.ts";
import { madeUpData } from "./made-up-data.ts";

const Result = z.object({
  batches: z.number(),
  seconds: z.number(),
  cpuSeconds: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
});

/** The course's `store_bets` in Python, called in a loop: without a network; the original does not sync. */
export function courseRows({ seconds, batch }: Measure): Row[] {
  return (["no-sync", "sync"] as const).map((how) => ({
    id: `peer/course-${how}`,
    group: "peers",
    title: `the course's store_bets in Python, ${how === "sync" ? "fsync each batch" : "no sync"}, no network`,
    against: { base: "central/native/5" },
    run: async (stage) => {
      const python = findProgram("python3");
      if (python === undefined) throw new Skipped("no python3 in PATH");
      const data = realData ?? (await madeUpData(stage));
      const stored = join(await stage.folder(), "bets.csv");
      const output = await stage
        .start({
          name: "the course's store_bets",
          command: python,
          args: [
            join(root, "bench", "programs", "course.py"),
            stored,
            join(data, "agency-1.csv"),
            `${batch}`,
            `${seconds}`,
            how,
          ],
        })
        .succeed();
      const result = Result.parse(JSON.parse(output));
      return {
        values: {
          betsPerSecond: (result.batches * batch) / result.seconds,
          batchesPerSecond: result.batches / result.seconds,
          cpuUsPerBatch: (result.cpuSeconds / result.batches) * 1e6,
          p50Ms: result.p50Ms,
          p99Ms: result.p99Ms,
          diskBytesPerBet: statSync(stored).size / (result.batches * batch),
        },
        detail: result,
      };
    },
  }));
}
