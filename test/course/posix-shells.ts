import { spawnSync } from "node:child_process";

/** The POSIX shells of this machine: our scripts must work in each of them. */
export const POSIX_SHELLS: readonly (readonly [string, ...string[]])[] = (
  [["sh"], ["dash"], ["bash", "--posix"], ["bash"], ["busybox", "sh"], ["ksh"], ["mksh"]] as const
).filter(([shell, ...first]) => spawnSync(shell, [...first, "-c", "exit 0"]).status === 0);
