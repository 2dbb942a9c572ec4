/** Names of what can go wrong with a central as such: stable, for exit messages and tests. */
export type CentralErrorCode =
  /** Another program listens on the port. */
  | "ADDRESS_IN_USE"
  /** The operating system does not let this user listen there. */
  | "ADDRESS_FORBIDDEN"
  /** This machine does not have the address. */
  | "ADDRESS_UNAVAILABLE"
  /** Listening failed for another reason, kept as `cause`. */
  | "LISTEN_FAILED"
  /** The process may not have enough file descriptors for even a few connections. */
  | "TOO_FEW_DESCRIPTORS"
  /** The clock is before something that has happened. */
  | "CLOCK_UNBELIEVABLE";

export class CentralError extends Error {
  readonly code: CentralErrorCode;

  constructor(code: CentralErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "CentralError";
    this.code = code;
  }
}

/** An error as one line for the log: its code, where it has one, and its message. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  return `${code}: ${error.message}`;
}
