import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/**
 * Open descriptors of a process. Files are counted apart, because a ledger opens and closes files
 * as it grows.
 */
export interface Descriptors {
  readonly sockets: number;
  /** Below the folder that was named. */
  readonly files: number;
  readonly others: number;
}

export interface ProcessMemory {
  readonly rssBytes: number;
  /** The most that it ever was. */
  readonly rssPeakBytes: number;
}

/** Why this machine does not show the descriptors of other processes; undefined if it does. */
export const noReadings: string | undefined = existsSync("/proc/self/fd")
  ? undefined
  : "there is no /proc to read descriptors and memory from";

/** Descriptors that a process of this user may have open. */
export function descriptorsMax(): number {
  const limits = readFileSync("/proc/self/limits", "utf8");
  const max = /^Max open files\s+(\S+)/m.exec(limits)?.[1];
  return max === "unlimited" ? Number.POSITIVE_INFINITY : Number(max);
}

/** @param folder whatever is below it counts as a file */
export function readDescriptors(pid: number, folder: string): Descriptors {
  const counts = { sockets: 0, files: 0, others: 0 };
  const dir = `/proc/${pid}/fd`;
  for (const name of readdirSync(dir)) {
    let target: string;
    try {
      target = readlinkSync(join(dir, name));
    } catch {
      // Closed since the folder was read.
      continue;
    }
    if (target.startsWith("socket:")) counts.sockets++;
    else if (target.startsWith(`${folder}/`)) counts.files++;
    else counts.others++;
  }
  return counts;
}

export function readMemory(pid: number): ProcessMemory {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kilobytes = (key: string): number =>
    Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? Number.NaN);
  return { rssBytes: kilobytes("VmRSS") * 1024, rssPeakBytes: kilobytes("VmHWM") * 1024 };
}

/** Linux counts times of processes in ticks of 100 Hz. */
const TICK_MS = 10;

/** Time on a processor, user and system together. */
export function readCpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // After the name, which may be any text but is in parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
