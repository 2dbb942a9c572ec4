import type { AgencyResults, BatchVerdict, Counter } from "../../counter.ts";
import type { ServeContext } from "../../dialect.ts";
import { StoreError } from "../../../store/store-error.ts";
import { drained } from "../../kit/send-in-parts.ts";
import { drawnMessages } from "./encode.ts";
import {
  type CentralMessage,
  type Drawn,
  type Reject,
  type RejectCode,
  U16_MAX,
  U32_MAX,
} from "./wire.ts";

interface Expected {
  readonly sequence: number;
  verdict: BatchVerdict | undefined;
}

/** The receiver of the answers. */
export interface AnsweredClient {
  send(message: CentralMessage): void;
  /** All batches so far are answered. */
  answered(): void;
}

/**
 * The answers to a client's batches, sent in the order of the batches, also when they are settled in another
 * order.
 *
 * Batches accepted in one turn of the event loop share one ACK: it is sent in a microtask, or before any
 * other message. After a refused batch, later batches that are refused too get REJECT GAP, whatever else is
 * wrong with them, until one is accepted or the refused sequence comes again.
 */
export class Answers {
  readonly #client: AnsweredClient;
  readonly #expected: Expected[] = [];
  #due: { sequence: number; head: Uint8Array } | undefined;
  #refused: number | undefined;
  #closed = false;

  constructor(client: AnsweredClient) {
    this.#client = client;
  }

  /** How many batches are not answered yet. */
  get open(): number {
    return this.#expected.length;
  }

  /** A batch has come. @returns a function to call once with its verdict */
  expect(sequence: number): (verdict: BatchVerdict) => void {
    const expected: Expected = { sequence, verdict: undefined };
    this.#expected.push(expected);
    return (verdict) => {
      expected.verdict = verdict;
      this.#drain();
    };
  }

  /** Sends the ACK that waits for the end of the turn. */
  flush(): void {
    const due = this.#due;
    if (due === undefined) return;
    this.#due = undefined;
    this.#client.send({ kind: "ack", sequence: due.sequence, head: due.head, done: false });
  }

  /** Nothing is answered any more; verdicts that come later are ignored. */
  close(): void {
    this.#closed = true;
    this.#due = undefined;
  }

  #drain(): void {
    if (this.#closed) return;
    let answered = false;
    for (;;) {
      const first = this.#expected[0];
      if (first?.verdict === undefined) break;
      this.#expected.shift();
      this.#answer(first.sequence, first.verdict);
      answered = true;
    }
    if (answered && this.#expected.length === 0) this.#client.answered();
  }

  #answer(sequence: number, verdict: BatchVerdict): void {
    if (verdict.kind === "stored" || verdict.kind === "duplicate") {
      this.#accept(sequence, verdict.head);
      return;
    }
    this.flush();
    if (this.#refused !== undefined && sequence > this.#refused) {
      this.#client.send(reject(sequence, "GAP", `batch ${this.#refused} was refused`));
      return;
    }
    this.#refused = sequence;
    this.#client.send(refusal(sequence, verdict));
  }

  #accept(sequence: number, head: Uint8Array): void {
    this.#refused = undefined;
    // A client may repeat older batches: one cumulative ACK cannot confirm a later and an earlier one.
    if (this.#due !== undefined && sequence <= this.#due.sequence) this.flush();
    if (this.#due === undefined) {
      this.#due = { sequence, head };
      queueMicrotask(() => this.flush());
    } else {
      this.#due.sequence = sequence;
      this.#due.head = head;
    }
  }
}

function refusal(
  sequence: number,
  verdict: Exclude<BatchVerdict, { kind: "stored" | "duplicate" }>,
): CentralMessage {
  switch (verdict.kind) {
    case "invalid": {
      const { index, field, reason } = verdict.flaw;
      return {
        ...reject(sequence, "INVALID", reason),
        ...(index < U16_MAX ? { index } : {}),
        field,
      };
    }
    case "conflict":
      return reject(sequence, "CONFLICT", "another batch is stored under this sequence");
    case "gap":
      return reject(sequence, "GAP", `the next batch must be ${verdict.expected}`);
    case "late":
      return reject(sequence, "LATE", "the agency is done, or the draw is sealed");
    case "busy":
      return { kind: "busy", sequence, retryAfterMs: pauseMs(verdict.retryAfterMs) };
    default:
      return verdict satisfies never;
  }
}

function reject(sequence: number, code: RejectCode, reason: string): Reject {
  return { kind: "reject", sequence, code, reason };
}

/** A pause as the wire carries it: whole milliseconds in 32 bits. */
export function pauseMs(retryAfterMs: number): number {
  return Math.min(Math.max(Math.ceil(retryAfterMs), 0), U32_MAX);
}

/** So many frames of results are sent before they must have left. */
const FRAMES_AT_ONCE = 8;

export interface ResultsTaker {
  send(message: Drawn): void;
  /** All results have been sent. */
  pushed(): void;
  /**
   * No results will come: the draw is cancelled, or storage failed or the store closes. Not called after
   * {@link ResultsPush.stop}.
   */
  drawless(why: "DRAW_CANCELLED" | "STOPPING"): void;
}

/** Waits for the draw and pushes an agency's results, once. */
export class ResultsPush {
  readonly #context: ServeContext;
  readonly #taker: ResultsTaker;
  readonly #abort = new AbortController();
  #over = false;

  constructor(context: ServeContext, counter: Counter, taker: ResultsTaker) {
    this.#context = context;
    this.#taker = taker;
    void this.#wait(counter);
  }

  /** Whether results must still be sent, before the draw or after it. */
  get open(): boolean {
    return !this.#over;
  }

  /** Ends the wait, or the sending in the middle. */
  stop(): void {
    this.#over = true;
    this.#abort.abort();
  }

  async #wait(counter: Counter): Promise<void> {
    try {
      await this.#push(await counter.results(this.#abort.signal));
    } catch (error) {
      const cancelled = error instanceof StoreError && error.code === "DRAW_CANCELLED";
      if (!this.#over) this.#taker.drawless(cancelled ? "DRAW_CANCELLED" : "STOPPING");
      return;
    }
    if (this.#over) return;
    this.#over = true;
    this.#taker.pushed();
  }

  /** Sends in parts: thousands of winners at once would exceed the limit of unsent bytes. */
  async #push(results: AgencyResults): Promise<void> {
    const { peer, limits } = this.#context;
    let frames = 0;
    for await (const message of drawnMessages(results, limits.frameBytesMax)) {
      if (frames === FRAMES_AT_ONCE) {
        await drained(peer, this.#abort.signal);
        frames = 0;
      }
      if (this.#over) return;
      this.#taker.send(message);
      frames++;
    }
  }
}
