/** Names of errors that end an agency's run. They do not change: exit messages and tests use them. */
export type AgencyErrorCode =
  /** The configuration lacks what the mode needs. */
  | "AGENCY_MISCONFIGURED"
  /** The file of bets cannot be opened or read. */
  | "DATA_UNREADABLE"
  /** A row is not a bet that can be sent; the message names file and line. */
  | "ROW_INVALID"
  /** The file does not begin with the bets that the central holds. */
  | "RESUME_MISMATCH"
  /** The agency is done already, with another file than this one. */
  | "FILE_DIFFERS"
  /** The central will not accept this batch, nor any after it. */
  | "SENDING_CLOSED"
  /** The central refused a batch in which the agency finds no mistake; the agency is not done. */
  | "BATCH_REFUSED"
  /** Bad rows that were sent on purpose were refused, and all others are stored; or the single bet was. */
  | "BETS_REFUSED"
  /** A connection was lost, and it is not known whether the single bet was stored. */
  | "BET_UNCERTAIN"
  /** The winners cannot be written to the place that was configured. */
  | "WINNERS_UNWRITABLE"
  /** The file of receipts cannot be written. */
  | "RECEIPTS_UNWRITABLE"
  /** The file of receipts does not agree with what the central holds, or is another file. */
  | "RECEIPTS_DIFFER"
  /** The seal of the draw does not have the batches of the agency's receipts. */
  | "SEAL_DIFFERS"
  /** The central cannot show that the seal has them. */
  | "SEAL_UNPROVEN"
  /** There was no central for longer than the configuration allows. */
  | "GAVE_UP"
  /** The echo loop got no answer, or an answer that is not its message. */
  | "ECHO_FAILED";

/** An error that ends the agency's run: another attempt would not help. */
export class AgencyError extends Error {
  readonly code: AgencyErrorCode;

  constructor(code: AgencyErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "AgencyError";
    this.code = code;
  }
}
