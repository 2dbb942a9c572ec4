/** Names of what can go wrong with storage: stable, for logs, exit messages and tests. */
export type StoreErrorCode =
  /** Another process has the directory open. */
  | "STORE_LOCKED"
  /** The lock of a directory that was ours is gone, or another process has it. */
  | "STORE_LOST_LOCK"
  /** What is in the files cannot be what was written; file and offset are named. */
  | "LEDGER_CORRUPT"
  /** A write or a sync failed: nothing is confirmed from here on. */
  | "STORE_FAILED"
  /** The directory belongs to a draw with other settings (winning number, agencies). */
  | "DRAW_MISMATCH"
  /** No room for the first bytes, or the directory cannot be made or read. */
  | "STORE_UNUSABLE"
  | "STORE_CLOSED";

/** Storage's fault: the central stops acknowledging and exits with this name. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "StoreError";
    this.code = code;
  }
}
