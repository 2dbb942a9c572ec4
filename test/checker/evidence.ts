/**
 * What is known about a draw from outside the programs that took part in it: what clients put on the
 * wire and heard back, what the central's log said, and the files that are left.
 */
export interface Evidence {
  /** The draw's name. */
  readonly draw: string;
  readonly winningNumber: number;
  /** How many agencies had to be done; they are numbered 1 to this. */
  readonly agencies: number;
  /** One for each agency that took part. */
  readonly clients: readonly ClientEvidence[];
  /**
   * Files of the draw's directory by name: segments, `bets.csv`, `seal.json` and what else is there
   * (./read-draw-files.ts). Nobody writes to them any more: the central has stopped or was killed.
   */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /**
   * The central's log over all its lives, line by line, without line ends. What a killed process had
   * written of a line whose end never came is left out; so is it in the agencies' logs.
   */
  readonly centralLog: readonly string[];
  /** The agencies' logs, in the agencies' own format. */
  readonly agencyLog: readonly string[];
  /**
   * Whether a crash may have come between the record of the draw and the record that it was told of. Its
   * log line is then missing until the next life has served, or comes again, marked as recovered.
   */
  readonly drawMayBeToldAgain: boolean;
  /** Whether the draw is over: everybody said DONE, and the files must show a drawn draw. */
  readonly over: boolean;
  /**
   * Whether the central may have ended before it wrote `bets.csv` and `seal.json` of a draw that is
   * over, which the next start does. Files that are there must be right in any case.
   */
  readonly filesMayBeMissing?: boolean | undefined;
}

/** One agency, over all its processes and connections. */
export interface ClientEvidence {
  readonly agency: number;
  /**
   * The batches in the order in which the agency wants them stored, each once, however often it was
   * sent. A batch that was never sent is not listed.
   */
  readonly batches: readonly BatchEvidence[];
  /** Whether the central has confirmed that the agency is done. */
  readonly done: boolean;
  /**
   * The winners that the agency was told, in the order in which it was; undefined if it was not.
   * Documents, or canonical lines without their ends where the dialect tells whole bets.
   */
  readonly winners: readonly string[] | undefined;
  /** How many winners the agency says that it was told, where that is all that is known. */
  readonly winnersCount?: number | undefined;
  /** Every byte that came in, a run of them for each connection. */
  readonly received: readonly Uint8Array[];
  /**
   * Text that stands in this agency's bets and in nobody else's (names, documents), and so must never
   * come in at another client. ./find-markers.ts finds such documents.
   */
  readonly markers: readonly string[];
  /**
   * Whether documents come in as integers of four bytes (`fixed70`): then markers that are numbers are
   * looked for in that form, too.
   */
  readonly binaryDocuments?: boolean | undefined;
  /**
   * Whether its dialect has no batch identifiers and its process began again with other batches, so
   * that bets may be stored more often than once: docs/replays.md.
   */
  readonly mayRepeat: boolean;
}

export interface BatchEvidence {
  /** Canonical lines, as the central is to store them. */
  readonly lines: Uint8Array;
  /**
   * What the agency heard of it, the strongest that it heard. `refused` is a word that is final (bad,
   * late, in conflict); what is put off (busy, a gap before it) and not sent again is `none`.
   */
  readonly answer: "acknowledged" | "refused" | "none";
}
