import type { AgencyId, Bet } from "../lottery/bet.ts";
import { encodeLines } from "../lottery/canonical-line.ts";
import type { CutBatch } from "../agency/batches.ts";
import { BenchError } from "./bench-error.ts";
import type { Driver } from "./drivers/driver.ts";
import { firstAgain, type Frame, Frames } from "./frames.ts";

export interface FramesRequest {
  readonly agency: AgencyId;
  readonly driver: Driver;
  /** The agency's bets; read no further than is needed. */
  readonly batches: AsyncIterable<CutBatch> | Iterable<CutBatch>;
  /** Different batches to hold. */
  readonly slotsMax: number;
  /** Batches that may be unanswered: none of them may be sent again meanwhile. */
  readonly window: number;
  /**
   * `once`: as many as `batches` gives. A number: so many bets, infinity included; batches are sent
   * again when there are not enough.
   */
  readonly bets: number | "once";
  /** Every batch comes on a connection of its own. */
  readonly connectionPerMessage: boolean;
}

/** Encodes what one connection will send. @throws BenchError BENCH_INVALID when there is too little */
export async function planFrames(request: FramesRequest): Promise<Frames> {
  const { agency, driver, bets } = request;
  const encode = (batch: { readonly bets: readonly Bet[]; readonly lines: Uint8Array }): Frame => ({
    bytes: driver.encodeBatch(agency, batch.bets, batch.lines),
    bets: batch.bets.length,
  });
  const betsMax = bets === "once" ? Number.POSITIVE_INFINITY : bets;
  const cut: CutBatch[] = [];
  let sum = 0;
  for await (const batch of request.batches) {
    const fit = shorten(batch, betsMax - sum);
    cut.push(fit);
    sum += fit.bets.length;
    if (sum >= betsMax || (bets !== "once" && cut.length >= request.slotsMax)) break;
  }
  if (cut.length === 0) throw tooFew(agency, "there are none");
  const frames = cut.map(encode);
  if (bets === "once" || sum >= betsMax) return new Frames({ frames, batches: frames.length });

  if (frames.length === 1 && request.connectionPerMessage) {
    throw tooFew(agency, "one batch again and again would be taken for a run that begins again");
  }
  const first = firstAgain(frames.length);
  const cycle = frames.slice(first);
  // A batch that is on its way must not be changed, as its number would be.
  for (const frame of repeated(cycle, request.window + 1)) {
    const others = frames.length - firstAgain(frames.length);
    if (others >= request.window || sumOf(frames) + frame.bets > betsMax) break;
    frames.push(frame);
  }
  const rest = divide(betsMax - sumOf(frames), frames.slice(firstAgain(frames.length)));
  const source = cut[first + (rest.place % cycle.length)];
  const last =
    rest.bets > 0 && source !== undefined ? encode(shorten(source, rest.bets)) : undefined;
  const batches = frames.length + rest.batches + (last === undefined ? 0 : 1);
  return new Frames({ frames, batches, last });
}

function repeated(frames: readonly Frame[], times: number): Frame[] {
  return Array.from({ length: times }, () => frames).flat();
}

/** How often whole batches of a cycle go into a number of bets, and what is left over. */
function divide(
  bets: number,
  cycle: readonly Frame[],
): { readonly batches: number; readonly place: number; readonly bets: number } {
  if (bets === Number.POSITIVE_INFINITY) return { batches: bets, place: 0, bets: 0 };
  const ofCycle = sumOf(cycle);
  const rounds = Math.max(0, Math.floor(bets / ofCycle));
  let left = bets - rounds * ofCycle;
  let place = 0;
  for (const frame of cycle) {
    if (frame.bets > left) break;
    left -= frame.bets;
    place++;
  }
  return { batches: rounds * cycle.length + place, place, bets: left };
}

function sumOf(frames: readonly Frame[]): number {
  return frames.reduce((sum, { bets }) => sum + bets, 0);
}

function shorten(batch: CutBatch, betsMax: number): CutBatch {
  if (batch.bets.length <= betsMax) return batch;
  const bets = batch.bets.slice(0, betsMax);
  return { ...batch, bets, lines: encodeLines(bets) };
}

function tooFew(agency: AgencyId, state: string): BenchError {
  return new BenchError("BENCH_INVALID", `Cannot load with the bets of agency ${agency}: ${state}`);
}
