export type StopSignal = "SIGTERM" | "SIGINT";

/** Somebody has told this process to stop: the reason with which its stop signal aborts. */
export class StopRequested extends Error {
  /** The signal that said so; undefined when the parent process is gone. */
  readonly signal: StopSignal | undefined;

  constructor(signal: StopSignal | undefined) {
    super(signal ?? "the parent process is gone");
    this.name = "StopRequested";
    this.signal = signal;
  }
}
