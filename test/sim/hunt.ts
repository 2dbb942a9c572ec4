import { type Run, simulate, type WorldKind, worldKind } from "./simulate.ts";

// Plays many seeds: `node dist/test/sim/hunt.js FIRST COUNT one|several [all]`. Stops at the first
// violation, unless told to go on; its last line is JSON for the program that started it.

const [first, count] = process.argv.slice(2, 4).map(Number);
const kind = worldKind(process.argv[4] ?? "one");
const all = process.argv[5] === "all";

export interface Hunt {
  readonly played: number;
  readonly found: readonly { readonly seed: number; readonly violation: string }[];
  readonly msEach: number;
}

if (first === undefined || count === undefined || kind === undefined) {
  console.error("Usage: node dist/test/sim/hunt.js FIRST COUNT one|several [all]");
  process.exitCode = 2;
} else {
  console.log(JSON.stringify(await hunt(first, count, kind)));
}

async function hunt(from: number, seeds: number, kind: WorldKind): Promise<Hunt> {
  const found: { seed: number; violation: string }[] = [];
  const started = performance.now();
  let played = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    const run: Run = await simulate(seed, kind);
    played++;
    const [violation] = run.violations;
    if (violation === undefined) continue;
    found.push({ seed, violation: `${violation.rule}: ${violation.text}` });
    if (!all) break;
  }
  return { played, found, msEach: (performance.now() - started) / played };
}
