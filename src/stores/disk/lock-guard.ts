import { link, open, rename, rm, stat } from "node:fs/promises";
import { type Clock, pause } from "../../clock.ts";
import type { Delay } from "../../store/bet-store.ts";
import { errorCode } from "./disk.ts";
import { StoreError } from "../../store/store-error.ts";

/** What a start that waits needs. */
export interface Waiting {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  readonly onDelay?: ((delay: Delay) => void) | undefined;
}

/** A guard is held for milliseconds: a crash left one that is this old. */
const GUARD_STALE_MS = 5000;
const GUARD_RETRY_MS = 20;
/** A wait that takes longer is reported. */
const REPORT_AFTER_MS = 500;
/** How long other processes may take turns with the guard; longer than it takes to find one stale. */
const GUARD_WAIT_MS_MAX = 30_000;

/**
 * Looking at a lock's socket and replacing it must be one step: a guard file makes it one.
 *
 * A guard is stale, left by a crash, when its time is old. That time may be wrong, so a guard is stale too
 * when it stays the same for {@link GUARD_STALE_MS} of our own clock.
 *
 * @returns removes the guard
 * @throws StoreError `STORE_LOCKED` when others hold it in turns; the signal's reason
 */
export async function takeGuard(path: string, waiting: Waiting): Promise<() => Promise<void>> {
  const { clock, signal, onDelay } = waiting;
  const what = `lock the directory: ${path} is there`;
  const startMs = clock.nowMs();
  let seen: Guard | undefined;
  let seenSinceMs = startMs;
  let reported = false;
  for (;;) {
    signal?.throwIfAborted();
    try {
      await (await open(path, "wx")).close();
      if (reported) onDelay?.({ kind: "over", what });
      return () => rm(path, { force: true });
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
    }
    const guard = await lookAt(path);
    if (guard === undefined) continue;
    const nowMs = clock.nowMs();
    if (seen === undefined || !isSame(seen, guard)) {
      seen = guard;
      seenSinceMs = nowMs;
    }
    if (Date.now() - guard.mtimeMs >= GUARD_STALE_MS || nowMs - seenSinceMs >= GUARD_STALE_MS) {
      await removeGuard(path, guard);
      continue;
    }
    if (nowMs - startMs >= GUARD_WAIT_MS_MAX) {
      const reason = `other processes have been opening it for ${GUARD_WAIT_MS_MAX / 1000} s`;
      throw new StoreError("STORE_LOCKED", `Cannot take ${path}: ${reason}; stop them first`);
    }
    if (!reported && nowMs - startMs >= REPORT_AFTER_MS) {
      reported = true;
      const reason = `another process is starting, or was killed at its start; at most ${GUARD_STALE_MS / 1000} s`;
      onDelay?.({ kind: "waits", what, reason });
    }
    await pause(clock, GUARD_RETRY_MS, signal);
  }
}

interface Guard {
  readonly ino: bigint;
  readonly mtimeMs: number;
}

function isSame(one: Guard, other: Guard): boolean {
  return one.ino === other.ino && one.mtimeMs === other.mtimeMs;
}

async function lookAt(path: string): Promise<Guard | undefined> {
  try {
    const { ino, mtimeMs } = await stat(path, { bigint: true });
    return { ino, mtimeMs: Number(mtimeMs) };
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Two processes may come here at once. One moves the guard that both saw. The other may move the new guard of
 * the first: it sees that this is not the stale one, and puts it back.
 */
async function removeGuard(path: string, stale: Guard): Promise<void> {
  const aside = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return;
    throw error;
  }
  const moved = await lookAt(aside);
  if (moved !== undefined && !isSame(moved, stale)) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}
