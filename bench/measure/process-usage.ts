import { listProcesses, parseProcessStat, parseStatusBytes, readProc } from "./proc.ts";

/** Processor time of a process so far, in seconds; NaN once it is gone. */
export function cpuSeconds(pid: number): number {
  const text = readProc(`${pid}/stat`);
  return text === undefined ? Number.NaN : parseProcessStat(text).cpuSeconds;
}

/**
 * Processor time of a process and of all processes that it has started so far, also of ended ones, in
 * seconds: for servers that start a process for each connection.
 */
export function treeCpuSeconds(root: number, processes = listProcesses()): number {
  const inTree = new Set([root]);
  // Children may come before their parents in the list, so repeat until nothing is added.
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
  /** Largest resident set so far, in bytes. */
  readonly rssMaxBytes: number;
}

/** Memory of a process; NaN when it cannot be read. */
export function memoryOf(pid: number): Memory {
  const status = readProc(`${pid}/status`) ?? "";
  return {
    rssBytes: parseStatusBytes(status, "VmRSS") ?? Number.NaN,
    rssMaxBytes: parseStatusBytes(status, "VmHWM") ?? Number.NaN,
  };
}
