import { loadavg } from "node:os";
import { listProcesses, parseMachineCpu, type ProcessStat, readProc } from "./proc.ts";
import { treeCpuSeconds } from "./process-usage.ts";

/** What else the machine did during a measurement. Cores are processor seconds per second. */
export interface Noise {
  readonly seconds: number;
  /** Used by this process and by all that it has started. */
  readonly ownCores: number;
  /** Used by other programs. Kernel threads are not counted, because they work for us too. */
  readonly foreignCores: number;
  /** Taken by other virtual machines. */
  readonly stolenCores: number;
  /** Load average over one minute, at both ends. */
  readonly loadBefore: number;
  readonly loadAfter: number;
}

/** Parent of all kernel threads. */
const KTHREADD = 2;

/** Begins to watch. @returns a function that ends it; it returns undefined without `/proc/stat` */
export function watchNoise(self: number = process.pid): () => Noise | undefined {
  const before = snapshot(self);
  return () => {
    const after = snapshot(self);
    return before === undefined || after === undefined ? undefined : noiseBetween(before, after);
  };
}

export interface Snapshot {
  readonly atMs: number;
  readonly busySeconds: number;
  readonly stolenSeconds: number;
  readonly ownSeconds: number;
  readonly kernelSeconds: number;
  readonly load: number;
}

function snapshot(self: number): Snapshot | undefined {
  const text = readProc("stat");
  if (text === undefined) return undefined;
  const processes = listProcesses();
  const { busySeconds, stolenSeconds } = parseMachineCpu(text);
  return {
    atMs: performance.now(),
    busySeconds,
    stolenSeconds,
    ownSeconds: treeCpuSeconds(self, processes),
    kernelSeconds: kernelSeconds(processes),
    load: loadavg()[0] ?? Number.NaN,
  };
}

function kernelSeconds(processes: readonly ProcessStat[]): number {
  return processes
    .filter(({ pid, parent }) => pid === KTHREADD || parent === KTHREADD)
    .reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
}

export function noiseBetween(before: Snapshot, after: Snapshot): Noise {
  const seconds = (after.atMs - before.atMs) / 1000;
  const own = after.ownSeconds - before.ownSeconds;
  const kernel = after.kernelSeconds - before.kernelSeconds;
  const busy = after.busySeconds - before.busySeconds;
  return {
    seconds,
    ownCores: own / seconds,
    // The machine's and the processes' times are not counted at the same moment: never below zero.
    foreignCores: Math.max(0, busy - own - kernel) / seconds,
    stolenCores: (after.stolenSeconds - before.stolenSeconds) / seconds,
    loadBefore: before.load,
    loadAfter: after.load,
  };
}
