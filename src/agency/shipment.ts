import type { DoneClaim } from "../lottery/draw-book.ts";
import type { Standing } from "../lottery/standing.ts";
import {
  type AgencyLink,
  type Answer,
  type OutgoingBatch,
  unsound,
} from "../protocols/agency-link.ts";
import type { AgencyProgress, BetRun } from "./agency-run.ts";
import { type BatchSource, openBatchSource } from "./batch-source.ts";
import { type CutBatch, firstLine } from "./batches.ts";
import {
  fileTooShort,
  type Position,
  positionAfter,
  positionOf,
  resumeMismatch,
  samePosition,
  skipStored,
  START,
} from "./resume.ts";
import type { ReceiptKeeper } from "./keep-receipts.ts";
import { compareFile, fileDiffers } from "./same-file.ts";

/** A batch that was sent and not answered yet. */
export interface Flight {
  readonly batch: CutBatch;
  readonly sequence: number;
  /** The central's position once this batch is stored. */
  readonly after: Position;
  readonly answer: Promise<Answer>;
}

/**
 * What an agency must send and how far it has come, across connections.
 *
 * Batches get their sequence when they are sent, because a refused batch leaves its sequence to the next one.
 * A batch is kept until it is answered, so that a new connection can go on from the central's standing
 * without reading the file again.
 */
export class Shipment {
  readonly #run: BetRun;
  readonly #receipts: ReceiptKeeper;
  #source: BatchSource | undefined;
  #begun = false;
  /** Batches that were cut before and are sent (again) before those of the source. */
  #pending: CutBatch[] = [];
  #flights: Flight[] = [];
  #position: Position = START;
  /** Number of bets of each refused batch, by the file's line on which the batch begins. */
  readonly #refused = new Map<number, number>();
  /** How far the file was read before it was last closed. */
  #closedAt = { bytesRead: 0, fileBytes: 0 };
  /** Number of bets in the file, once they were counted. */
  betsTotal: number | undefined;

  constructor(run: BetRun, receipts: ReceiptKeeper) {
    this.#run = run;
    this.#receipts = receipts;
  }

  /** Whether this run has begun to send. */
  get begun(): boolean {
    return this.#begun;
  }

  get flights(): readonly Flight[] {
    return this.#flights;
  }

  /** Where in the file the oldest unanswered batch begins, as `FILE:LINE`. */
  get oldest(): string {
    const [flight] = this.#flights;
    const { dataFile } = this.#run.config;
    return flight === undefined ? dataFile : `${dataFile}:${firstLine(flight.batch)}`;
  }

  get refused(): { readonly batches: number; readonly bets: number } {
    const bets = [...this.#refused.values()].reduce((sum, count) => sum + count, 0);
    return { batches: this.#refused.size, bets };
  }

  /** The agency's claim for its DONE, once everything is answered. */
  get claim(): DoneClaim {
    const { sequence, bets, head } = this.#position;
    return { batches: sequence, bets, head };
  }

  progress(phase: AgencyProgress["phase"]): AgencyProgress {
    const { bets, sequence } = this.#position;
    const { bytesRead, fileBytes } = this.#source ?? this.#closedAt;
    return { phase, bets, betsTotal: this.betsTotal, batches: sequence, bytesRead, fileBytes };
  }

  /**
   * Compares the file with what the central holds of an agency that was done before this run, and takes over
   * that position.
   *
   * @throws AgencyError FILE_DIFFERS when the file has other bets; DATA_UNREADABLE
   */
  async recognise({ draw, chainKnown }: AgencyLink, standing: Standing): Promise<void> {
    const { config, onProgress } = this.#run;
    const target = positionOf(standing);
    onProgress(this.progress("comparing"));
    await this.#open();
    const held = this.#receipts.held();
    const comparison = await compareFile(() => this.#read(), target, held.add);
    await this.close();
    const { likeness, refused } = comparison;
    const believed = likeness.kind === "unproven" && (config.resume === "trust" || !chainKnown);
    if (likeness.kind !== "same" && !believed) {
      throw fileDiffers(config.dataFile, comparison, target, draw);
    }
    await held.keep(!believed);
    this.#leaveOut(refused);
    this.#position = target;
    this.#logResumed({ already: "done", file: believed ? "unchecked" : "same" });
  }

  /**
   * Goes on from the central's standing: drops the unanswered batches that have arrived, or reads the file
   * again from its first row and skips what the central holds.
   *
   * @throws AgencyError RESUME_MISMATCH when the central's bets are not the file's first ones; errors of
   * reading the file
   */
  async align(link: AgencyLink): Promise<void> {
    const target = link.standing === undefined ? START : positionOf(link.standing);
    if (!this.#begun || !(await this.#reconcile(target))) {
      await this.#skipTo(target, link);
    }
    this.#begun = true;
    this.#run.onProgress(this.progress("sending"));
  }

  /** @returns whether the central's position is before the unanswered batches or after one of them */
  async #reconcile(target: Position): Promise<boolean> {
    const marks = [this.#position, ...this.#flights.map(({ after }) => after)];
    const arrived = marks.findIndex((mark) => samePosition(mark, target));
    if (arrived < 0) return false;
    // The standing has the chain head of all of them.
    await this.#confirm(this.#flights.slice(0, arrived));
    this.requeue(this.takeFlights().map(({ batch }) => batch));
    return true;
  }

  async #skipTo(target: Position, link: AgencyLink): Promise<void> {
    const { config } = this.#run;
    this.#flights = [];
    this.#pending = [];
    await this.#open();
    const held = this.#receipts.held();
    const { kind, bets, rest, refused } = await skipStored(
      () => this.#read(),
      target,
      (batch) => batch.flawed,
      held.add,
    );
    if (kind === "short") throw fileTooShort(config.dataFile, bets, target);
    const acceptable =
      kind === "proven" ||
      config.resume === "trust" ||
      // The central has no chain head to compare with, and the file has enough rows.
      !link.chainKnown;
    if (!acceptable) throw resumeMismatch(config.dataFile, target);
    await held.keep(kind === "proven");
    this.#leaveOut(refused);
    this.requeue(rest === undefined ? [] : [rest]);
    this.#position = target;
    if (target.bets > 0) this.#logResumed({});
  }

  #logResumed(more: Readonly<Record<string, string>>): void {
    const { config, logger } = this.#run;
    const { bets, sequence: batches } = this.#position;
    const resumed = { action: "resume", result: "success", client_id: config.id } as const;
    logger.log("info", { ...resumed, bets, batches, ...more });
  }

  /** Counts batches that the central refused before as refused, and logs them in this run too. */
  #leaveOut(batches: readonly CutBatch[]): void {
    const { config, logger } = this.#run;
    for (const batch of batches) {
      this.refuse(batch);
      logger.log("warning", {
        action: "skip_batch",
        result: "fail",
        cantidad: batch.bets.length,
        client_id: config.id,
        row: `${config.dataFile}:${firstLine(batch)}`,
        reason: "the batch that begins at this row has a bad row, so the central refuses it",
      });
    }
  }

  /** Opens the file at its first row. */
  async #open(): Promise<void> {
    await this.close();
    this.#source = await openBatchSource(this.#run);
  }

  /** The file's next batch, also one that is not sent. */
  async #read(): Promise<CutBatch | undefined> {
    this.#run.signal.throwIfAborted();
    return this.#source?.next();
  }

  /** The next batch to send; undefined after the last one. @throws as {@link BatchSource.next} */
  async next(): Promise<CutBatch | undefined> {
    for (;;) {
      const pending = this.#pending.shift();
      if (pending !== undefined || this.#source === undefined) return pending;
      const batch = await this.#source.next();
      // Close it now: the draw may be hours away.
      if (batch === undefined) await this.close();
      // A run that starts from the first row again sees every refusal again.
      if (batch === undefined || !this.#refused.has(firstLine(batch))) return batch;
    }
  }

  /** Gives a batch its sequence and sends it. */
  launch(batch: CutBatch, send: (outgoing: OutgoingBatch) => Promise<Answer>): void {
    const after = positionAfter(this.#flights.at(-1)?.after ?? this.#position, batch);
    const { sequence } = after;
    // In an async function: when the link throws at once, the batch must still become a flight.
    const answer = (async () => send({ sequence, bets: batch.bets, lines: batch.lines }))();
    // The answer is awaited later, perhaps after the connection has failed.
    answer.catch(() => undefined);
    this.#flights.push({ batch, sequence, after, answer });
  }

  /**
   * The oldest batch in flight is stored. With receipts the batches after it are taken too, up to the first
   * whose answer has a chain head: an answer to several batches has the head after the last of them.
   *
   * @param head the central's chain head after it, if the central sent one
   * @throws LinkError CENTRAL_UNSOUND when it differs from the chain head of what was sent, or receipts need
   * one and there is none
   * @throws errors of keeping receipts
   */
  async accept(head: Uint8Array | undefined): Promise<void> {
    const flight = this.#flights[0];
    if (flight === undefined) throw new RangeError("Cannot accept a batch: none is under way");
    if (head === undefined) {
      await this.#confirm(this.#receipts.wanted ? await this.#upToHead() : [flight]);
    } else {
      expectHead(flight, head);
      await this.#confirm([flight]);
    }
  }

  async #upToHead(): Promise<readonly Flight[]> {
    for (const [index, flight] of this.#flights.entries()) {
      const answer = await flight.answer;
      if (answer.kind !== "accepted") break;
      if (answer.head === undefined) continue;
      expectHead(flight, answer.head);
      return this.#flights.slice(0, index + 1);
    }
    throw unsound("its answer to a batch has no chain head");
  }

  /** These are the oldest batches in flight. They count as stored once they have their receipts. */
  async #confirm(flights: readonly Flight[]): Promise<void> {
    await this.#receipts.confirmed(flights);
    for (const { batch, after } of flights) {
      this.#flights.shift();
      this.#stored(batch, after);
    }
  }

  /** Empties the list of flights: the caller decides about each of them. */
  takeFlights(): readonly Flight[] {
    const flights = this.#flights;
    this.#flights = [];
    return flights;
  }

  /** These batches are sent next, in this order. */
  requeue(batches: readonly CutBatch[]): void {
    this.#pending.unshift(...batches);
  }

  /** Remembers that the central will never store this batch. */
  refuse(batch: CutBatch): void {
    this.#refused.set(firstLine(batch), batch.bets.length);
  }

  #stored(batch: CutBatch, after: Position): void {
    const { config, logger, onProgress } = this.#run;
    this.#position = after;
    if (logger.enabled("debug")) {
      logger.log("debug", {
        action: "lote_enviado",
        result: "success",
        cantidad: batch.bets.length,
        client_id: config.id,
        batch: after.sequence,
      });
    }
    onProgress(this.progress("sending"));
  }

  /** Closes the file, if it is open. */
  async close(): Promise<void> {
    const source = this.#source;
    if (source === undefined) return;
    const { bytesRead, fileBytes } = source;
    this.#closedAt = { bytesRead, fileBytes };
    this.#source = undefined;
    await source.close();
  }
}

function expectHead({ sequence, after }: Flight, head: Uint8Array): void {
  if (Buffer.compare(head, after.head) === 0) return;
  throw unsound(`its chain head after batch ${sequence} is not that of the bets sent`);
}
