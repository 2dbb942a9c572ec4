/** Names of what can end an agency's run for good: stable, for exit messages and tests. */
export type AgencyErrorCode =
  /** The configuration lacks what the mode needs. */
  | "AGENCY_MISCONFIGURED"
  /** The file of bets cannot be opened or read. */
  | "DATA_UNREADABLE"
  /** A row is no bet that can be sent; file and line are named. */
  | "ROW_INVALID"
  /** What the central holds is not what this file begins with. */
  | "RESUME_MISMATCH"
  /** The agency is done, with another file than this one. */
  | "FILE_DIFFERS"
  /** The central will not take this batch, nor any after it. */
  | "SENDING_CLOSED"
  /** The central refused a batch in which the agency finds nothing wrong; it is not done. */
  | "BATCH_REFUSED"
  /** The central refused bad rows that it was to judge; everything else was sent. */
  | "BETS_REFUSED"
  /** A connection was lost and nobody can tell whether the single bet was stored. */
  | "BET_UNCERTAIN"
  /** The winners cannot be written where they were asked for. */
  | "WINNERS_UNWRITABLE"
  /** No central for longer than the configuration allows. */
  | "GAVE_UP"
  /** The echo loop got no answer, or another one than its message. */
  | "ECHO_FAILED";

/** The agency's run is over: trying again would not help. */
export class AgencyError extends Error {
  readonly code: AgencyErrorCode;

  constructor(code: AgencyErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "AgencyError";
    this.code = code;
  }
}
