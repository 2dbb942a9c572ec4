import type { AgencyId, Bet } from "../../lottery/bet.ts";
import type { AgencyDialer } from "../../protocols/agency-link.ts";
import type { Answer, AnswerListener } from "../answer.ts";

/** What the load generator knows of a dialect, in one of its versions. */
export interface Driver {
  /** Tells what a batch may hold, and whether there is a draw. */
  readonly dialer: AgencyDialer;
  /** Batches that may be unanswered on a connection. */
  readonly windowMax: number;
  /** Largest batch that a central takes unless it is configured otherwise. */
  readonly batchBytesMax: number;
  /**
   * The dialect opens a connection for every message. `may`: so do its clients, but our central takes
   * all of them on one.
   */
  readonly connectionPerMessage: "no" | "may" | "must";
  /** Where in a batch its number stands, eight bytes to be filled in when it is sent. */
  readonly sequenceAt?: number;
  /** A batch as it is on the wire, in bytes of its own. Needed before the clock starts only. */
  encodeBatch(agency: AgencyId, bets: readonly Bet[], lines: Uint8Array): Buffer;
  converse(agency: AgencyId): Dialogue;
}

/** One agency's side, in bytes. */
export interface Dialogue {
  /** What it begins with, before the first batch. */
  readonly greeting?: Uint8Array;
  /** Whether the greeting is answered, with a welcome. */
  readonly welcomed?: boolean;
  /**
   * Takes what the central has said.
   *
   * @param bytes where it stands, from 0; somebody else's as soon as this returns
   */
  read(bytes: Buffer, length: number, listener: AnswerListener): void;
  /** A connection begins: nothing is left of what the one before has said. */
  restart?(): void;
  /** Says that all bets were sent and waits for the draw. @returns how many winners */
  finish(talk: Talk, sent: Sent): Promise<number>;
}

/** Question and answer, when the load is over. */
export interface Talk {
  /** @returns the first answer after this. @throws BenchError when the connection ends instead */
  ask(message: Uint8Array): Promise<Answer>;
  /** The next answer, to nothing in particular. @throws BenchError */
  next(): Promise<Answer>;
  pause(delayMs: number): Promise<void>;
}

/** What an agency's end is about. */
export interface Sent {
  /** In the draw, those of earlier connections counted. */
  readonly batches: number;
  readonly bets: number;
  /** Chain head after all of them, as this side computes it; only where batches have numbers. */
  readonly head: Uint8Array | undefined;
  /** Batches on this connection, and whether the last one was the largest, or as large. */
  readonly batchesHere: number;
  readonly lastIsLargest: boolean;
}
