export type ConfigErrorCode =
  /** Something is set that must not be, or to what it must not be. */
  | "CONFIG_INVALID"
  /** A configuration file is not there or cannot be read. */
  | "CONFIG_UNREADABLE";

/** Stops a program before it starts anything. */
export class ConfigError extends Error {
  readonly code: ConfigErrorCode;
  /** Everything that is wrong, one line each: where, what, and what is allowed. */
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
