/** When batches leave. */
export interface Pace {
  /**
   * The moment from which the latency of a connection's next batch counts: not after `nowMs` when it
   * may leave, infinity when no more are to.
   *
   * @param begun batches that the connection has sent
   */
  dueMs(lane: number, begun: number, nowMs: number): number;
  /** What is measured begins here. */
  mark?(): void;
  start(lanes: readonly Pumped[], nowMs: number): void;
  /** Batches that are due by now may still leave, no others. */
  stop(nowMs: number): void;
  /** When it has been stopped: how many of a connection's batches may still leave. Absent: none. */
  overdue?(lane: number, begun: number): number;
}

/** A connection, as far as a pace knows it. */
export interface Pumped {
  /** Sends whatever is due and has room. */
  pump(nowMs: number): void;
}
