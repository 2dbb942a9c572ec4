import { readdirSync, readFileSync } from "node:fs";

/**
 * File descriptors that connections never get. The store has up to 35 open (current segment, six ahead
 * and one in the making with two each, full ones that are being closed, readers, lock, folder, what is
 * published), listeners and connections that are turned away take some for moments, and so do lookups
 * of names. A central that had none left for the next segment could take no more bets.
 */
export const DESCRIPTORS_RESERVED = 64;

/** With room for fewer connections than this nobody could run a draw, and a start is refused. */
const CONNECTIONS_LEAST = 8;

/** Node's own, where the system does not tell how many are open: two dozen, and some inherited ones. */
const DESCRIPTORS_OPEN = 40;

export type ConnectionsFit =
  | { readonly kind: "all" }
  /** Connections are limited to what fits. `needed` is the limit that would hold all. */
  | { readonly kind: "fewer"; readonly connections: number; readonly needed: number }
  | { readonly kind: "too few"; readonly needed: number };

/**
 * How many connections a process can have beside what else it has open.
 *
 * @param limit file descriptors that the process may have; undefined when nobody can tell
 * @param open those that it has already
 */
export function fitConnections(
  connectionsMax: number,
  limit: number | undefined,
  open: number,
): ConnectionsFit {
  const needed = connectionsMax + DESCRIPTORS_RESERVED + open;
  if (limit === undefined || needed <= limit) return { kind: "all" };
  const connections = limit - DESCRIPTORS_RESERVED - open;
  if (connections < CONNECTIONS_LEAST) {
    const least = Math.min(connectionsMax, CONNECTIONS_LEAST) + DESCRIPTORS_RESERVED + open;
    return { kind: "too few", needed: least };
  }
  return { kind: "fewer", connections, needed };
}

/** The limit in the text of Linux's `/proc/self/limits`; infinite when there is none. */
export function limitIn(text: string): number | undefined {
  const [, soft] = /^Max open files\s+(\d+|unlimited)\s/m.exec(text) ?? [];
  return asLimit(soft);
}

/**
 * File descriptors that this process may have. Node has raised its soft limit to the hard one at its
 * start: what `ulimit -Sn` says in the shell does not count.
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

/** Systems without `/proc`. */
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
