import { noReadings } from "../abuse/process-readings.ts";
import { readOptions, type SoakOptions, USAGE } from "./options.ts";
import { outcomeText, progressLine } from "./print-outcome.ts";
import { soak } from "./soak.ts";

// `make soak MINUTES=…`: status 0 if everything was right, 1 if it was not, 2 if the run was not
// possible.

/** Without a terminal, a line of progress comes this often. */
const LINE_EVERY_SECONDS = 10;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options: SoakOptions | undefined;
  try {
    options = readOptions(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  if (options === undefined) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (noReadings !== undefined) {
    process.stderr.write(`Cannot soak: ${noReadings}\n`);
    return 2;
  }
  const interrupt = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => interrupt.abort());
  const outcome = await soak(options, interrupt.signal, (progress) => {
    const { isTTY } = process.stderr;
    const seconds = Math.round(progress.sample.seconds);
    if (isTTY) process.stderr.write(`\r\u001b[K${progressLine(progress)}`);
    if (seconds % LINE_EVERY_SECONDS !== 0) return;
    process.stderr.write(isTTY ? "\n" : `${progressLine(progress)}\n`);
  });
  process.stdout.write(
    options.json ? `${JSON.stringify(outcome, undefined, 2)}\n` : outcomeText(outcome),
  );
  return outcome.failures.length === 0 ? 0 : 1;
}
