import type { DoneClaim } from "../lottery/draw-book.ts";
import type { Standing } from "../lottery/standing.ts";
import {
  type AgencyLink,
  type Answer,
  LinkError,
  type OutgoingBatch,
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
import { compareFile, fileDiffers } from "./same-file.ts";

/** A batch that was sent and not answered yet. */
export interface Flight {
  readonly batch: CutBatch;
  readonly sequence: number;
  /** Where the central stands once this batch is stored. */
  readonly after: Position;
  readonly answer: Promise<Answer>;
}

/**
 * What an agency has to send and how far it got, across connections.
 *
 * Batches are numbered when they leave, because a refused batch gives its sequence to the next one.
 * A batch is kept until it is answered, so that a new connection can go on from what the central then
 * says without reading the file again.
 */
export class Shipment {
  readonly #run: BetRun;
  #source: BatchSource | undefined;
  #begun = false;
  /** Cut before and to be sent (again), ahead of what the source still has. */
  #pending: CutBatch[] = [];
  #flights: Flight[] = [];
  #position: Position = START;
  /** Bets of the refused batches, by the file's line on which each batch begins. */
  readonly #refused = new Map<number, number>();
  /** How far the file was read when it was last closed. */
  #closedAt = { bytesRead: 0, fileBytes: 0 };
  /** Bets of the file, once they were counted. */
  betsTotal: number | undefined;

  constructor(run: BetRun) {
    this.#run = run;
  }

  /** Whether this run has begun to send. */
  get begun(): boolean {
    return this.#begun;
  }

  get flights(): readonly Flight[] {
    return this.#flights;
  }

  /** Where in the file the oldest batch under way begins. */
  get oldest(): string {
    const [flight] = this.#flights;
    const { dataFile } = this.#run.config;
    return flight === undefined ? dataFile : `${dataFile}:${firstLine(flight.batch)}`;
  }

  get refused(): { readonly batches: number; readonly bets: number } {
    const bets = [...this.#refused.values()].reduce((sum, count) => sum + count, 0);
    return { batches: this.#refused.size, bets };
  }

  /** What the agency claims to have sent, once everything is answered. */
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
   * Takes over what the central holds of an agency that was done before this run, once it is known that
   * the file holds the same.
   *
   * @throws AgencyError FILE_DIFFERS when it does not; DATA_UNREADABLE
   */
  async recognise({ draw, chainKnown }: AgencyLink, standing: Standing): Promise<void> {
    const { config, onProgress } = this.#run;
    const target = positionOf(standing);
    onProgress(this.progress("comparing"));
    await this.#open();
    const comparison = await compareFile(() => this.#read(), target);
    await this.close();
    const { likeness, refused } = comparison;
    const believed = likeness.kind === "unproven" && (config.resume === "trust" || !chainKnown);
    if (likeness.kind !== "same" && !believed) {
      throw fileDiffers(config.dataFile, comparison, target, draw);
    }
    this.#leaveOut(refused);
    this.#position = target;
    this.#logResumed({ already: "done", file: believed ? "unchecked" : "same" });
  }

  /**
   * Goes on from where the central stands: drops what has arrived of the batches that were under way,
   * or reads the file again from its first row, past what the central holds.
   *
   * @throws AgencyError RESUME_MISMATCH when those bets are not the file's first ones; and whatever
   * reading the file throws
   */
  async align(link: AgencyLink): Promise<void> {
    const target = link.standing === undefined ? START : positionOf(link.standing);
    if (!this.#begun || !this.#reconcile(target)) {
      await this.#skipTo(target, link);
    }
    this.#begun = true;
    this.#run.onProgress(this.progress("sending"));
  }

  /** @returns whether the central stands after one of the flights, or right before them */
  #reconcile(target: Position): boolean {
    const marks = [this.#position, ...this.#flights.map(({ after }) => after)];
    const arrived = marks.findIndex((mark) => samePosition(mark, target));
    if (arrived < 0) return false;
    for (let count = 0; count < arrived; count++) this.accept(undefined);
    this.requeue(this.takeFlights().map(({ batch }) => batch));
    return true;
  }

  async #skipTo(target: Position, link: AgencyLink): Promise<void> {
    const { config } = this.#run;
    this.#flights = [];
    this.#pending = [];
    await this.#open();
    const { kind, bets, rest, refused } = await skipStored(
      () => this.#read(),
      target,
      (batch) => batch.flawed,
    );
    if (kind === "short") throw fileTooShort(config.dataFile, bets, target);
    const acceptable =
      kind === "proven" ||
      config.resume === "trust" ||
      // Nothing to compare with, but enough rows to be the ones that are stored.
      !link.chainKnown;
    if (!acceptable) throw resumeMismatch(config.dataFile, target);
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

  /** The central has refused these before: the log tells which they are, in this run too. */
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
        reason: "from this row on it has a bad one, for which the central refuses it",
      });
    }
  }

  /** Opens the file at its first row. */
  async #open(): Promise<void> {
    await this.close();
    this.#source = await openBatchSource(this.#run);
  }

  /** The file's next batch, whether it is to be sent or not. */
  async #read(): Promise<CutBatch | undefined> {
    this.#run.signal.throwIfAborted();
    return this.#source?.next();
  }

  /** The next batch to send; undefined when there is none left. @throws as {@link BatchSource.next} */
  async next(): Promise<CutBatch | undefined> {
    for (;;) {
      const pending = this.#pending.shift();
      if (pending !== undefined || this.#source === undefined) return pending;
      const batch = await this.#source.next();
      // Waiting for the draw may take hours: not with a file open.
      if (batch === undefined) await this.close();
      // A run that starts from the first row again sees every refusal again.
      if (batch === undefined || !this.#refused.has(firstLine(batch))) return batch;
    }
  }

  /** Numbers a batch and sends it. */
  launch(batch: CutBatch, send: (outgoing: OutgoingBatch) => Promise<Answer>): void {
    const after = positionAfter(this.#flights.at(-1)?.after ?? this.#position, batch);
    const { sequence } = after;
    // In a function of its own: a link that refuses at once must not lose us the batch.
    const answer = (async () => send({ sequence, bets: batch.bets, lines: batch.lines }))();
    // It is awaited in its turn, which may be after the connection has failed.
    answer.catch(() => undefined);
    this.#flights.push({ batch, sequence, after, answer });
  }

  /**
   * The oldest flight is stored.
   *
   * @param head the central's chain head after it, where it tells
   * @throws LinkError CENTRAL_UNSOUND when that is not the chain of what was sent
   */
  accept(head: Uint8Array | undefined): void {
    const flight = this.#flights[0];
    if (flight === undefined) throw new RangeError("Cannot accept a batch: none is under way");
    if (head !== undefined && Buffer.compare(head, flight.after.head) !== 0) {
      throw new LinkError(
        "CENTRAL_UNSOUND",
        `Cannot trust the central: its chain head after batch ${flight.sequence} is not that of the bets sent`,
      );
    }
    this.#flights.shift();
    this.#stored(flight.batch, flight.after);
  }

  /** Empties the list of flights: for who decides about each of them. */
  takeFlights(): readonly Flight[] {
    const flights = this.#flights;
    this.#flights = [];
    return flights;
  }

  /** These go out next, in this order. */
  requeue(batches: readonly CutBatch[]): void {
    this.#pending.unshift(...batches);
  }

  /** The central will never store this batch. */
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
