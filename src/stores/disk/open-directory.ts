import { type DirectoryLock, lockDirectory } from "./directory-lock.ts";
import type { Disk } from "./disk.ts";
import { syncNames } from "./disk-io.ts";
import type { Waiting } from "./lock-guard.ts";
import { StoreError } from "../../store/store-error.ts";

/** Locks a directory: a port, for disks that are not the real file system. */
export type Lock = (
  dir: string,
  name: string,
  waiting: Pick<Waiting, "signal" | "onDelay">,
) => Promise<DirectoryLock>;

/**
 * Makes a directory, locks it, and opens what is in it; unlocks it if that fails. Errors of the
 * system become `STORE_UNUSABLE`, naming the directory.
 *
 * @param open gets the lock, and must release it later if it succeeds
 * @throws StoreError; the signal's reason
 */
export async function withDirectory<T>(
  where: {
    readonly disk: Disk;
    readonly dir: string;
    readonly lockFile: string;
    readonly lock: Lock | undefined;
    readonly signal: AbortSignal | undefined;
    readonly onDelay: Waiting["onDelay"];
  },
  open: (lock: DirectoryLock) => Promise<T>,
): Promise<T> {
  const { disk, dir, lockFile, lock = lockDirectory, signal, onDelay } = where;
  try {
    signal?.throwIfAborted();
    await disk.makeDir(dir);
    const held = await lock(dir, lockFile, { signal, onDelay });
    try {
      // Not before: a process that does not get the lock must not touch the disk.
      await syncNames(disk, dir);
      signal?.throwIfAborted();
      return await open(held);
    } catch (error) {
      // Report the first error: it says what is wrong.
      await held.release().catch(() => undefined);
      throw error;
    }
  } catch (error) {
    if (error instanceof StoreError || signal?.aborted === true) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StoreError("STORE_UNUSABLE", `Cannot use ${dir}: ${reason}`, { cause: error });
  }
}
