import type { Batch, UnnumberedBatch } from "../lottery/batch.ts";
import type { Bet } from "../lottery/bet.ts";
import { batchReceived, betStored } from "../log/lines.ts";
import type { Logger, LogLevel } from "../log/logger.ts";
import type { BatchVerdict } from "../protocols/counter.ts";
import type { PeerLog, PeerSource } from "./peer-log.ts";

/** What the log needs of a batch: its bytes are gone by then. */
type Known = Pick<Batch, "count"> & { readonly agency: number } & Partial<Pick<Batch, "sequence">>;

/** Where lines go: `logger` takes lines of stored batches, `log` takes those that cost a peer nothing. */
export interface IntakeLogs {
  readonly logger: Logger;
  readonly log: PeerLog;
}

/**
 * Writes what became of a batch: the line that the exercise mandates, exactly as it is there, and for
 * a batch that was not stored a second line with the details. That a batch is stored is never left out:
 * it was paid for with a write to the disk.
 *
 * @param source who sent it
 * @param bet the bet of a batch that is logged singly
 */
export function logVerdict(
  { logger, log }: IntakeLogs,
  source: PeerSource,
  batch: Batch | UnnumberedBatch,
  verdict: BatchVerdict,
  bet: Bet | undefined,
): void {
  switch (verdict.kind) {
    case "stored":
      if (bet !== undefined) logger.log("info", betStored(bet.document, bet.number));
      else if (logger.enabled("info")) logger.log("info", batchReceived("success", batch.count));
      return;
    case "duplicate":
      // Not a second `apuesta_recibida`: that line is written once for a batch that is stored.
      if (!log.enabled("info")) return;
      log.log(source, "info", {
        action: "apuesta_repetida",
        result: "success",
        cantidad: batch.count,
        agency: batch.agency,
      });
      return;
    case "busy":
      logDetails(log, source, "warning", "defer_batch", batch, {
        retry_after_ms: verdict.retryAfterMs,
      });
      return;
    case "invalid": {
      const { index, field, reason } = verdict.flaw;
      logRefusal(log, source, batch, { code: "INVALID", index, field, reason });
      return;
    }
    case "conflict":
      logRefusal(log, source, batch, { code: "CONFLICT" });
      return;
    case "late":
      logRefusal(log, source, batch, { code: "LATE" });
      return;
    case "gap":
      // Not judged, and so not `apuesta_recibida`: what was in flight behind a batch that was refused
      // or put off comes again.
      logDetails(log, source, "debug", "refuse_batch", batch, {
        code: "GAP",
        expected: verdict.expected,
      });
  }
}

/** Writes that a batch was refused because its agency is none of the draw's. */
export function logStrangersBatch(log: PeerLog, source: PeerSource, batch: Known): void {
  logRefusal(log, source, batch, { code: "UNKNOWN_AGENCY" });
}

type Details = Readonly<Record<string, string | number>>;

function logRefusal(log: PeerLog, source: PeerSource, batch: Known, details: Details): void {
  if (log.enabled("warning")) log.log(source, "warning", batchReceived("fail", batch.count));
  logDetails(log, source, "warning", "refuse_batch", batch, details);
}

function logDetails(
  log: PeerLog,
  source: PeerSource,
  level: LogLevel,
  action: string,
  { agency, sequence, count }: Known,
  details: Details,
): void {
  if (!log.enabled(level)) return;
  const which = sequence === undefined ? { agency, count } : { agency, sequence, count };
  log.log(source, level, { action, result: "fail", ...which, ...details });
}
