import type { Descriptors } from "../abuse/process-readings.ts";
import type { Progress, SoakOutcome } from "./soak.ts";
import type { Slope } from "./slope.ts";

/** One line of progress. */
export function progressLine({ sample, bets, draws, abuses }: Progress): string {
  const { seconds, rssBytes, heapBytes, externalBytes, descriptors, cpu } = sample;
  return [
    duration(seconds).padStart(8),
    `${count(bets)} bets`,
    `${draws} draws`,
    `${abuses} abuses`,
    `rss ${megabytes(rssBytes)}`,
    `heap ${megabytes(heapBytes)}`,
    `external ${megabytes(externalBytes)}`,
    `${descriptors} fds`,
    `cpu ${Math.round(cpu * 100)} %`,
  ].join(" | ");
}

/** The whole outcome, for people. */
export function outcomeText(outcome: SoakOutcome): string {
  const { seconds, bets, draws, abuses, slopes, headsBytesPerMinute, rssBytes } = outcome;
  const { warmUpSeconds, cpu, descriptors, failures, seed } = outcome;
  const all = bets.watched + bets.drawn;
  const heads = kilobytes(headsBytesPerMinute);
  const rest =
    slopes.rss === undefined
      ? "unknown"
      : `${kilobytes(slopes.rss.perMinute - headsBytesPerMinute)} kB/min`;
  return `
${duration(seconds)}: ${count(all)} bets confirmed (${count(Math.round(all / seconds))}/s), ${draws} draws held and verified, ${abuses} rounds of abuse, QUINIELA_SEED=${seed}

The central whose draw stayed open, ${count(bets.watched)} bets, ${Math.round(cpu * 100)} % of a processor:
  memory      ${megabytes(rssBytes.first)} at first, ${megabytes(rssBytes.last)} at last, ${megabytes(rssBytes.most)} at most
  slopes      after the first ${warmUpSeconds} s, by least squares; errors as if samples strayed independently
    rss       ${slopeText(slopes.rss)}
    heap      ${slopeText(slopes.heap)}
    external  ${slopeText(slopes.external)}
  by design   ${heads} kB/min of chain heads, 32 bytes a batch; they grow by doubling, so in steps
  rss less that: ${rest}
  descriptors ${descriptorsText(descriptors.base)} at first, ${descriptorsText(descriptors.end)} at last

${failures.length === 0 ? "Everything is as it must be." : `Not as it must be:\n  ${failures.join("\n  ")}`}
`;
}

function slopeText(slope: Slope | undefined): string {
  if (slope === undefined) return "too few samples";
  const { perMinute, standardError } = slope;
  return `${kilobytes(perMinute)} kB/min, standard error ${kilobytes(standardError)}`;
}

function descriptorsText({ sockets, files, others }: Descriptors): string {
  return `${sockets} sockets, ${files} files of the ledger, ${others} others`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}

function kilobytes(bytes: number): string {
  return (bytes / 1024).toFixed(1);
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}
