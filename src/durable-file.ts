import { randomBytes } from "node:crypto";
import { type FileHandle, link, open, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Writes a new small file that appears whole or not at all, and is on stable storage when this resolves.
 *
 * @param mode permissions, from which the process's mask may take some away
 * @throws the system's error; EEXIST when there is a file of this name
 */
export async function createFile(path: string, text: string, mode: number): Promise<void> {
  const temp = temporaryName(path);
  try {
    await writeSynced(temp, text, mode, async () => undefined);
    // Unlike a rename, a link replaces nothing.
    await link(temp, path);
  } finally {
    await rm(temp, { force: true });
  }
  await syncFolder(dirname(path));
}

/**
 * Replaces a small file: at any time the old one or the new one is there, whole, and the new one is on stable
 * storage when this resolves. It keeps the permissions and the owner. If the path is a link, the link's
 * target is replaced.
 *
 * @throws the system's error
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const target = await realpath(path);
  const old = await stat(target);
  const temp = temporaryName(target);
  try {
    await writeSynced(temp, text, 0o600, async (file) => {
      const { uid, gid } = await file.stat();
      if (uid !== old.uid || gid !== old.gid) await file.chown(old.uid, old.gid);
      await file.chmod(old.mode & 0o7777);
    });
    await rename(temp, target);
  } catch (error) {
    await rm(temp, { force: true });
    throw error;
  }
  await syncFolder(dirname(target));
}

/**
 * Puts a folder on stable storage, so that a new name in it lasts. Ignores folders that cannot be synced
 * (such as a shared folder of the host), or not by us: the file is there and whole anyway.
 *
 * @param sync [the file system's]
 */
export async function syncFolder(
  path: string,
  sync: (path: string) => Promise<void> = syncNow,
): Promise<void> {
  try {
    await sync(path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && NOT_SYNCED.has(error.code))) throw error;
  }
}

const NOT_SYNCED: ReadonlySet<unknown> = new Set([
  "EACCES",
  "EPERM",
  "EINVAL",
  "ENOSYS",
  "ENOTSUP",
  "EOPNOTSUPP",
]);

async function syncNow(path: string): Promise<void> {
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function writeSynced(
  temp: string,
  text: string,
  mode: number,
  prepare: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const file = await open(temp, "wx", mode);
  try {
    await prepare(file);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

function temporaryName(path: string): string {
  return `${path}.${randomBytes(6).toString("hex")}.tmp`;
}
