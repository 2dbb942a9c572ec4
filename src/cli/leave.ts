import { StopRequested } from "./stop-requested.ts";

/** What Node gets to end by itself after a stop, before it is ended. */
const LEAVE_GRACE_MS = 200;

/**
 * Ends a process that was told to stop and is through, also when the system does not let go of it: a
 * name server that does not answer, or a file that cannot be opened, holds up a thread of Node's pool,
 * and Node waits for its threads, even in `process.exit`.
 */
export function leaveInTime(stop: AbortSignal): void {
  if (!stop.aborted) return;
  const by = stop.reason instanceof StopRequested ? stop.reason.signal : undefined;
  // Only something that is under way makes this timer fire.
  setTimeout(() => leave(by ?? "SIGTERM"), LEAVE_GRACE_MS).unref();
}

function leave(signal: NodeJS.Signals): void {
  const status = Number(process.exitCode ?? 0);
  const { env, execPath } = process;
  // Becoming another program takes all threads away, and keeps the status: Node has that since 22.15.
  if ("execve" in process && typeof process.execve === "function") {
    // It warns that the function is new.
    process.removeAllListeners("warning");
    const { NODE_OPTIONS: _, ...plain } = env;
    process.execve(execPath, [execPath, "--eval", `process.exitCode = ${status}`], plain);
  }
  // Only names are looked up for as long as somebody else pleases; files are done with soon.
  if (!process.getActiveResourcesInfo().includes("GetAddrInfoReqWrap")) process.exit(status);
  // What is left is the signal's own effect, which shells report as 128 and its number.
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
