import { spawnSync } from "node:child_process";

/** A system call that fails once, as the disk would make it fail. */
export interface Injection {
  readonly call: "pwrite64" | "fdatasync" | "fsync";
  /** Only calls on this file, or directory, count. */
  readonly path: string;
  /** The number of the call that fails; later ones work. */
  readonly when: number;
}

/**
 * The command that starts a program so that one of its system calls fails with EIO.
 *
 * @param log the file in which every such call is recorded
 */
export function straceWith({ call, path, when }: Injection, log: string): string[] {
  // With -D the program is our child, and not the tracer's.
  const tracer = ["strace", "-D", "-f", "-o", log, "-P", path];
  return [...tracer, "-e", `trace=${call}`, "-e", `inject=${call}:error=EIO:when=${when}`];
}

/**
 * The command that starts a program so that `kill -9` comes at its nth call of one kind.
 * @param path only calls on this file count
 */
export function straceKilling(call: KilledCall, when: number, path?: string): string[] {
  const tracer = [
    "strace",
    "-D",
    "-f",
    "-o",
    "/dev/null",
    ...(path === undefined ? [] : ["-P", path]),
  ];
  return [...tracer, "-e", `trace=${call}`, "-e", `inject=${call}:signal=SIGKILL:when=${when}`];
}

/**
 * Lets a program write its output through a pipe that has a path, so that calls on it can be
 * recognised.
 */
export function throughFifo(path: string, command: readonly string[]): string[] {
  return ["sh", "-c", 'mkfifo "$0"; cat "$0" & exec "$@" > "$0"', path, ...command];
}

/** The calls with which a central changes its files, and the one with which it writes its log. */
export const KILLED_CALLS = [
  "pwrite64",
  "fdatasync",
  "fsync",
  "rename",
  "unlink",
  "write",
] as const;
export type KilledCall = (typeof KILLED_CALLS)[number];

/** Why no failure can be injected here; undefined if it can. */
export function whyNoInjection(): string | undefined {
  if (process.platform !== "linux") return "strace is Linux's";
  const args = ["-D", "-f", "-o", "/dev/null", "-e", "inject=fsync:error=EIO:when=1", "true"];
  const { error, status, stderr } = spawnSync("strace", args, { encoding: "utf8" });
  if (error !== undefined) return "strace is not installed";
  return status === 0 ? undefined : `strace may not trace here: ${stderr.trim()}`;
}
