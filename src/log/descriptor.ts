import { writeSync } from "node:fs";
import { Socket } from "node:net";
import { isatty } from "node:tty";

/** Whether a write to the descriptor returns at once, even when its reader stalls. */
export function neverBlocks(fd: number): boolean {
  if ((fd !== 1 && fd !== 2) || isatty(fd)) return false;
  // Asking for the stream makes Node set O_NONBLOCK on a pipe or socket (and take it back at exit).
  // Without it a stalled reader would hold a thread of the pool, and the process could not even exit.
  const stream: unknown = fd === 1 ? process.stdout : process.stderr;
  return stream instanceof Socket;
}

/** Looks this often at a descriptor that is full before a write fails for good. */
const TRIES = 30;
const TRY_PAUSE_MS = 10;

/** Writes all bytes before it returns. @throws what the system says, EAGAIN after some patience */
export function writeAllSync(fd: number, bytes: Uint8Array): void {
  let tries = TRIES;
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
      tries = TRIES;
    } catch (error) {
      if (!isFull(error) || tries-- === 0) throw error;
      pauseSync(TRY_PAUSE_MS);
    }
  }
}

/** Holds up the whole thread. */
export function pauseSync(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** The reader is behind: worth another try, soon. */
export function isFull(error: unknown): boolean {
  return hasCode(error, "EAGAIN", "EBUSY");
}

/** The disk is full: worth another try, some time. */
export function isOutOfRoom(error: unknown): boolean {
  return hasCode(error, "ENOSPC", "EDQUOT");
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}
