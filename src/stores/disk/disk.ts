/** How a file is opened. */
export interface OpenOptions {
  /** `read`; `write`: read and write a file that exists; `create`: read and write, emptied or new. */
  readonly mode: "read" | "write" | "create";
  /** Every write is on stable storage when it is reported (O_DSYNC). */
  readonly durable?: boolean;
  /**
   * The file is one of zeros, or to be one, that is written from front to back, durably: a write may
   * set zeros behind its bytes once more, up to a multiple of 4,096. This lets the disk do without the
   * system's cache.
   */
  readonly overZeros?: boolean;
}

/**
 * The file system as the stores need it: a port, so that tests can lose what was not synced, fill the
 * disk, or fail at write n. {@link ./node-disk.ts} is the real one. Errors carry a `code` as Node's do
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
  /** A file that does not exist is removed already. */
  remove(path: string): Promise<void>;
  /** Makes names that were created, renamed or removed in `dir` durable. */
  syncDir(dir: string): Promise<void>;
}

export interface DiskFile {
  readonly path: string;
  /**
   * Looks whether the file still has a name: one that was removed or replaced has none, and with it goes
   * what is written there. Does not leave the event loop.
   */
  isNamed(): boolean;
  /** Bytes in the file. */
  size(): Promise<number>;
  /** @returns bytes read, fewer than asked when the file ends or the system pleases; 0 at the end */
  read(into: Uint8Array, position: number): Promise<number>;
  /**
   * Writes some or all of `bytes`, which must not change meanwhile. A callback and no promise, because
   * every confirmed batch waits for it.
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

/** Whether an error says that the disk, or the owner's share of it, is full. */
export function isNoRoom(error: unknown): boolean {
  const code = errorCode(error);
  return code === "ENOSPC" || code === "EDQUOT";
}

/** Room, and what else a system may have again in a moment: descriptors, memory, buffers, a turn. */
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
 * Whether an error says that the system is short of something, and not that the disk is broken. What
 * only prepares ahead is tried again then. A write that batches wait for is not.
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
