/** Names of what can be wrong with a file of bets, or with what is to go into one. */
export type BetFileErrorCode =
  /** A row is no bet; the message begins with file:line. */
  | "ROW_INVALID"
  /** A bet that was to be stored is none. */
  | "BET_INVALID"
  /** The last row has no line end: whoever wrote it was cut off. */
  | "FILE_TORN";

export class BetFileError extends Error {
  readonly code: BetFileErrorCode;

  constructor(code: BetFileErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "BetFileError";
    this.code = code;
  }
}
