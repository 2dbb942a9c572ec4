import type { Run } from "./simulate.ts";

const TAIL_LINES = 60;

/** A report on a run with violations. */
export function report({ seed, kind, violations, faults, trace }: Run): string {
  return [
    `seed ${seed} breaks something; everything that happened: node dist/test/sim/replay.js ${seed}${kind === "one" ? "" : ` ${kind}`}`,
    ...violations.map(({ rule, text }) => `  ${rule}: ${text}`),
    `faults: ${faults.join(", ")}`,
    `the last of ${trace.length} lines of its trace:`,
    ...trace.slice(-TAIL_LINES).map((line) => `  ${line}`),
  ].join("\n");
}
