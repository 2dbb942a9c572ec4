import { parseArgs } from "node:util";

export interface SoakOptions {
  readonly minutes: number;
  /** For all centrals together. */
  readonly betsPerSecond: number;
  /** How long each draw takes bets. */
  readonly drawSeconds: number;
  /** The time at the beginning that is left out of the slopes. */
  readonly warmUpSeconds: number;
  readonly json: boolean;
}

export const USAGE = `Usage: node dist/test/soak/main.js [options]

Loads a central whose draw stays open for as long as asked, and others that draw again and again, with
agencies in all dialects and with abusers; tells whether the first one's memory grows.

  --minutes N         how long [10]
  --rate N            bets a second, of all together [20000]
  --draw-seconds N    how long each draw takes bets [60]
  --warm-up-seconds N left out of the slopes [a quarter of the time, 120 at most]
  --json              print the outcome as JSON
  --help              print this
`;

/**
 * Reads the command line. @returns undefined if help was asked for @throws RangeError, TypeError
 */
export function readOptions(args: readonly string[]): SoakOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: "string", default: "10" },
      rate: { type: "string", default: "20000" },
      "draw-seconds": { type: "string", default: "60" },
      "warm-up-seconds": { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const minutes = above(0, "--minutes", values.minutes);
  const warmUp = values["warm-up-seconds"] ?? String(Math.min(120, minutes * 15));
  return {
    minutes,
    betsPerSecond: above(0, "--rate", values.rate),
    drawSeconds: above(0, "--draw-seconds", values["draw-seconds"]),
    warmUpSeconds: above(-1, "--warm-up-seconds", warmUp),
    json: values.json,
  };
}

function above(least: number, name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value > least && Number.isFinite(value)) return value;
  throw new RangeError(`${name}: is "${text}"; allowed: a number above ${least}`);
}
