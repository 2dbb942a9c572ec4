import type { LogEvent } from "../log/logger.ts";
import { LinkError, type LinkResults } from "../protocols/agency-link.ts";
import { AgencyError } from "./agency-error.ts";
import type { BetRun } from "./agency-run.ts";
import { checkBeforeSending } from "./check-file.ts";
import { ReceiptKeeper } from "./keep-receipts.ts";
import { RefusedByEnd } from "./refused-by-end.ts";
import { sendBatches } from "./send-batches.ts";
import { Shipment } from "./shipment.ts";
import { prepareWinners, tellWinners } from "./tell-winners.ts";
import { withLink } from "./with-link.ts";

/** The result of sending a whole file. */
export interface FileResult {
  /** Undefined in a dialect without a draw. */
  readonly winners: readonly string[] | undefined;
  /** Set when the central refused some of the bets, or the seal could not be checked or differs. */
  readonly failure: AgencyError | LinkError | undefined;
}

/**
 * Sends the agency's file, sends its DONE, and waits for the draw, over as many connections as necessary.
 *
 * @throws AgencyError, LinkError when this fails for good. Then the agency is not done, unless only the
 * results were missing, or it was done before with another file (FILE_DIFFERS)
 */
export async function runFile(run: BetRun): Promise<FileResult> {
  const { config, logger, onProgress } = run;
  const receipts = new ReceiptKeeper(run);
  const shipment = new Shipment(run, receipts);
  const refusedByEnd = new RefusedByEnd();
  let done = false;
  let awaiting = false;
  onProgress(shipment.progress("connecting"));
  try {
    await prepareWinners(run);
    await receipts.open();
    shipment.betsTotal = await checkBeforeSending(run);
    const results = await withLink(run, async (link, contact): Promise<LinkResults | undefined> => {
      const { standing } = link;
      receipts.greeted(link);
      if (standing?.done === true && !shipment.begun && !done) {
        // An earlier run has sent everything: this one must have the same file, and only wants the results.
        await shipment.recognise(link, standing);
        done = true;
      }
      // If the dialect gives a standing, the central says itself whether it has the DONE.
      const heard = standing === undefined ? done : done && standing.done;
      try {
        if (!heard) {
          await shipment.align(link);
          await sendBatches(run, shipment, link, contact);
          onProgress(shipment.progress("closing"));
        }
        if (!heard || standing === undefined) {
          await link.done(shipment.claim);
          const told = !done && run.dialer.drawless !== true;
          if (told) logger.log("info", doneSent(config.id, shipment));
          done = true;
          contact.progressed();
        }
      } catch (error) {
        if (standing === undefined) refusedByEnd.note(error, shipment.oldest);
        throw error;
      }
      onProgress(shipment.progress("awaiting-draw"));
      if (!awaiting && run.dialer.drawless !== true && link.draw?.state !== "drawn") {
        awaiting = true;
        logger.log("info", drawAwaited(config.id, shipment));
      }
      return await link.results();
    });
    let failure: FileResult["failure"];
    if (results !== undefined) {
      await tellWinners(run, results);
      failure = await checkFailure(run, () => receipts.checkSeal(results, shipment));
    }
    onProgress(shipment.progress("finished"));
    return { winners: results?.winners, failure: failure ?? refusalOf(shipment) };
  } finally {
    await receipts.close();
    await shipment.close();
  }
}

/** Why a check that comes after the winners failed: they are told, and stay in the run's result. */
async function checkFailure(
  { signal }: BetRun,
  check: () => Promise<void>,
): Promise<FileResult["failure"]> {
  try {
    await check();
    return undefined;
  } catch (error) {
    const known = error instanceof AgencyError || error instanceof LinkError;
    if (signal.aborted || !known) throw error;
    return error;
  }
}

function doneSent(clientId: string, { claim: { batches, bets } }: Shipment): LogEvent {
  return { action: "send_done", result: "success", client_id: clientId, batches, bets };
}

function drawAwaited(clientId: string, { claim: { bets } }: Shipment): LogEvent {
  return { action: "await_draw", result: "in_progress", client_id: clientId, bets };
}

function refusalOf({ refused }: Shipment): AgencyError | undefined {
  if (refused.batches === 0) return undefined;
  return new AgencyError(
    "BETS_REFUSED",
    `Not all was stored: refused batches: ${refused.batches}, bets in them: ${refused.bets}; the log names the rows`,
  );
}
