/** What is broken when it is reported. */
export type Rule =
  /** Acknowledged, a batch or a DONE, and not in the files. */
  | "lost"
  /** Stored more often than it was sent. */
  | "doubled"
  /** Stored, and never sent. */
  | "invented"
  /** Refused for good, and stored all the same. */
  | "refused"
  /** Stored in another order than the agency's. */
  | "order"
  /** Part of a batch, or a batch cut otherwise than it was sent. */
  | "partial"
  /** Stored bytes that are not so many good bets of the agency. */
  | "lines"
  /** Segments and records: headers, checksums, flushes, sequences, chain heads, what follows the end. */
  | "chain"
  /** A DONE that does not say what stands before it. */
  | "done"
  /** The seal, in records and in `seal.json`. */
  | "seal"
  /** `bets.csv`, its size and its digest. */
  | "bets-file"
  /** `draw.json` tells of another draw. */
  | "draw-file"
  /** A summary that is whole and sums up other records than its segment has. */
  | "summary"
  /** Entered after the agency's DONE, or after the seal. */
  | "late"
  /** An agency was told other winners than its own. */
  | "winners"
  /** Somebody was told winners before the draw was durable. */
  | "early"
  /** Another agency's data in what a client received. */
  | "leak"
  /** Not exactly one draw, in the ledger or in the log. */
  | "draws"
  /** A line of a log that does not obey the grammar. */
  | "log";

export interface Violation {
  readonly rule: Rule;
  readonly agency?: number;
  readonly text: string;
}

/** How a part of the checker says what it has found. */
export type Report = (rule: Rule, text: string, agency?: number) => void;
