/**
 * What is known about a draw from outside its programs: what clients sent and received, the
 * central's log, and the files that are left.
 */
export interface Evidence {
  /** The draw's name. */
  readonly draw: string;
  readonly winningNumber: number;
  /** Whether an operator tells the number after the seal [it is known from the beginning]. */
  readonly numberTold?: boolean | undefined;
  /** When the draw closes by the central's clock, in milliseconds since 1970 [never]. */
  readonly closesAtMs?: number | undefined;
  /** Whether two operators have to tell the same number [one is enough]. */
  readonly secondOperator?: boolean | undefined;
  /** What operators were told is done [nothing]. */
  readonly actsDone?: readonly ActEvidence[] | undefined;
  /** How many agencies had to be done; they are numbered 1 to this. */
  readonly agencies: number;
  /** One for each agency that took part. */
  readonly clients: readonly ClientEvidence[];
  /**
   * Files of the draw's directory by name: segments, `bets.csv`, `seal.json` and the others
   * (./read-draw-files.ts). They do not change any more: the central has stopped or was killed.
   */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /**
   * The central's log over all its lives, line by line, without line ends. An incomplete last line
   * of a killed process is left out, also in the agencies' logs.
   */
  readonly centralLog: readonly string[];
  /** The agencies' logs, in the agencies' own format. */
  readonly agencyLog: readonly string[];
  /**
   * Whether a crash may have come between the record of the draw and the record that it was told
   * of. Then its log line is missing until the next life, or comes again, marked as recovered.
   */
  readonly drawMayBeToldAgain: boolean;
  /** Whether the draw is over: every agency said DONE, and the files must show a drawn draw. */
  readonly over: boolean;
  /**
   * Whether the central may have ended before it wrote `bets.csv` and `seal.json` of a draw that is
   * over; the next start writes them. Files that are there must be right in any case.
   */
  readonly filesMayBeMissing?: boolean | undefined;
}

/** Something that an operator did to the draw. */
export interface ActEvidence {
  readonly act: string;
  readonly agency?: number;
  readonly number?: number;
  readonly by: string;
}

/** One agency, over all its processes and connections. */
export interface ClientEvidence {
  readonly agency: number;
  /**
   * The batches in the order in which they have to be stored, each once, however often it was sent.
   * A batch that was never sent is not listed.
   */
  readonly batches: readonly BatchEvidence[];
  /** Whether the central has confirmed that the agency is done. */
  readonly done: boolean;
  /**
   * The winners that the agency was told, in their order; undefined if it was told none yet. These
   * are documents, or canonical lines without their ends if the dialect sends whole bets.
   */
  readonly winners: readonly string[] | undefined;
  /** The number of winners in the agency's log, if nothing else is known. */
  readonly winnersCount?: number | undefined;
  /** Every byte that was received, one array for each connection. */
  readonly received: readonly Uint8Array[];
  /**
   * Text that is only in this agency's bets (names, documents), so no other client may ever receive
   * it. ./find-markers.ts finds such documents.
   */
  readonly markers: readonly string[];
  /**
   * Whether documents are received as integers of four bytes (`fixed70`): then markers that are
   * numbers are searched in that form, too.
   */
  readonly binaryDocuments?: boolean | undefined;
  /**
   * Whether its dialect has no batch identifiers and its process began again with other batches, so
   * that bets may be stored more often than once: docs/replays.md.
   */
  readonly mayRepeat: boolean;
  /**
   * Whether its dialect cannot name a draw, and it was served in one after another: it may have sent the end of
   * its file to this one first, and then its beginning (docs/draws.md) [no].
   */
  readonly wandered?: boolean | undefined;
}

export interface BatchEvidence {
  /** Canonical lines, as the central is to store them. */
  readonly lines: Uint8Array;
  /**
   * The strongest answer that the agency got. `refused` is a final refusal (bad, late, in
   * conflict). A batch that has to come again (busy, a gap before it) and was not sent again is
   * `none`.
   */
  readonly answer: "acknowledged" | "refused" | "none";
}
