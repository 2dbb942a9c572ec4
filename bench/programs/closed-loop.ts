import { percentile } from "../report/statistics.ts";
import { tell } from "./child.ts";

export interface ClosedLoop {
  readonly clients: number;
  readonly warmupSeconds: number;
  readonly seconds: number;
  /** Bets in a batch. */
  readonly batch: number;
  /** Sends one batch, and resolves when it is confirmed. */
  readonly send: (client: number, sequence: number) => Promise<void>;
}

/**
 * Runs clients that each have always one batch in flight: first to warm up, then measured. Reports to the
 * parent when the measured part can begin (`measuring`), waits for its message that it has read the clocks,
 * and reports the end (`result`).
 */
export async function runClosedLoop(loop: ClosedLoop): Promise<void> {
  const sequences = Array.from({ length: loop.clients }, () => 0);
  await runFor(loop, sequences, loop.warmupSeconds);
  const go = new Promise((resolve) => process.once("message", resolve));
  tell({ kind: "measuring" });
  await go;
  const cpuBefore = process.cpuUsage();
  const { tookMs, elapsedSeconds } = await runFor(loop, sequences, loop.seconds);
  const { user, system } = process.cpuUsage(cpuBefore);
  const sorted = tookMs.toSorted((a, b) => a - b);
  tell({
    kind: "result",
    batches: sorted.length,
    bets: sorted.length * loop.batch,
    seconds: elapsedSeconds,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    clientCpuUsPerBatch: (user + system) / sorted.length,
  });
}

async function runFor(
  { clients, send }: ClosedLoop,
  sequences: number[],
  seconds: number,
): Promise<{ tookMs: number[]; elapsedSeconds: number }> {
  const tookMs: number[] = [];
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      for (let now = performance.now(); now < endMs; ) {
        const sequence = (sequences[client] ?? 0) + 1;
        sequences[client] = sequence;
        const before = now;
        await send(client, sequence);
        now = performance.now();
        tookMs.push(now - before);
      }
    }),
  );
  return { tookMs, elapsedSeconds: (performance.now() - startMs) / 1000 };
}
