import type { BetRun } from "./agency-run.ts";
import { type CutBatch, cutBatches } from "./batches.ts";
import { DataFile } from "./data-file.ts";
import { readBets } from "./read-bets.ts";

/** Cuts the agency's file into batches, from its first row. */
export interface BatchSource {
  /**
   * @returns undefined after the last batch
   * @throws AgencyError DATA_UNREADABLE, ROW_INVALID; the same again at every further call
   */
  next(): Promise<CutBatch | undefined>;
  readonly bytesRead: number;
  readonly fileBytes: number;
  /** Closes the file, with a log line. Call it once. */
  close(): Promise<void>;
}

/** @throws AgencyError DATA_UNREADABLE */
export async function openBatchSource(run: BetRun): Promise<BatchSource> {
  const { config, dialer, logger } = run;
  const file = await DataFile.open(config.dataFile, run.openData);
  const rows = readBets(file, {
    agency: run.agency,
    badRow: config.badRow,
    today: run.today(),
    unfit: (bet) => dialer.unfit?.(bet),
  });
  const batches = cutBatches(rows, {
    amountMax: config.batchAmountMax,
    bytesMax: config.batchBytesMax,
    measure: dialer.measure,
    path: file.path,
  });
  // Keep the error: a generator that has thrown would report the end of the file at the next call.
  let failure: { readonly error: unknown } | undefined;
  return {
    async next() {
      if (failure !== undefined) throw failure.error;
      try {
        const step = await batches.next();
        return step.done === true ? undefined : step.value;
      } catch (error) {
        failure = { error };
        throw error;
      }
    },
    get bytesRead() {
      return file.bytesRead;
    },
    fileBytes: file.bytes,
    async close() {
      await batches.return(undefined);
      await file.close();
      logger.log("info", {
        action: "close_file",
        result: "success",
        client_id: config.id,
        file: file.path,
      });
    },
  };
}
