import { constants } from "node:os";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Does work that must clean up when it is interrupted. A signal aborts the work, and after the cleanup it
 * ends the process as it usually does.
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
  // The first process of a container survives its own signal: end with the status that shells use.
  process.exit(128 + constants.signals[signal]);
}
