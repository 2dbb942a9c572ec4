import { type Answer, type LinkError, type LinkResults, unsound } from "../../agency-link.ts";
import type { Ack, Busy, Drawn, Reject } from "./wire.ts";

interface Entry {
  readonly sequence: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: LinkError) => void;
}

/**
 * The batches that are sent and not answered, in the order in which they were sent. The central answers in
 * this order; one ACK may answer several.
 */
export class Unanswered {
  readonly #entries: Entry[] = [];
  /** The highest sequence that the central may acknowledge. */
  #highest: number;
  #refused: number | undefined;

  /** @param stored number of batches that were stored before this conversation */
  constructor(stored: number) {
    this.#highest = stored;
  }

  get size(): number {
    return this.#entries.length;
  }

  add(sequence: number): Promise<Answer> {
    this.#highest = Math.max(this.#highest, sequence);
    if (this.#refused !== undefined && sequence <= this.#refused) this.#refused = undefined;
    return new Promise((resolve, reject) => this.#entries.push({ sequence, resolve, reject }));
  }

  /** @throws LinkError */
  ack({ sequence, head }: Ack): void {
    if (sequence > this.#highest) {
      throw unsound(`it acknowledges batch ${sequence}, the last one sent is ${this.#highest}`);
    }
    for (;;) {
      const first = this.#entries[0];
      if (first === undefined || first.sequence > sequence) return;
      this.#entries.shift();
      first.resolve(
        first.sequence === sequence
          ? { kind: "accepted", head: Buffer.from(head) }
          : { kind: "accepted" },
      );
    }
  }

  /** @throws LinkError */
  reject({ sequence, code, index, field, reason }: Reject): void {
    const { resolve } = this.#take(sequence);
    if (code === "GAP" && this.#refused !== undefined && sequence > this.#refused) {
      resolve({ kind: "skipped" });
      return;
    }
    this.#refused = sequence;
    resolve({
      kind: "rejected",
      code,
      ...(index === undefined ? {} : { index }),
      ...(field === undefined ? {} : { field }),
      reason,
    });
  }

  /** @throws LinkError */
  busy({ sequence, retryAfterMs }: Busy): void {
    this.#take(sequence).resolve({ kind: "busy", retryAfterMs });
    this.#refused = sequence;
  }

  /** Rejects all: no answers will come. */
  fail(error: LinkError): void {
    for (const entry of this.#entries.splice(0)) entry.reject(error);
  }

  #take(sequence: number): Entry {
    const first = this.#entries[0];
    if (first?.sequence !== sequence) {
      throw unsound(`it refuses batch ${sequence}, ${first?.sequence ?? "none"} is to be answered`);
    }
    this.#entries.shift();
    return first;
  }
}

/** Puts an agency's results together from their frames. */
export class ResultsCollector {
  readonly #winners: string[] = [];
  #first: { winningNumber: number; seal: Buffer; total: number } | undefined;

  /**
   * @param betsMax number of bets that this agency has: there cannot be more winners
   * @returns the results when this is the last frame
   * @throws LinkError
   */
  take(drawn: Drawn, betsMax: number): LinkResults | undefined {
    const { winningNumber, total, index, documents } = drawn;
    const first = (this.#first ??= { winningNumber, seal: Buffer.from(drawn.seal), total });
    if (
      winningNumber !== first.winningNumber ||
      total !== first.total ||
      !first.seal.equals(drawn.seal)
    ) {
      throw unsound("its results contradict each other");
    }
    if (total > betsMax) throw unsound(`it names ${total} winners among ${betsMax} bets`);
    const end = index + documents.length;
    const empty = documents.length === 0 && end < total;
    if (index !== this.#winners.length || end > total || empty) {
      throw unsound(
        `its results go from winner ${index} to ${end} of ${total}, ${this.#winners.length} is next`,
      );
    }
    this.#winners.push(...documents);
    return end < total ? undefined : { winners: this.#winners, winningNumber, seal: first.seal };
  }
}
