export type LogLevel = "debug" | "info" | "warning" | "error" | "critical";

export const LOG_LEVELS: readonly LogLevel[] = ["debug", "info", "warning", "error", "critical"];

export type LogResult = "success" | "fail" | "in_progress";

/**
 * One event. Keys beyond `action` and `result` are printed in the order in which they were put in:
 * `action: A | result: R | key: value | …`.
 */
export interface LogEvent {
  readonly action: string;
  readonly result: LogResult;
  readonly [key: string]: string | number | boolean;
}

/** A port: the core logs through this and never knows where lines go. */
export interface Logger {
  /** Whether an event of this level would be written: ask before building a costly one. */
  enabled(level: LogLevel): boolean;
  /** Never blocks, never throws. */
  log(level: LogLevel, event: LogEvent): void;
}

/** A logger that can say whether its lines have left the process. */
export interface ConfirmingLogger extends Logger {
  /**
   * Resolves once everything that was logged so far is out of this process: true. False when some of it
   * never will be: it was dropped, or nobody can read any more. Waits for a reader for as long as it takes.
   */
  written(): Promise<boolean>;
}

/** Discards everything. */
export const silentLogger: ConfirmingLogger = {
  enabled: () => false,
  log: () => undefined,
  written: () => Promise.resolve(true),
};
