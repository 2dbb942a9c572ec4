import { stat } from "node:fs/promises";
import { lockDirectory } from "../stores/disk/directory-lock.ts";
import { StoreError } from "../store/store-error.ts";
import { CommandFailure } from "./exit-status.ts";

/**
 * Does work while no other `quiniela` command changes the same thing: two that read and write a file at the
 * same time would lose the change of one of them.
 *
 * @param dir the folder of the lock
 * @param name of the lock
 * @param what is changed, for the message
 * @throws CommandFailure when another command changes it now, or there is no such folder
 */
export async function alone<T>(
  dir: string,
  name: string,
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  const folder = await stat(dir).catch(() => undefined);
  if (folder?.isDirectory() !== true) {
    throw new CommandFailure(`Cannot change ${what}: there is no folder ${dir}`);
  }
  const lock = await lockDirectory(dir, name).catch((error: unknown) => {
    if (!(error instanceof StoreError) || error.code !== "STORE_LOCKED") throw error;
    throw new CommandFailure(
      `Cannot change ${what}: another command changes it now; try again when that one has ended`,
    );
  });
  try {
    return await work();
  } finally {
    await lock.release();
  }
}
