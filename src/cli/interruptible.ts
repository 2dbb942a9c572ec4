import { constants } from "node:os";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Does work that leaves something to clean up when it is interrupted: a signal aborts it, and ends the
 * process as it would have, once the work has let go of everything.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stopping = new AbortController();
  const stop = (signal: NodeJS.Signals): void => stopping.abort(signal);
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    return await work(stopping.signal);
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
    const by = SIGNALS.find((signal) => signal === stopping.signal.reason);
    if (by !== undefined) endBy(by);
  }
}

function endBy(signal: (typeof SIGNALS)[number]): never {
  process.kill(process.pid, signal);
  // A container's first process is not ended by a signal of its own: shells report the others so.
  process.exit(128 + constants.signals[signal]);
}
