import { Histogram } from "./histogram.ts";

/** What is counted over all connections, from the first byte on. */
export class Recorder {
  histogram = new Histogram();
  /** Stored. */
  batches = 0;
  bets = 0;
  bytesOut = 0;
  bytesIn = 0;
  /** Batches that the central said no to. */
  refused = 0;
  /** Connections that went wrong. */
  errors = 0;
  /** Batches that were sent, or should have been, and never answered. */
  unanswered = 0;
  firstRefusal: string | undefined;
  firstError: string | undefined;
  /** When the central last accepted a batch, and when it last said anything else. */
  lastAnswerMs = Number.NEGATIVE_INFINITY;
  lastHeardMs = Number.NEGATIVE_INFINITY;
  #markMs = Number.NEGATIVE_INFINITY;

  /** Latencies count from now on: those of batches that were due before do not. */
  mark(nowMs: number): void {
    this.#markMs = nowMs;
    this.histogram = new Histogram();
  }

  /** @param dueMs when the batch should have been sent */
  answered(dueMs: number, nowMs: number): void {
    if (dueMs >= this.#markMs) this.histogram.record(nowMs - dueMs);
  }

  /** A batch without an answer has waited at least so long: leaving it out would hide the worst. */
  missed(dueMs: number, nowMs: number): void {
    this.unanswered++;
    this.answered(dueMs, nowMs);
  }

  refuse(reason: string): void {
    this.refused++;
    this.firstRefusal ??= reason;
  }

  fail(reason: string): void {
    this.errors++;
    this.firstError ??= reason;
  }

  snapshot(nowMs: number): Snapshot {
    const { batches, bets, bytesOut, bytesIn } = this;
    const { user, system } = process.cpuUsage();
    return { nowMs, batches, bets, bytesOut, bytesIn, userMicros: user, systemMicros: system };
  }
}

/** The counts of a moment. */
export interface Snapshot {
  readonly nowMs: number;
  readonly batches: number;
  readonly bets: number;
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly userMicros: number;
  readonly systemMicros: number;
}
