/** Names of what can be wrong with a file of bets, or with bets to be stored in one. */
export type BetFileErrorCode =
  /** A row is not a bet; the message begins with file:line. */
  | "ROW_INVALID"
  /** A bet to be stored breaks the rules of a bet. */
  | "BET_INVALID"
  /** The last row has no line end: the program that wrote it was interrupted. */
  | "FILE_TORN";

export class BetFileError extends Error {
  readonly code: BetFileErrorCode;

  constructor(code: BetFileErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "BetFileError";
    this.code = code;
  }
}
