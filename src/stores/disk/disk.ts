/** How a file is opened. */
export interface OpenOptions {
  /** `read`; `write`: read and write a file that exists; `create`: read and write, emptied or new. */
  readonly mode: "read" | "write" | "create";
  /** Every write is on stable storage when it is reported (O_DSYNC). */
  readonly durable?: boolean;
  /**
   * The file has zeros, or will have them, and is written from front to back, durably. A write may write the
   * zeros after its bytes once more, up to a multiple of 4,096: so the disk can write without the page cache.
   */
  readonly overZeros?: boolean;
}

/**
 * The file system as the stores need it: a port, so that tests can lose what was not synced, fill the
 * disk, or fail at write n. {@link ./node-disk.ts} is the real one. Errors have a `code` as Node's do
 * (`ENOENT`, `ENOSPC`, `EIO`).
 */
export interface Disk {
  /** Makes the directory and those above it, durably. */
  makeDir(dir: string): Promise<void>;
  /** Names in a directory, in no order. */
  list(dir: string): Promise<string[]>;
  open(path: string, options: OpenOptions): Promise<DiskFile>;
  /** Replaces `to`. Durable only after {@link syncDir}. */
  rename(from: string, to: string): Promise<void>;
  /** Succeeds when the file does not exist. */
  remove(path: string): Promise<void>;
  /** Makes names that were created, renamed or removed in `dir` durable. */
  syncDir(dir: string): Promise<void>;
}

export interface DiskFile {
  readonly path: string;
  /**
   * Looks whether the file still has a name: a file that was removed or replaced has none, and everything
   * written to it will be lost. Synchronous.
   */
  isNamed(): boolean;
  /** Bytes in the file. */
  size(): Promise<number>;
  /** @returns number of bytes read: perhaps fewer than asked, and 0 only at the end of the file */
  read(into: Uint8Array, position: number): Promise<number>;
  /**
   * Writes some or all of `bytes`, which must not change meanwhile. It takes a callback because promises are
   * slower, and every confirmed batch waits for this.
   */
  write(
    bytes: Uint8Array,
    position: number,
    done: (error: Error | undefined, written: number) => void,
  ): void;
  /** fdatasync. */
  sync(): Promise<void>;
  truncate(bytes: number): Promise<void>;
  close(): Promise<void>;
}

/** Whether an error says that the disk is full, or the user's quota is used up. */
export function isNoRoom(error: unknown): boolean {
  const code = errorCode(error);
  return code === "ENOSPC" || code === "EDQUOT";
}

/** Errors that may pass: no room, descriptors, memory or buffers now, or an interrupted call. */
const SHORTAGES: ReadonlySet<string | undefined> = new Set([
  "ENOSPC",
  "EDQUOT",
  "EMFILE",
  "ENFILE",
  "ENOMEM",
  "ENOBUFS",
  "EAGAIN",
  "EINTR",
]);

/**
 * Whether an error says that the system is short of something, and not that the disk is broken. Then work
 * that only prepares ahead is tried again; a write that batches wait for is not.
 */
export function isShortage(error: unknown): boolean {
  return SHORTAGES.has(errorCode(error));
}

/** The system's name for an error, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
}
