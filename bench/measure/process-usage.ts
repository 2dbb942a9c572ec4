import { listProcesses, parseProcessStat, parseStatusBytes, readProc } from "./proc.ts";

/** Processor time of a process so far, in seconds; NaN once it is gone. */
export function cpuSeconds(pid: number): number {
  const text = readProc(`${pid}/stat`);
  return text === undefined ? Number.NaN : parseProcessStat(text).cpuSeconds;
}

/**
 * Processor time of a process and of all that it has started so far, in seconds, those that have ended
 * included: for servers that serve each connection with a process of its own.
 */
export function treeCpuSeconds(root: number, processes = listProcesses()): number {
  const inTree = new Set([root]);
  // Children may stand before their parents in the list, so this goes on until nothing is added.
  for (let before = 0; before !== inTree.size; ) {
    before = inTree.size;
    for (const { pid, parent } of processes) if (inTree.has(parent)) inTree.add(pid);
  }
  return processes
    .filter(({ pid }) => inTree.has(pid))
    .reduce((sum, stat) => sum + stat.cpuSeconds + stat.childrenSeconds, 0);
}

export interface Memory {
  /** Resident set now, in bytes. */
  readonly rssBytes: number;
  /** The largest that it has been. */
  readonly rssMaxBytes: number;
}

/** NaN where it cannot be read. */
export function memoryOf(pid: number): Memory {
  const status = readProc(`${pid}/status`) ?? "";
  return {
    rssBytes: parseStatusBytes(status, "VmRSS") ?? Number.NaN,
    rssMaxBytes: parseStatusBytes(status, "VmHWM") ?? Number.NaN,
  };
}
