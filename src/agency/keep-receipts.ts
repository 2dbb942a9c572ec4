import { hash } from "node:crypto";
import type { Receipt } from "../lottery/receipt.ts";
import { plural } from "../lottery/plural.ts";
import { type AgencyLink, type LinkResults, unsound } from "../protocols/agency-link.ts";
import { AgencyError } from "./agency-error.ts";
import type { BetRun } from "./agency-run.ts";
import type { CutBatch } from "./batches.ts";
import { checkSeal } from "./check-seal.ts";
import { type Position, positionOf } from "./resume.ts";
import type { Shipment } from "./shipment.ts";

/** A batch that the central holds. */
export interface ConfirmedBatch {
  readonly batch: CutBatch;
  /** The central's position once the batch is stored. */
  readonly after: Position;
}

/** Batches from earlier runs, as the file is read again. */
export interface HeldBatches {
  readonly add: (batch: CutBatch, after: Position) => void;
  /**
   * @param proven whether the chain head of the last batch proves them all
   * @throws AgencyError RECEIPTS_UNWRITABLE, RECEIPTS_DIFFER; the signal's reason
   */
  readonly keep: (proven: boolean) => Promise<void>;
}

/** Keeps the receipts of a run, if it has a book for them. */
export class ReceiptKeeper {
  readonly #run: BetRun;
  #draw = "";

  constructor(run: BetRun) {
    this.#run = run;
  }

  /** Whether receipts are kept: then a batch counts only once the central has sent a chain head for it. */
  get wanted(): boolean {
    return this.#run.receipts !== undefined;
  }

  /**
   * Opens the book, before anything is sent.
   *
   * @throws AgencyError AGENCY_MISCONFIGURED, RECEIPTS_UNWRITABLE, RECEIPTS_DIFFER; the signal's reason
   */
  async open(): Promise<void> {
    const { config, dialer, logger, receipts, agency, signal } = this.#run;
    if (receipts === undefined) return;
    if (dialer.chained !== true) {
      throw new AgencyError(
        "AGENCY_MISCONFIGURED",
        `Cannot keep receipts: the central's answers in ${config.dialect} do not have the chain head that proves a batch; choose native, or leave receipts.file out`,
      );
    }
    const bytes = await receipts.open(agency, signal);
    if (bytes === 0) return;
    logger.log("warning", {
      action: "cut_torn_receipt",
      result: "success",
      client_id: config.id,
      file: config.receiptsFile,
      bytes,
    });
  }

  /**
   * Compares the book with a greeting, before anything is sent on that connection.
   *
   * @throws AgencyError RECEIPTS_DIFFER when it is of another draw, or the central holds fewer batches
   * @throws LinkError CENTRAL_UNSOUND when the greeting does not say what receipts need
   */
  greeted({ draw, standing, chainKnown }: AgencyLink): void {
    const { receipts } = this.#run;
    if (receipts === undefined) return;
    if (draw === undefined || standing === undefined) {
      throw unsound("its greeting does not name the draw and the standing, which receipts need");
    }
    if (receipts.draw !== undefined && receipts.draw !== draw.name) {
      throw this.#differ(
        `they are of draw ${receipts.draw}, and the central holds draw ${draw.name}; set receipts.file to another file`,
      );
    }
    if (!chainKnown && standing.bets > 0) throw this.#unproven();
    const { count } = receipts;
    const held = positionOf(standing).sequence;
    if (count > held) {
      throw this.#differ(
        `there are ${plural(count, "receipt")}, and the central holds ${plural(held, "batch")} of this agency: it has lost what it confirmed; nothing more was sent: keep this file, and have the central's data restored; to send the lost bets again, set receipts.file to another file`,
      );
    }
    this.#draw = draw.name;
  }

  /**
   * The central has confirmed these batches: their receipts are on stable storage when this resolves.
   *
   * @param batches the central has sent the chain head after the last of them
   * @throws AgencyError RECEIPTS_UNWRITABLE, RECEIPTS_DIFFER; the signal's reason
   */
  async confirmed(batches: readonly ConfirmedBatch[]): Promise<void> {
    const { receipts, signal } = this.#run;
    if (receipts === undefined) return;
    await receipts.keep(
      batches.map(({ batch, after }) => this.#receiptOf(batch, after)),
      signal,
    );
  }

  /**
   * For the batches that the central holds from earlier runs: one of those may have been killed between the
   * central's answer and its receipt.
   */
  held(): HeldBatches {
    const { receipts, signal } = this.#run;
    if (receipts === undefined) return { add: () => undefined, keep: async () => undefined };
    const held: Receipt[] = [];
    return {
      add: (batch, after) => held.push(this.#receiptOf(batch, after)),
      keep: async (proven) => {
        if (!proven) throw this.#unproven();
        await receipts.keep(held, signal);
      },
    };
  }

  /**
   * After the draw: checks that the seal has what the receipts say.
   *
   * @throws AgencyError SEAL_DIFFERS, SEAL_UNPROVEN, GAVE_UP; the signal's reason
   */
  async checkSeal({ seal }: LinkResults, shipment: Shipment): Promise<void> {
    if (!this.wanted || seal === undefined) return;
    this.#run.onProgress(shipment.progress("checking-seal"));
    await checkSeal(this.#run, { draw: this.#draw, seal }, shipment.claim);
  }

  async close(): Promise<void> {
    await this.#run.receipts?.close();
  }

  #receiptOf(batch: CutBatch, after: Position): Receipt {
    return {
      draw: this.#draw,
      agency: this.#run.agency,
      sequence: after.sequence,
      bets: batch.bets.length,
      linesHash: hash("sha256", batch.lines),
      head: Buffer.from(after.head).toString("hex"),
    };
  }

  #unproven(): AgencyError {
    const { dataFile } = this.#run.config;
    return this.#differ(
      `nothing proves that the batches that the central holds are those of ${dataFile}; leave receipts.file out to go on without receipts`,
    );
  }

  #differ(reason: string): AgencyError {
    const { receiptsFile } = this.#run.config;
    return new AgencyError("RECEIPTS_DIFFER", `Cannot keep receipts in ${receiptsFile}: ${reason}`);
  }
}
