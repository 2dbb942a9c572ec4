import { BenchError } from "./bench-error.ts";
import { type BenchClock, realClock } from "./clock.ts";
import { ClosedLoop } from "./closed-loop.ts";
import { connectAll } from "./connect-all.ts";
import { awaitDraw } from "./draw.ts";
import { makeReport, per } from "./make-report.ts";
import { OpenLoop } from "./open-loop.ts";
import type { BenchOptions } from "./options.ts";
import type { Pace } from "./pace.ts";
import { type Plan, planOf } from "./plan.ts";
import { type Loaded, prepareLanes } from "./prepare-lanes.ts";
import type { BenchProgress } from "./progress.ts";
import { Recorder, type Snapshot } from "./recorder.ts";
import type { BenchReport } from "./report.ts";
import { Seconds } from "./seconds.ts";
import { wait } from "./wait.ts";

/**
 * Loads a central and measures it.
 *
 * @throws BenchError when it cannot begin; AgencyError when a file cannot be read. What goes wrong
 * later is in the report.
 */
export async function runBench(options: BenchOptions): Promise<BenchReport> {
  const bench = new Bench(options);
  try {
    await bench.prepare();
    await bench.connect();
    const measured = await bench.load();
    const draw = options.done && options.signal?.aborted !== true ? await bench.draw() : null;
    return bench.report(measured, draw);
  } finally {
    bench.close();
  }
}

const FOREVER_MS: number = Number.POSITIVE_INFINITY;

/** The measured time. */
interface Measured {
  readonly begin: Snapshot;
  readonly end: Snapshot;
  readonly betsBySecond: readonly number[];
}

class Bench {
  readonly #options: BenchOptions;
  readonly #plan: Plan;
  readonly #clock: BenchClock;
  readonly #recorder = new Recorder();
  readonly #openLoop: OpenLoop | undefined;
  readonly #pace: Pace;
  #loaded: readonly Loaded[] = [];
  /** Connections that are not quiet. */
  #busy: number;
  readonly #quiet: Promise<void>;
  #onAllQuiet: (() => void) | undefined;
  #connectMs = 0;
  #told = { nowMs: 0, bets: 0 };

  constructor(options: BenchOptions) {
    const { agencies, ratePerSecond, spin, clock = realClock } = options;
    this.#options = options;
    this.#plan = planOf(options);
    this.#clock = clock;
    this.#openLoop =
      ratePerSecond === undefined
        ? undefined
        : new OpenLoop({ ratePerSecond, lanes: agencies.length, clock, spin });
    this.#pace = this.#openLoop ?? new ClosedLoop();
    this.#busy = agencies.length;
    this.#quiet = new Promise((resolve) => {
      this.#onAllQuiet = resolve;
    });
  }

  async prepare(): Promise<void> {
    this.#loaded = await prepareLanes({
      options: this.#options,
      plan: this.#plan,
      pace: this.#pace,
      recorder: this.#recorder,
      clock: this.#clock,
      onQuiet: () => {
        if (--this.#busy === 0) this.#onAllQuiet?.();
      },
      onProgress: (fraction) => this.#tell("preparing", fraction),
    });
  }

  async connect(): Promise<void> {
    this.#connectMs = this.#clock.nowMs();
    await connectAll(this.#loaded, this.#options, (fraction) => this.#tell("connecting", fraction));
  }

  async load(): Promise<Measured> {
    const { extent } = this.#options;
    const warmupMs = extent.kind === "time" ? extent.warmupMs : 0;
    const durationMs = extent.kind === "time" ? extent.durationMs : FOREVER_MS;
    const lanes = this.#loaded.map(({ lane }) => lane);
    this.#pace.start(lanes, this.#clock.nowMs());
    if (warmupMs > 0) await this.#wait("warming-up", warmupMs);

    const begin = this.#recorder.snapshot(this.#clock.nowMs());
    this.#recorder.mark(begin.nowMs);
    this.#pace.mark?.();
    const seconds = new Seconds(begin.bets);
    await this.#wait("measuring", durationMs, (goneMs) =>
      seconds.tell(goneMs, this.#recorder.bets),
    );
    const end = this.#recorder.snapshot(this.#clock.nowMs());
    seconds.end(end.bets);

    this.#pace.stop(end.nowMs);
    for (const lane of lanes) lane.windUp(end.nowMs);
    await this.#wait("measuring", FOREVER_MS);
    const { batches, refused, errors, firstError } = this.#recorder;
    if (batches === 0 && refused === 0 && errors > 0) {
      const { host, port } = this.#options;
      const state = firstError ?? "it does not answer";
      throw new BenchError("LOAD_FAILED", `Cannot load ${host}:${port}: ${state}`);
    }
    return { begin, end, betsBySecond: seconds.amounts };
  }

  /** @returns null when not all agencies got their winners, which counts as an error */
  async draw(): Promise<BenchReport["draw"]> {
    const agencies = this.#loaded.length;
    this.#tell("awaiting-draw", 0);
    const winners = await awaitDraw(
      this.#loaded,
      (done) => this.#tell("awaiting-draw", done / agencies),
      (reason) => this.#recorder.fail(reason),
    );
    if (winners === undefined) return null;
    const nowMs = this.#clock.nowMs();
    const lastBatchMs = Math.max(this.#connectMs, this.#recorder.lastAnswerMs);
    return {
      winners,
      secondsFromConnect: (nowMs - this.#connectMs) / 1000,
      secondsFromLastBatch: (nowMs - lastBatchMs) / 1000,
    };
  }

  report(measured: Measured, draw: BenchReport["draw"]): BenchReport {
    return makeReport({
      ...measured,
      options: this.#options,
      plan: this.#plan,
      recorder: this.#recorder,
      openLoop: this.#openLoop,
      draw,
    });
  }

  close(): void {
    this.#pace.stop(Number.NEGATIVE_INFINITY);
    for (const { lane } of this.#loaded) lane.close();
  }

  /** Lets the load go on, tells how it goes, and gives up on a central that says nothing. */
  #wait(
    phase: BenchProgress["phase"],
    durationMs: number,
    onTurn: (goneMs: number) => void = () => undefined,
  ): Promise<void> {
    const { signal, answerTimeoutMs } = this.#options;
    const startMs = this.#clock.nowMs();
    const batches = this.#loaded.reduce((sum, { frames }) => sum + frames.batches, 0);
    return wait({
      clock: this.#clock,
      startMs,
      durationMs,
      quiet: this.#quiet,
      signal,
      onTurn: (goneMs, nowMs) => {
        onTurn(goneMs);
        const timed = durationMs < FOREVER_MS;
        this.#tell(phase, timed ? goneMs / durationMs : this.#recorder.batches / batches);
        const silentMs = nowMs - Math.max(startMs, this.#recorder.lastAnswerMs);
        if (silentMs > answerTimeoutMs) {
          const reason = `the central has said nothing for ${answerTimeoutMs} ms`;
          for (const { lane } of this.#loaded) lane.giveUp(reason);
        }
      },
    });
  }

  #tell(phase: BenchProgress["phase"], fraction: number): void {
    const { onProgress } = this.#options;
    if (onProgress === undefined) return;
    const nowMs = this.#clock.nowMs();
    const { bets } = this.#recorder;
    const seconds = (nowMs - this.#told.nowMs) / 1000;
    onProgress({ phase, fraction, bets, betsPerSecond: per(bets - this.#told.bets, seconds) });
    this.#told = { nowMs, bets };
  }
}
