/** What is broken when it is reported. */
export type Rule =
  /** A batch or a DONE that was acknowledged and is not in the files. */
  | "lost"
  /** Stored more often than it was sent. */
  | "doubled"
  /** Stored, but never sent. */
  | "invented"
  /** Finally refused, but stored. */
  | "refused"
  /** Stored in another order than the agency's. */
  | "order"
  /** A part of a batch, or a batch that is cut in another way than it was sent. */
  | "partial"
  /** Stored bytes that are not the right number of valid bets of the agency. */
  | "lines"
  /** Segments and records: headers, checksums, flushes, sequences, chain heads, what follows the end. */
  | "chain"
  /** A DONE that does not agree with the records before it. */
  | "done"
  /** What operators and the clock did, in records. */
  | "acts"
  /** The seal, in records and in `seal.json`. */
  | "seal"
  /** `bets.csv`, its size and its digest. */
  | "bets-file"
  /** `draw.json` is of another draw. */
  | "draw-file"
  /** A complete summary of other records than its segment has. */
  | "summary"
  /** Entered after the agency's DONE, or after the seal. */
  | "late"
  /** An agency was told other winners than its own. */
  | "winners"
  /** An agency was told winners before the draw was durable. */
  | "early"
  /** Another agency's data in what a client received. */
  | "leak"
  /** Not exactly one draw, in the ledger or in the log. */
  | "draws"
  /** A line of a log that does not have its form. */
  | "log";

export interface Violation {
  readonly rule: Rule;
  readonly agency?: number;
  readonly text: string;
}

/** How a part of the checker reports a violation. */
export type Report = (rule: Rule, text: string, agency?: number) => void;
