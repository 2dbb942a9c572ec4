import { readdirSync, readFileSync } from "node:fs";

/** Linux counts processor time for user space in parts of a second: `USER_HZ`, always 100. */
const TICKS_PER_SECOND = 100;

/** What `/proc/PID/stat` says about a process, with times in seconds. */
export interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** Processor time of all its threads, with those that have ended. */
  readonly cpuSeconds: number;
  /** The same for its children that have ended and were waited for, and for their children. */
  readonly childrenSeconds: number;
}

/** @throws RangeError when the text is not a stat line */
export function parseProcessStat(text: string): ProcessStat {
  // The name is in brackets and may have spaces and brackets itself: the last bracket ends it.
  const nameEnd = text.lastIndexOf(")");
  const pid = Number.parseInt(text, 10);
  const fields = text.slice(nameEnd + 2).split(" ");
  const field = (number: number): number => Number(fields[number - 3]);
  const stat = {
    pid,
    parent: field(4),
    cpuSeconds: (field(14) + field(15)) / TICKS_PER_SECOND,
    childrenSeconds: (field(16) + field(17)) / TICKS_PER_SECOND,
  };
  if (nameEnd < 0 || !Object.values(stat).every(Number.isFinite)) {
    throw new RangeError(`Cannot read a process's stat: ${JSON.stringify(text.slice(0, 80))}`);
  }
  return stat;
}

/** Processor time of the whole machine since its start, in seconds, of all cores together. */
export interface MachineCpu {
  /** Used by programs, by the kernel for them, and by kernel threads, but not by interrupts. */
  readonly busySeconds: number;
  /** Wanted by this machine, but given to other virtual machines. */
  readonly stolenSeconds: number;
}

/** @param text `/proc/stat` @throws RangeError when it has no line of all cores */
export function parseMachineCpu(text: string): MachineCpu {
  const line = /^cpu +(.+)$/m.exec(text)?.[1];
  if (line === undefined) throw new RangeError("Cannot read /proc/stat: no line begins with cpu");
  const [user = 0, nice = 0, system = 0, , , , , steal = 0] = line
    .split(" ")
    .map((ticks) => Number(ticks) / TICKS_PER_SECOND);
  return { busySeconds: user + nice + system, stolenSeconds: steal };
}

/** A field in kB of `/proc/PID/status`, converted to bytes. */
export function parseStatusBytes(text: string, field: string): number | undefined {
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(text)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

/** Reads a file of `/proc`. @returns undefined when there is none: the process has ended, or no Linux */
export function readProc(path: string): string | undefined {
  try {
    return readFileSync(`/proc/${path}`, "utf8");
  } catch {
    return undefined;
  }
}

/** All processes that exist now. */
export function listProcesses(): ProcessStat[] {
  const stats: ProcessStat[] = [];
  for (const name of processNames()) {
    const text = readProc(`${name}/stat`);
    if (text !== undefined) stats.push(parseProcessStat(text));
  }
  return stats;
}

function processNames(): string[] {
  try {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}
