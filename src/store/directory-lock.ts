import { type FileHandle, open, rename, rm, stat, link } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { join, relative, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { errorCode } from "./disk.ts";
import { StoreError } from "./store-error.ts";

/** Keeps every other process out of a directory until it is released. */
export interface DirectoryLock {
  release(): Promise<void>;
}

/** A guard is held for milliseconds; one this old was left by a crash between two system calls. */
const GUARD_STALE_MS = 5000;
const GUARD_RETRY_MS = 20;
/** `sun_path` has 108 bytes on Linux, 104 elsewhere, and ends in a zero. */
const SOCKET_PATH_BYTES_MAX = 103;

/**
 * Locks a directory: a Unix-domain socket that listens in it. The kernel answers for its owner, so the
 * lock is alive exactly as long as the process that holds it, seen from any container of the same
 * machine; no process numbers, no rule based on time.
 *
 * @param dir must exist
 * @param name of the socket file
 * @throws StoreError `STORE_LOCKED` when another process holds it
 */
export async function lockDirectory(dir: string, name: string): Promise<DirectoryLock> {
  try {
    const dropGuard = await takeGuard(join(dir, `${name}.guard`));
    try {
      return await takeOver(dir, name);
    } finally {
      await dropGuard();
    }
  } catch (error) {
    if (error instanceof StoreError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StoreError("STORE_UNUSABLE", `Cannot lock ${dir}: ${reason}`, { cause: error });
  }
}

async function takeOver(dir: string, name: string): Promise<DirectoryLock> {
  if (await answers(dir, name)) {
    throw new StoreError(
      "STORE_LOCKED",
      `Cannot open ${dir}: another process has it open; stop that one first`,
    );
  }
  // Nobody listens: the socket of a process that is no more, or none.
  await rm(join(dir, name), { force: true });
  return listen(dir, name);
}

/** Looking at the socket and replacing it must be one step: the guard file makes it one. */
async function takeGuard(path: string): Promise<() => Promise<void>> {
  for (;;) {
    try {
      await (await open(path, "wx")).close();
      return () => rm(path, { force: true });
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
    }
    if (!(await removeStaleGuard(path))) await delay(GUARD_RETRY_MS);
  }
}

/** @returns whether the guard is gone */
async function removeStaleGuard(path: string): Promise<boolean> {
  const ageMs = await ageOf(path);
  if (ageMs === undefined) return true;
  if (ageMs < GUARD_STALE_MS) return false;
  // Two may come to this at once. One gets the file that both saw; the other might get the fresh
  // guard of the first, sees its age, and puts it back.
  const aside = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return true;
    throw error;
  }
  const asideAgeMs = await ageOf(aside);
  if (asideAgeMs !== undefined && asideAgeMs < GUARD_STALE_MS) {
    await link(aside, path).catch(() => undefined);
  }
  await rm(aside, { force: true });
  return true;
}

async function ageOf(path: string): Promise<number | undefined> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Whether a living process listens on the socket. */
async function answers(dir: string, name: string): Promise<boolean> {
  const way = await wayTo(dir, name);
  try {
    return await new Promise<boolean>((done, fail) => {
      const socket = connect(way.path);
      socket.once("connect", () => {
        socket.destroy();
        done(true);
      });
      socket.once("error", (error) => {
        const code = errorCode(error);
        if (code === "ENOENT" || code === "ECONNREFUSED") done(false);
        // Its queue of connections is full: somebody is there, and busy.
        else if (code === "EAGAIN") done(true);
        else fail(error);
      });
    });
  } finally {
    await way.close();
  }
}

async function listen(dir: string, name: string): Promise<DirectoryLock> {
  const way = await wayTo(dir, name);
  const server: Server = createServer((socket) => socket.destroy());
  try {
    await new Promise<void>((done, fail) => {
      server.once("error", fail);
      server.listen(way.path, done);
    });
  } catch (error) {
    await way.close();
    throw error;
  }
  server.unref();
  let released: Promise<void> | undefined;
  const release = async (): Promise<void> => {
    // Closing removes the socket's file, by the way it was made.
    await new Promise<void>((done) => server.close(() => done()));
    await way.close();
  };
  return { release: () => (released ??= release()) };
}

interface Way {
  readonly path: string;
  close(): Promise<void>;
}

/** A path to the socket that is short enough for the system, however long the directory's is. */
async function wayTo(dir: string, name: string): Promise<Way> {
  const absolute = resolve(dir, name);
  for (const path of [absolute, relative(process.cwd(), absolute)]) {
    if (Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX) {
      return { path, close: () => Promise.resolve() };
    }
  }
  if (process.platform !== "linux") {
    throw new Error(`the path is longer than ${SOCKET_PATH_BYTES_MAX} bytes`);
  }
  const handle: FileHandle = await open(dir, "r");
  return { path: `/proc/self/fd/${handle.fd}/${name}`, close: () => handle.close() };
}
