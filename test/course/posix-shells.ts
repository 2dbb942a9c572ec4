import { spawnSync } from "node:child_process";

/** The shells of this machine that read what POSIX says: a script of ours is to work in each. */
export const POSIX_SHELLS: readonly (readonly [string, ...string[]])[] = (
  [["sh"], ["dash"], ["bash", "--posix"], ["bash"], ["busybox", "sh"], ["ksh"], ["mksh"]] as const
).filter(([shell, ...first]) => spawnSync(shell, [...first, "-c", "exit 0"]).status === 0);
