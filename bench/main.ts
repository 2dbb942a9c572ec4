import { statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { CommanderError } from "commander";
import { describeMachine } from "./measure/machine.ts";
import { Narrator } from "./narrate.ts";
import { type BenchOptions, parseOptions } from "./options.ts";
import { root } from "./paths.ts";
import { planRows } from "./plan.ts";
import { type BenchResults, resultsJson, saveResults } from "./report/results.ts";
import { renderResults } from "./report/table.ts";
import { runRounds } from "./run-rounds.ts";
import { Stage } from "./stage.ts";

// `make bench`: docs/performance.md says what is measured and how to read it.

const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;

process.exitCode = await main(process.argv.slice(2));

/** @returns the exit status */
async function main(argv: readonly string[]): Promise<number> {
  let options: BenchOptions;
  try {
    options = parseOptions(argv);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    throw error;
  }
  const interrupt = new AbortController();
  const onSignal = (): void => interrupt.abort(new Error("interrupted"));
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  try {
    return await bench(options, interrupt.signal);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    process.stderr.write("\nInterrupted: nothing was saved.\n");
    return EXIT_INTERRUPTED;
  } finally {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  }
}

async function bench(options: BenchOptions, signal: AbortSignal): Promise<number> {
  const dir = await temporaryRoot(options.dir);
  const narrator = new Narrator();
  const whole = new Stage(dir, signal);
  try {
    const rows = planRows(options, whole, (note) => narrator.note(note));
    if (options.list) {
      process.stdout.write(rows.map(({ id, title }) => `${id.padEnd(30)}  ${title}\n`).join(""));
      return 0;
    }
    const startedAt = new Date();
    const before = oneMinuteLoad();
    const results: BenchResults = {
      rows: await runRounds({
        rows,
        rounds: options.rounds,
        calmSeconds: options.calmSeconds,
        newStage: () => new Stage(dir, signal),
        signal,
        onEvent: (event) => narrator.tell(event),
      }),
      startedAt,
      finishedAt: new Date(),
      machine: describeMachine(root, dir),
      options: {
        rounds: options.rounds,
        seconds: options.seconds,
        warmupSeconds: options.warmupSeconds,
        batch: options.batch,
      },
      load: { before, after: oneMinuteLoad() },
    };
    process.stdout.write(options.json ? resultsJson(results) : `\n${renderResults(results)}\n`);
    if (options.save) {
      const path = await saveResults(
        resolve(options.out ?? join(root, "bench", "results")),
        results,
      );
      process.stderr.write(`\nEvery sample: ${path}\n`);
    }
    return results.rows.some(({ failures }) => failures.length > 0) ? 1 : 0;
  } finally {
    await whole.close();
  }
}

/** The folder for temporary folders, on the checkout's disk: the system's own if that is the same disk. */
async function temporaryRoot(asked: string | undefined): Promise<string> {
  const system = tmpdir();
  const sameDisk = statSync(system).dev === statSync(root).dev;
  const path = asked ?? (sameDisk ? system : join(root, "data"));
  await mkdir(path, { recursive: true });
  return resolve(path);
}

function oneMinuteLoad(): number {
  return loadavg()[0] ?? Number.NaN;
}
