export type ConfigErrorCode =
  /** A setting is unknown, or has a value that is not allowed, or is missing. */
  | "CONFIG_INVALID"
  /** A configuration file is not there or cannot be read. */
  | "CONFIG_UNREADABLE";

/** Stops a program before it starts anything. */
export class ConfigError extends Error {
  readonly code: ConfigErrorCode;
  /** All problems, one line each: the place, the problem, and what is allowed. */
  readonly problems: readonly string[];

  constructor(code: ConfigErrorCode, problems: readonly string[], options?: { cause?: unknown }) {
    const list =
      problems.length === 1
        ? problems.join("")
        : [`${problems.length} problems`, ...problems].join("\n  ");
    super(`Cannot use the configuration: ${list}`, options);
    this.name = "ConfigError";
    this.code = code;
    this.problems = problems;
  }
}
