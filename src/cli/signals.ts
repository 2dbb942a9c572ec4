import type { Logger } from "../log/logger.ts";

export type StopSignal = "SIGTERM" | "SIGINT";

/**
 * Calls `stop` at the first SIGTERM or SIGINT, with a log line; later ones change nothing.
 *
 * @returns takes the handlers away again
 */
export function onStopSignal(logger: Logger, stop: (signal: StopSignal) => void): () => void {
  let stopping = false;
  const handle = (signal: StopSignal): void => {
    logger.log("info", { action: "receive_signal", result: "success", signal });
    if (stopping) return;
    stopping = true;
    stop(signal);
  };
  process.on("SIGTERM", handle);
  process.on("SIGINT", handle);
  return () => {
    process.off("SIGTERM", handle);
    process.off("SIGINT", handle);
  };
}
