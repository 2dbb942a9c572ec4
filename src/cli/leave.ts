import { StopRequested } from "./stop-requested.ts";

/** How long Node may take to end by itself after a stop, in milliseconds. */
const LEAVE_GRACE_MS = 200;

/**
 * Ends a process that has finished its stop, also when a system call is stuck: a name server that does not
 * answer, or a file that cannot be opened, blocks a thread of Node's pool, and Node waits for its threads,
 * even in `process.exit`.
 */
export function leaveInTime(stop: AbortSignal): void {
  if (!stop.aborted) return;
  const by = stop.reason instanceof StopRequested ? stop.reason.signal : undefined;
  // The timer fires only if something else keeps the process alive.
  setTimeout(() => leave(by ?? "SIGTERM"), LEAVE_GRACE_MS).unref();
}

function leave(signal: NodeJS.Signals): void {
  const status = Number(process.exitCode ?? 0);
  const { env, execPath } = process;
  // Replacing the program ends all threads, and keeps the exit status: Node can do it since 22.15.
  if ("execve" in process && typeof process.execve === "function") {
    // Do not print the warning that this function is new.
    process.removeAllListeners("warning");
    const { NODE_OPTIONS: _, ...plain } = env;
    process.execve(execPath, [execPath, "--eval", `process.exitCode = ${status}`], plain);
  }
  // Without a name lookup, exit: only lookups can block for long, and files are done soon.
  if (!process.getActiveResourcesInfo().includes("GetAddrInfoReqWrap")) process.exit(status);
  // Otherwise end by the signal itself: shells report that as 128 plus its number.
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
