import { z } from "zod";
import { type DiskBytes, growthOf, totalOf } from "../measure/disk-bytes.ts";
import { benchProgram } from "../paths.ts";
import type { Measured } from "../row.ts";
import type { Stage } from "../stage.ts";
import { longOptions } from "./long-options.ts";
import type { Measure } from "./central-rows.ts";

const Result = z.object({
  batches: z.number(),
  bets: z.number(),
  seconds: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  clientCpuUsPerBatch: z.number(),
});

/** What is read from a peer's server while it runs. */
export interface PeerServer {
  /** Processor time of all its processes so far. */
  readonly cpuSeconds: () => number;
  /** Bytes of its files so far. */
  readonly diskBytes: () => DiskBytes | Promise<DiskBytes>;
}

/**
 * Loads a system that is not ours with a program of `bench/programs/`, which gets the arguments `--warmup`,
 * `--seconds` and `--batch` and runs a closed loop.
 */
export async function loadPeer(
  stage: Stage,
  measure: Measure,
  client: { readonly program: string; readonly name: string; readonly args: readonly string[] },
  server: PeerServer,
): Promise<Measured> {
  const { warmupSeconds, seconds, batch } = measure;
  const program = stage.startNode(benchProgram(client.program), {
    name: client.name,
    args: [...longOptions({ warmup: warmupSeconds, seconds, batch }), ...client.args],
    channel: true,
  });
  await program.message("measuring");
  // Asking for bytes costs the server some work: do it before its processor time is read.
  const diskBefore = await server.diskBytes();
  const cpuBefore = server.cpuSeconds();
  const ending = program.message("result");
  program.send({ kind: "go" });
  const result = Result.parse(await ending);
  const cpu = server.cpuSeconds() - cpuBefore;
  const grown = growthOf(diskBefore, await server.diskBytes());
  await program.succeed();
  return {
    values: {
      betsPerSecond: result.bets / result.seconds,
      batchesPerSecond: result.batches / result.seconds,
      cpuUsPerBatch: (cpu / result.batches) * 1e6,
      clientCpuUsPerBatch: result.clientCpuUsPerBatch,
      p50Ms: result.p50Ms,
      p99Ms: result.p99Ms,
      diskBytesPerBet: totalOf(grown) / result.bets,
    },
    detail: { ...result, diskBytes: grown },
  };
}
