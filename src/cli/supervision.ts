/**
 * What a central or an agency reports to the process that started it, over Node's own channel between parent
 * and child. `quiniela demo` starts both so. When they are started by hand there is no channel, and nothing
 * is reported.
 */
export type Report =
  | { readonly kind: "listening"; readonly port: number }
  /** The draw's files are written. */
  | { readonly kind: "published" }
  | { readonly kind: "progress"; readonly bets: number; readonly fraction: number }
  | {
      readonly kind: "outcome";
      readonly bets: number;
      readonly batches: number;
      readonly winners: readonly string[] | undefined;
    };

/** Sends a report to the parent process, if there is one that listens. */
export function report(message: Report): void {
  // Ignore errors: `stopWithParent` notices when the parent is gone.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

/** Calls `stop` when the parent process is gone, so that no orphan keeps a port or a ledger. */
export function stopWithParent(stop: () => void): void {
  // Started without a channel: there is no parent to watch.
  if (process.send === undefined) return;
  if (!process.connected) {
    stop();
    return;
  }
  process.once("disconnect", stop);
  // Watching must not keep a finished program alive.
  process.channel?.unref();
}

const KINDS: ReadonlySet<string> = new Set<Report["kind"]>([
  "listening",
  "published",
  "progress",
  "outcome",
]);

export function isReport(message: unknown): message is Report {
  if (typeof message !== "object" || message === null || !("kind" in message)) return false;
  return typeof message.kind === "string" && KINDS.has(message.kind);
}
