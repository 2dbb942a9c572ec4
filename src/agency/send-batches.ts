import { type AgencyLink, type Answer, LinkError } from "../protocols/agency-link.ts";
import { AgencyError } from "./agency-error.ts";
import type { BetRun } from "./agency-run.ts";
import { busyPauseMs } from "./backoff.ts";
import { type CutBatch, firstLine } from "./batches.ts";
import { RarerLines } from "./rarer-lines.ts";
import type { Contact } from "./retry.ts";
import type { Flight, Shipment } from "./shipment.ts";

/** The most unanswered batches of an agency, also when the central offers a larger window. */
const WINDOW_MAX = 256;

/** Codes of a refusal that is valid for every later batch too. */
const CLOSING_CODES: ReadonlySet<string> = new Set(["LATE", "CONFLICT", "GAP"]);

/**
 * Sends all batches of the shipment, with at most the link's window unanswered at a time. Resolves when every
 * batch is stored, or refused because of a bad row that was sent on purpose.
 *
 * Such a refused batch is left out, and the next one gets its sequence. Batches that were in flight after it
 * have wrong sequences now, so they are sent again; nothing new is sent before that.
 *
 * @throws LinkError when the link fails; the shipment knows what to send again
 * @throws AgencyError BATCH_REFUSED, SENDING_CLOSED, or of reading the file, after all answers have come
 */
export async function sendBatches(
  run: BetRun,
  shipment: Shipment,
  link: AgencyLink,
  contact: Contact,
): Promise<void> {
  const lines = new RarerLines();
  const window = Math.max(1, Math.min(link.window, WINDOW_MAX));
  // An unreadable row is reported after all batches before it are answered.
  let unreadable: { readonly error: unknown } | undefined;
  const next = (): Promise<CutBatch | undefined> =>
    shipment.next().catch((error: unknown) => {
      unreadable = { error };
      return undefined;
    });
  for (;;) {
    while (shipment.flights.length < window) {
      const batch = await next();
      if (batch === undefined) break;
      shipment.launch(batch, (outgoing) => link.send(outgoing));
    }
    const oldest = shipment.flights[0];
    if (oldest === undefined) break;
    run.signal.throwIfAborted();
    const answer = await oldest.answer;
    if (answer.kind === "accepted") {
      await shipment.accept(answer.head);
      lines.reset();
    } else {
      await settleRefusal(run, shipment, link, lines);
    }
    contact.progressed();
  }
  if (unreadable !== undefined) throw unreadable.error;
}

/** After the oldest batch in flight was not stored: waits for all other answers, then decides about each. */
async function settleRefusal(
  run: BetRun,
  shipment: Shipment,
  link: AgencyLink,
  lines: RarerLines,
): Promise<void> {
  const settled: { readonly flight: Flight; readonly answer: Answer }[] = [];
  for (const flight of shipment.flights) settled.push({ flight, answer: await flight.answer });
  shipment.takeFlights();

  const again: CutBatch[] = [];
  let pauseMs = 0;
  let unexpected: AgencyError | undefined;
  for (const { flight, answer } of settled) {
    switch (answer.kind) {
      case "accepted":
        throw unsound(flight, "is stored after one that is not");
      case "rejected":
        logRefusal(run, flight, answer);
        if (CLOSING_CODES.has(answer.code)) throw sendingClosed(flight, answer);
        // The same may happen to the next good batch, and DONE would be final: so the run must end.
        if (!flight.batch.flawed) unexpected ??= batchRefused(run, link, flight, answer);
        shipment.refuse(flight.batch);
        break;
      case "busy":
        pauseMs = Math.max(pauseMs, busyPauseMs(answer.retryAfterMs, run.random));
        again.push(flight.batch);
        break;
      case "skipped":
        if (flight === settled[0]?.flight) {
          throw unsound(flight, "is skipped although no batch before it was refused");
        }
        again.push(flight.batch);
        break;
    }
  }
  if (unexpected !== undefined) throw unexpected;
  shipment.requeue(again);
  if (pauseMs > 0) await pause(run, pauseMs, lines);
}

async function pause(run: BetRun, pauseMs: number, lines: RarerLines): Promise<void> {
  const times = lines.next("busy");
  if (times !== undefined) {
    run.logger.log("info", {
      action: "central_busy",
      result: "in_progress",
      client_id: run.config.id,
      times,
      retry_in_ms: Math.round(pauseMs),
    });
  }
  await run.sleep(pauseMs, run.signal);
}

type Rejection = Extract<Answer, { kind: "rejected" }>;

function logRefusal(run: BetRun, { batch, sequence }: Flight, answer: Rejection): void {
  const { code, field, reason } = answer;
  run.logger.log("warning", {
    action: "lote_enviado",
    result: "fail",
    cantidad: batch.bets.length,
    client_id: run.config.id,
    batch: sequence,
    code,
    row: rowOf(run, batch, answer),
    ...(field === undefined ? {} : { field }),
    reason,
  });
}

/** The bad row as `FILE:LINE` if the central names it, otherwise the first row of the batch. */
function rowOf({ config }: BetRun, batch: CutBatch, { index }: Rejection): string {
  const fileLine = index === undefined ? undefined : batch.fileLines[index];
  return `${config.dataFile}:${fileLine ?? firstLine(batch)}`;
}

function batchRefused(
  run: BetRun,
  { standing }: AgencyLink,
  { batch, sequence }: Flight,
  answer: Rejection,
): AgencyError {
  const { code, field, index, reason } = answer;
  const row = rowOf(run, batch, answer);
  const where = index === undefined ? `which begins at ${row}` : `at ${row}`;
  const what = field === undefined ? reason : `${field} ${reason}`;
  // In dialects with a standing the agency knows from the greeting whether it is done.
  const perhaps =
    standing === undefined ? ", perhaps that this agency is done already, with another file" : "";
  return new AgencyError(
    "BATCH_REFUSED",
    `Cannot send batch ${sequence}, ${where}: the central refuses it (${code}: ${what}), and no row of it is bad by this agency's own check; nothing more was sent, and the agency has not said that it is done: look into the central's log for the reason${perhaps}, and run again`,
  );
}

function sendingClosed({ sequence }: Flight, { code, reason }: Rejection): AgencyError {
  return new AgencyError(
    "SENDING_CLOSED",
    `Cannot send batch ${sequence}: the central refuses it and all later ones (${code}: ${reason})`,
  );
}

function unsound({ sequence }: Flight, what: string): LinkError {
  return new LinkError("CENTRAL_UNSOUND", `Cannot trust the central: batch ${sequence} ${what}`);
}
