import { readdirSync, readFileSync } from "node:fs";

/**
 * File descriptors that connections never get. The store has up to 35 open: two each for the current segment,
 * six that are ready and one that is prepared, and others for full segments that are being closed, readers,
 * lock, folder and published files. Listeners, refused connections and name lookups need some for moments. A
 * central without a descriptor for the next segment could take no more bets.
 */
export const DESCRIPTORS_RESERVED = 64;

/** The same where a timetable opens draws: four may be open at a time, and finished ones have a lock each. */
export const DESCRIPTORS_RESERVED_WITH_TIMETABLE: number = 4 * DESCRIPTORS_RESERVED;

/** With fewer connections than this a draw is not possible, and the central refuses to start. */
const CONNECTIONS_LEAST = 8;

/** The guess when the system does not say how many are open: two dozen of Node, and some inherited ones. */
const DESCRIPTORS_OPEN = 40;

export type ConnectionsFit =
  | { readonly kind: "all" }
  /** Connections are limited to `connections`. `needed` is the descriptor limit for all of them. */
  | { readonly kind: "fewer"; readonly connections: number; readonly needed: number }
  | { readonly kind: "too few"; readonly needed: number };

/**
 * How many connections a process can have besides its other open files.
 *
 * @param limit file descriptors that the process may have; undefined when it is not known
 * @param open file descriptors that are open already
 * @param reserved those that connections never get
 */
export function fitConnections(
  connectionsMax: number,
  limit: number | undefined,
  open: number,
  reserved: number = DESCRIPTORS_RESERVED,
): ConnectionsFit {
  const needed = connectionsMax + reserved + open;
  if (limit === undefined || needed <= limit) return { kind: "all" };
  const connections = limit - reserved - open;
  if (connections < CONNECTIONS_LEAST) {
    const least = Math.min(connectionsMax, CONNECTIONS_LEAST) + reserved + open;
    return { kind: "too few", needed: least };
  }
  return { kind: "fewer", connections, needed };
}

/** The limit in the text of Linux's `/proc/self/limits`; infinite when it is `unlimited`. */
export function limitIn(text: string): number | undefined {
  const [, soft] = /^Max open files\s+(\d+|unlimited)\s/m.exec(text) ?? [];
  return asLimit(soft);
}

/**
 * File descriptors that this process may have. At its start Node raises its soft limit to the hard one, so
 * the shell's `ulimit -Sn` does not count.
 */
export function descriptorLimit(): number | undefined {
  try {
    return limitIn(readFileSync("/proc/self/limits", "utf8"));
  } catch {
    return reportedLimit();
  }
}

export function openDescriptors(): number {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return DESCRIPTORS_OPEN;
  }
}

/** The limit on systems without `/proc`. */
function reportedLimit(): number | undefined {
  const report: unknown = process.report.getReport();
  return asLimit(field(field(field(report, "userLimits"), "open_files"), "soft"));
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return (value as Record<string, unknown>)[name];
}

function asLimit(value: unknown): number | undefined {
  if (value === "unlimited") return Number.POSITIVE_INFINITY;
  const limit = typeof value === "string" ? Number(value) : value;
  return typeof limit === "number" && Number.isFinite(limit) ? limit : undefined;
}
