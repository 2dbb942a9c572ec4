import type { Batch } from "../lottery/batch.ts";
import type { Bet } from "../lottery/bet.ts";
import { batchReceived, betStored } from "../log/lines.ts";
import type { Logger, LogLevel } from "../log/logger.ts";
import type { DeskVerdict } from "../protocols/desk.ts";

/** What the log needs of a batch once its bytes are gone. */
export type BatchId = Pick<Batch, "agency" | "count"> & Partial<Pick<Batch, "sequence">>;

/**
 * Writes what became of a batch: the line that the exercise mandates, exactly as it is there, and for
 * a batch that was not stored a second line with the details.
 *
 * @param bet the bet of a batch that is logged singly
 */
export function logVerdict(
  logger: Logger,
  batch: BatchId,
  verdict: DeskVerdict,
  bet: Bet | undefined,
): void {
  switch (verdict.kind) {
    case "stored":
      if (bet !== undefined) logger.log("info", betStored(bet.document, bet.number));
      else if (logger.enabled("info")) logger.log("info", batchReceived("success", batch.count));
      return;
    case "duplicate":
      // Not a second `apuesta_recibida`: that line is written once for a batch that is stored.
      if (!logger.enabled("info")) return;
      logger.log("info", { action: "apuesta_repetida", result: "success", cantidad: batch.count });
      return;
    case "busy":
      logDetails(logger, "warning", "defer_batch", batch, { retry_after_ms: verdict.retryAfterMs });
      return;
    case "invalid": {
      const { index, field, reason } = verdict.flaw;
      logRefusal(logger, batch, { code: "INVALID", index, field, reason });
      return;
    }
    case "conflict":
      logRefusal(logger, batch, { code: "CONFLICT" });
      return;
    case "late":
      logRefusal(logger, batch, { code: "LATE" });
      return;
    case "unknown-agency":
      logRefusal(logger, batch, { code: "UNKNOWN_AGENCY" });
      return;
    case "gap":
      // Not judged, and so not `apuesta_recibida`: what was in flight behind a batch that was refused
      // or put off comes again.
      logDetails(logger, "debug", "refuse_batch", batch, {
        code: "GAP",
        expected: verdict.expected,
      });
  }
}

type Details = Readonly<Record<string, string | number>>;

function logRefusal(logger: Logger, batch: BatchId, details: Details): void {
  if (logger.enabled("warning")) logger.log("warning", batchReceived("fail", batch.count));
  logDetails(logger, "warning", "refuse_batch", batch, details);
}

function logDetails(
  logger: Logger,
  level: LogLevel,
  action: string,
  { agency, sequence, count }: BatchId,
  details: Details,
): void {
  if (!logger.enabled(level)) return;
  const which = sequence === undefined ? { agency, count } : { agency, sequence, count };
  logger.log(level, { action, result: "fail", ...which, ...details });
}
