export type StopSignal = "SIGTERM" | "SIGINT";

/** The reason with which the stop signal aborts: this process was asked to stop. */
export class StopRequested extends Error {
  /** The signal that asked for it; undefined when the parent process is gone. */
  readonly signal: StopSignal | undefined;

  constructor(signal: StopSignal | undefined) {
    super(signal ?? "the parent process is gone");
    this.name = "StopRequested";
    this.signal = signal;
  }
}
