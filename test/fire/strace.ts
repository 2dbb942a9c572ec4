import { spawnSync } from "node:child_process";

/** A system call that fails once, as the disk would make it fail. */
export interface Injection {
  readonly call: "pwrite64" | "fdatasync" | "fsync";
  /** Only calls on this file, or directory, count. */
  readonly path: string;
  /** Which of those calls; the ones after it do what they should. */
  readonly when: number;
}

/**
 * What starts a program so that one of its system calls fails with EIO.
 *
 * @param log where every such call is written down
 */
export function straceWith({ call, path, when }: Injection, log: string): string[] {
  // -D: the program is our child, and the tracer is not in between.
  const tracer = ["strace", "-D", "-f", "-o", log, "-P", path];
  return [...tracer, "-e", `trace=${call}`, "-e", `inject=${call}:error=EIO:when=${when}`];
}

/**
 * What starts a program so that `kill -9` meets it as it makes a call for the nth time.
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

/** Has a program write its output through a pipe that has a path, so that calls on it can be told apart. */
export function throughFifo(path: string, command: readonly string[]): string[] {
  return ["sh", "-c", 'mkfifo "$0"; cat "$0" & exec "$@" > "$0"', path, ...command];
}

/** Calls by which a central changes its files, and the one by which lines of its log leave it. */
export const KILLED_CALLS = [
  "pwrite64",
  "fdatasync",
  "fsync",
  "rename",
  "unlink",
  "write",
] as const;
export type KilledCall = (typeof KILLED_CALLS)[number];

/** Why nothing can be injected here; undefined where it can. */
export function whyNoInjection(): string | undefined {
  if (process.platform !== "linux") return "strace is Linux's";
  const args = ["-D", "-f", "-o", "/dev/null", "-e", "inject=fsync:error=EIO:when=1", "true"];
  const { error, status, stderr } = spawnSync("strace", args, { encoding: "utf8" });
  if (error !== undefined) return "strace is not installed";
  return status === 0 ? undefined : `strace may not trace here: ${stderr.trim()}`;
}
