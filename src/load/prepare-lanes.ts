import { type AgencyId, agencyId } from "../lottery/bet.ts";
import { batchesOf } from "./bets-source.ts";
import type { Clock } from "../clock.ts";
import type { Frames } from "./frames.ts";
import { Lane } from "./lane.ts";
import type { BenchOptions } from "./options.ts";
import type { Pace } from "./pace.ts";
import { betsOf, invalid, type Plan } from "./plan.ts";
import { planFrames } from "./plan-frames.ts";
import type { Recorder } from "./recorder.ts";
import { tlsWiresTo } from "./tls-wire.ts";
import { wiresTo } from "./wire.ts";

/** One connection, and what it sends. */
export interface Loaded {
  readonly lane: Lane;
  readonly frames: Frames;
  readonly agency: AgencyId;
}

export interface PrepareOptions {
  readonly options: BenchOptions;
  readonly plan: Plan;
  readonly pace: Pace;
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly onQuiet: () => void;
  /** @param fraction done by now, 0 to 1 */
  readonly onProgress: (fraction: number) => void;
}

/**
 * Memory that prepared batches of all connections may take, unless there are too few then: as much as a
 * core's own cache holds. Copying from behind it costs some 5 % of the generator's CPU with a hundred
 * connections.
 */
const FRAMES_BYTES_MAX = 1024 * 1024;
/** Different batches of a connection: enough not to be the same all the time. */
const SLOTS_MAX = 16;
const SLOTS_MIN = 3;
/** What a bet takes, roughly. */
const BET_BYTES = 60;

/**
 * Makes or reads the bets and encodes them: nothing is left to be done later but to send.
 *
 * @returns fewer than there are agencies when it is interrupted
 * @throws BenchError BENCH_INVALID; AgencyError about a file
 */
export async function prepareLanes(request: PrepareOptions): Promise<Loaded[]> {
  const { options, plan, onProgress } = request;
  const { agencies, window, host, port, signal, tlsDir } = options;
  const { pace, recorder, clock, onQuiet } = request;
  const { driver, connectionPerMessage } = plan;
  const openPlain = wiresTo(host, port);
  const loaded: Loaded[] = [];
  for (const [index, number] of agencies.entries()) {
    const agency = agencyId(number);
    if (agency === undefined) throw invalid(`no agency can have the number ${number}`);
    const frames = await framesOf(options, plan, agency, index);
    const openWire =
      tlsDir === undefined ? openPlain : await tlsWiresTo(host, port, tlsDir, agency);
    const lane = new Lane({
      index,
      conversation: driver.converse(agency),
      frames,
      window,
      sequenceAt: driver.sequenceAt,
      connectionPerMessage,
      openWire,
      pace,
      recorder,
      clock,
      onQuiet,
    });
    loaded.push({ lane, frames, agency });
    onProgress((index + 1) / agencies.length);
    // A bar may be drawn and a signal heard.
    await new Promise<void>((resolve) => clock.soon(resolve));
    if (signal?.aborted === true) break;
  }
  return loaded;
}

function framesOf(
  options: BenchOptions,
  { driver, connectionPerMessage }: Plan,
  agency: AgencyId,
  index: number,
): Promise<Frames> {
  const { agencies, window, batchBets, dataDir, seed } = options;
  const affordable = Math.floor(FRAMES_BYTES_MAX / agencies.length / (BET_BYTES * batchBets));
  const slots = Math.max(2 * window, Math.min(SLOTS_MAX, affordable), SLOTS_MIN);
  return planFrames({
    agency,
    driver,
    batches: batchesOf({ agency, driver, batchBets, dataDir, seed }),
    slotsMax: dataDir === undefined ? slots : Number.POSITIVE_INFINITY,
    window,
    bets: betsOf(options, index),
    connectionPerMessage,
  });
}
