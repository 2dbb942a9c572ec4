/** Names of failures of storage. They do not change: logs, exit messages and tests use them. */
export type StoreErrorCode =
  /** Another process has the directory open. */
  | "STORE_LOCKED"
  /** We had the lock of the directory, and it is gone or another process has it. */
  | "STORE_LOST_LOCK"
  /** The files do not have what was written; the message names file and offset. */
  | "LEDGER_CORRUPT"
  /** A write or a sync failed: nothing is confirmed from here on. */
  | "STORE_FAILED"
  /** The directory belongs to a draw with other settings (winning number, agencies). */
  | "DRAW_MISMATCH"
  /** Results were asked of a draw that is cancelled. */
  | "DRAW_CANCELLED"
  /** There is no room for the first bytes, or the directory cannot be made or read. */
  | "STORE_UNUSABLE"
  | "STORE_CLOSED";

/** A failure of storage: the central stops confirming and exits with the code's name. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "StoreError";
    this.code = code;
  }
}
