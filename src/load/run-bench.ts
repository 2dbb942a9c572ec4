import { BenchError } from "./bench-error.ts";
import { type Clock, systemClock } from "../clock.ts";
import { ClosedLoop } from "./closed-loop.ts";
import { connectAll } from "./connect-all.ts";
import { awaitDraw } from "./draw.ts";
import { makeReport, per } from "./make-report.ts";
import { OpenLoop } from "./open-loop.ts";
import type { BenchOptions } from "./options.ts";
import type { Lane } from "./lane.ts";
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
    const draw = await bench.draw();
    return bench.report(measured, draw);
  } finally {
    bench.close();
  }
}

/** The measured time. */
interface Measured {
  readonly begin: Snapshot;
  readonly end: Snapshot;
  readonly betsBySecond: readonly number[];
}

class Bench {
  readonly #options: BenchOptions;
  readonly #plan: Plan;
  readonly #clock: Clock;
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
    const { agencies, ratePerSecond, spin, clock = systemClock } = options;
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
    if (this.#interrupted) throw this.#failure(INTERRUPTED);
    this.#connectMs = this.#clock.nowMs();
    let open = 0;
    await this.#wait({
      name: "connecting",
      until: connectAll(this.#loaded, this.#options, (fraction) => {
        open = fraction;
      }),
      fraction: () => open,
    });
    if (this.#interrupted) throw this.#failure(INTERRUPTED);
  }

  async load(): Promise<Measured> {
    const { extent } = this.#options;
    const lanes = this.#lanes;
    this.#pace.start(lanes, this.#clock.nowMs());
    if (extent.kind === "time" && extent.warmupMs > 0) {
      await this.#wait({ name: "warming-up", until: this.#quiet, durationMs: extent.warmupMs });
    }

    const begin = this.#recorder.snapshot(this.#clock.nowMs());
    this.#recorder.mark(begin.nowMs);
    this.#pace.mark?.();
    const seconds = new Seconds(begin.bets);
    const batches = this.#loaded.reduce((sum, { frames }) => sum + frames.batches, 0);
    await this.#wait({
      name: "measuring",
      until: this.#quiet,
      onTurn: (goneMs) => seconds.tell(goneMs, this.#recorder.bets),
      ...(extent.kind === "time"
        ? { durationMs: extent.durationMs }
        : { fraction: () => this.#recorder.batches / batches }),
    });
    const end = this.#recorder.snapshot(this.#clock.nowMs());
    seconds.end(end.bets);

    await this.#windUp(end.nowMs);
    const { batches: accepted, refused, errors, firstError } = this.#recorder;
    if (accepted === 0 && refused === 0 && errors > 0) {
      throw this.#failure(firstError ?? "it does not answer");
    }
    return { begin, end, betsBySecond: seconds.amounts };
  }

  /**
   * Waits for what is owed at the end, and no longer than a central may be silent: a rate that nobody can
   * follow leaves more behind than can ever be answered.
   */
  async #windUp(endMs: number): Promise<void> {
    const { signal, answerTimeoutMs } = this.#options;
    const interrupted = this.#interrupted;
    const graceMs = interrupted ? Math.min(INTERRUPTED_GRACE_MS, answerTimeoutMs) : answerTimeoutMs;
    // After an interrupt nothing more is sent, although it was due.
    this.#pace.stop(interrupted ? Number.NEGATIVE_INFINITY : endMs);
    for (const lane of this.#lanes) lane.windUp(endMs);
    await this.#wait({
      name: "finishing",
      until: this.#quiet,
      durationMs: graceMs,
      signal: interrupted ? undefined : signal,
    });
    const late = `not all is answered ${graceMs} ms after the end`;
    const reason = this.#interrupted && !interrupted ? INTERRUPTED : late;
    for (const lane of this.#lanes) lane.giveUp(reason);
  }

  /** @returns null when nobody asked for it; also when an agency did not get its winners, an error */
  async draw(): Promise<BenchReport["draw"]> {
    if (!this.#options.done || this.#interrupted) return null;
    const agencies = this.#loaded.length;
    let done = 0;
    const drawing = awaitDraw(
      this.#loaded,
      (doneNow) => {
        done = doneNow;
      },
      (reason) => this.#recorder.fail(reason),
    );
    await this.#wait({ name: "awaiting-draw", until: drawing, fraction: () => done / agencies });
    // A connection without its winners by then was interrupted.
    for (const lane of this.#lanes) lane.close(INTERRUPTED);
    const winners = await drawing;
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
    for (const lane of this.#lanes) lane.close();
  }

  get #lanes(): readonly Lane[] {
    return this.#loaded.map(({ lane }) => lane);
  }

  get #interrupted(): boolean {
    return this.#options.signal?.aborted === true;
  }

  #failure(state: string): BenchError {
    const { host, port } = this.#options;
    return new BenchError("LOAD_FAILED", `Cannot load ${host}:${port}: ${state}`);
  }

  /**
   * Waits for something, tells meanwhile how far it is, and gives up on a central that says nothing
   * while it owes an answer.
   */
  async #wait(phase: Phase): Promise<void> {
    const { answerTimeoutMs } = this.#options;
    const { durationMs = Number.POSITIVE_INFINITY, onTurn } = phase;
    const startMs = this.#clock.nowMs();
    const signal = "signal" in phase ? phase.signal : this.#options.signal;
    /** The last that was told; nothing is while a phase has only just begun. */
    let told: number | undefined;
    await wait({
      clock: this.#clock,
      startMs,
      durationMs,
      quiet: phase.until,
      signal,
      onTurn: (goneMs, nowMs) => {
        onTurn?.(goneMs);
        if (goneMs > 0) {
          told = Math.min(1, phase.fraction?.() ?? goneMs / durationMs);
          this.#tell(phase.name, told);
        }
        const { lastAnswerMs, lastHeardMs } = this.#recorder;
        if (nowMs - Math.max(startMs, lastAnswerMs, lastHeardMs) <= answerTimeoutMs) return;
        const reason = `the central has said nothing for ${answerTimeoutMs} ms`;
        for (const lane of this.#lanes) lane.giveUp(reason, nowMs - answerTimeoutMs);
      },
    });
    if (told !== undefined && told < 1 && !this.#interrupted) this.#tell(phase.name, 1);
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

/** What is waited for, and how it is told. */
interface Phase {
  readonly name: BenchProgress["phase"];
  readonly until: Promise<unknown>;
  /** Absent: as long as it takes. */
  readonly durationMs?: number;
  /** Done by now, 0 to 1; absent: as much as is gone of the time. */
  readonly fraction?: () => number;
  readonly onTurn?: (goneMs: number) => void;
  /** Ends the waiting early; absent: the one of the options. */
  readonly signal?: AbortSignal | undefined;
}

/** Answers to what is on its way when a load is interrupted are a matter of milliseconds. */
const INTERRUPTED_GRACE_MS = 1000;
const INTERRUPTED = "it was interrupted";
