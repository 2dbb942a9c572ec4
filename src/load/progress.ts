/** Where a run is. */
export interface BenchProgress {
  readonly phase:
    | "preparing"
    | "connecting"
    | "warming-up"
    | "measuring"
    /** Nothing more becomes due; what is owed is waited for. */
    | "finishing"
    | "awaiting-draw";
  /** Of this phase, 0 to 1. */
  readonly fraction: number;
  /** Stored so far in the whole run. */
  readonly bets: number;
  /** Since the last call. */
  readonly betsPerSecond: number;
}
