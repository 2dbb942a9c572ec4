import { z } from "zod";
import { cli } from "../paths.ts";
import type { Stage } from "../stage.ts";
import { cleanEnvironment } from "./central.ts";
import { longOptions } from "./long-options.ts";

/** How a central is loaded: the options of `quiniela bench`. */
export interface Load {
  readonly port: number;
  readonly dialect: string;
  readonly connections: number;
  /** Bets in a batch. */
  readonly batch: number;
  /** How many batches of a connection may be unanswered. */
  readonly window: number;
  /** One connection for everything, also where the dialect opens one for each message. */
  readonly keepConnection?: true;
  /** Batches per second of all connections, each at its time [as fast as they are answered]. */
  readonly rate?: number;
  /** Set one of `seconds` and `bets`: it ends the load. "all" means the files of `data`. */
  readonly seconds?: number;
  readonly bets?: number | "all";
  /** Over TLS, with the certificates of this folder [no TLS]. */
  readonly tls?: string;
  /** A folder with agencies' files [made-up bets]. */
  readonly data?: string;
  /** Sends DONE at the end and waits for the draw. */
  readonly done?: true;
  /** Use another seed for each load: a dialect without numbers would take the same bets for a repetition. */
  readonly seed?: number;
}

/** How long a generator may take besides the measured time: even 50 million bets take less. */
const PATIENCE_MS = 120_000;

const Report = z.looseObject({
  seconds: z.number(),
  batches: z.number(),
  bets: z.number(),
  betsPerSecond: z.number(),
  batchesPerSecond: z.number(),
  wireBytesOut: z.number(),
  wireBytesIn: z.number(),
  refused: z.number(),
  firstRefusal: z.string().nullable(),
  errors: z.number(),
  firstError: z.string().nullable(),
  latencyMs: z.looseObject({ p50: z.number(), p99: z.number(), p999: z.number() }),
  client: z.looseObject({ cpuSeconds: z.number(), cpuUsPerBatch: z.number() }),
  draw: z.looseObject({ secondsFromConnect: z.number() }).nullable(),
});

/** The parts of the output of `quiniela bench --json` that are used here. */
export type LoadReport = z.infer<typeof Report>;

/**
 * Runs `quiniela bench` to its end. To warm up, the caller makes a first run and ignores its report: so the
 * central's processor time of the second run can be measured alone.
 */
export async function load(stage: Stage, options: Load): Promise<LoadReport> {
  const { dialect, connections, seconds, keepConnection, ...others } = options;
  const generator = stage.startNode(cli, {
    name: `quiniela bench (${dialect}, ${connections} connections)`,
    args: [
      "bench",
      ...longOptions({
        host: "127.0.0.1",
        dialect,
        connections,
        ...others,
        duration: seconds === undefined ? undefined : `${Math.round(seconds * 1000)}ms`,
        // With a number of bets all bets are measured, so there is no warm-up.
        warmup: options.bets === undefined ? "0s" : undefined,
        "keep-connection": keepConnection,
        json: true,
      }),
    ],
    env: cleanEnvironment(),
  });
  const ending = await generator.end(PATIENCE_MS + (seconds ?? 0) * 1000);
  const report = Report.safeParse(parseJson(generator.output));
  if (report.success && (ending === 0 || report.data.batches > 0)) return report.data;
  throw generator.failure(`ended with ${ending} and no usable report`);
}

/** The first refusal and the first error of a report. */
export function notesOf({ firstRefusal, firstError }: LoadReport): string[] {
  return [firstRefusal, firstError].filter((note) => note !== null);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
