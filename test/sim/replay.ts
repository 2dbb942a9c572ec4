import { simulate, worldKind } from "./simulate.ts";

// Runs one seed and prints everything that happens: `node dist/test/sim/replay.js SEED [several]`.

const seed = Number(process.argv[2]);
const kind = worldKind(process.argv[3] ?? "one");
if (!Number.isSafeInteger(seed) || kind === undefined) {
  console.error("Usage: node dist/test/sim/replay.js SEED [several]");
  process.exitCode = 2;
} else {
  const run = await simulate(seed, kind);
  for (const line of run.trace) console.log(line);
  const { events, faults, starts, simulatedMs, hash, violations } = run;
  console.log(`seed ${seed}: ${events} events in ${Math.round(simulatedMs)} simulated ms`);
  console.log(`central started ${starts} times; faults: ${faults.join(", ") || "none"}`);
  console.log(`trace ${hash}`);
  for (const { rule, text } of violations) console.log(`VIOLATION ${rule}: ${text}`);
  if (violations.length > 0) process.exitCode = 1;
}
