import type { Batch, UnnumberedBatch } from "../lottery/batch.ts";
import type { AgencyId } from "../lottery/bet.ts";
import type { DoneClaim, DrawState } from "../lottery/draw-book.ts";
import type { ReplayMode } from "../lottery/repetitions.ts";
import type { SealedAgency } from "../lottery/seal.ts";
import type { Standing } from "../lottery/standing.ts";
import type { WinnersSum } from "../lottery/winners.ts";

/** What became of a batch. */
export type Verdict =
  /** On stable storage now. */
  | { readonly kind: "stored"; readonly head: Uint8Array }
  /** The very same batch was stored before, and is on stable storage. */
  | { readonly kind: "duplicate"; readonly head: Uint8Array }
  /** Another batch is stored under this sequence. */
  | { readonly kind: "conflict" }
  /** `expected` is the sequence the agency's next batch must have. */
  | { readonly kind: "gap"; readonly expected: number }
  /** After the agency's DONE, or after the seal. */
  | { readonly kind: "late" }
  /** No room now (disk full, queue full): nothing was stored, the same batch may be sent again. */
  | { readonly kind: "busy"; readonly retryAfterMs: number };

/** What became of an agency's DONE. */
export type DoneVerdict =
  /** Recorded durably, now or before. */
  | { readonly kind: "done" }
  /** The agency counts otherwise than the store, whose view is `standing`. */
  | { readonly kind: "mismatch"; readonly standing: Standing }
  | { readonly kind: "busy"; readonly retryAfterMs: number };

/** The outcome of a draw, without any agency's winners. */
export interface DrawOutcome {
  readonly draw: string;
  readonly winningNumber: number;
  /** {@link ../lottery/seal.ts sealOf}, 32 bytes. */
  readonly seal: Uint8Array;
  readonly agencies: readonly SealedAgency[];
}

/** An agency's bets that won: what they come to, and themselves as often as they are asked for. */
export interface Winners extends WinnersSum {
  /**
   * The bets in the agency's order, as canonical lines: a block at a time, read where they are stored,
   * for there may be more than memory holds. A block has whole lines, and is the caller's. Together they
   * come to exactly what was said beforehand, or the iterator throws.
   *
   * @throws StoreError `LEDGER_CORRUPT` when what is stored is not what was: the store has failed then
   */
  blocks(): AsyncIterable<Uint8Array>;
}

/** What there is to tell of a draw before any agency hears of it. */
export interface DrawNews {
  readonly outcome: DrawOutcome;
  /** How many bets have won, of all agencies. */
  readonly winners: number;
  /**
   * The draw was performed before, and nothing says that it was told of: an earlier process may have
   * ended in between.
   */
  readonly recovered: boolean;
}

/**
 * Tells of a draw that is on stable storage, in the log.
 *
 * @returns whether that is out of this process; if not, the next process tells it again
 */
export type TellDraw = (news: DrawNews) => Promise<boolean>;

/** One stored batch, as {@link BetStore.scan} yields it. */
export interface StoredBatch extends Batch {
  readonly head: Uint8Array;
}

/**
 * What a store can promise beyond the core. A capability that is false is a documented limit of the
 * store, and the conformance suite then checks that the store says so rather than pretends.
 */
export interface StoreCapabilities {
  /** Sequences, chain heads and DONEs survive a restart (else only the bets do). */
  readonly remembersBatches: boolean;
  /** The draw's state survives a restart: a draw is performed once whatever happens. */
  readonly remembersDraw: boolean;
}

/**
 * Keeps one draw's bets, and decides in what order things happened to it.
 *
 * One object, one draw. Every decision (is this batch new? is everybody done? who draws?) is the
 * store's, so that several centrals can share one. Whatever a method reports as done is on stable
 * storage (fdatasync) by then. On a failure of storage the store stops for good: it rejects what is
 * pending with a {@link ./store-error.ts StoreError}, calls `onFailure` once, and never confirms
 * anything again.
 */
export interface BetStore {
  readonly capabilities: StoreCapabilities;
  readonly draw: string;
  readonly winningNumber: number;
  /** How many agencies must be done; they are numbered 1 to this. */
  readonly agencies: number;

  /** A draw is `drawn` once it was told of ({@link performDraw}), and `sealed` until then. */
  state(): Promise<DrawState>;
  standing(agency: AgencyId): Promise<Standing>;

  /**
   * Stores a batch whole or not at all. Batches of one agency may be submitted without waiting; they
   * are settled in that order. The bytes of `batch.lines` are copied before this returns. The batch
   * has been validated ({@link ../lottery/scan-lines.ts}).
   *
   * A batch without a number is stored as the agency's next one, unless it comes again
   * ({@link ../lottery/repetitions.ts}): then it is settled as `duplicate`, never as `conflict` or `gap`.
   *
   * @param settle called once, later or at once; never called after a failure of storage. After
   * {@link close} it is given `busy`: nothing was stored, and the batch may be sent to the next life.
   * @throws RangeError for an agency that is not of the draw, or a batch larger than any buffer
   */
  submit(batch: Batch | UnnumberedBatch, settle: (verdict: Verdict) => void): void;

  /**
   * True while what is pending fills the store's buffers: stop reading from peers until
   * {@link whenRoom} calls. Submitting all the same gets `busy`.
   */
  readonly congested: boolean;
  whenRoom(callback: () => void): void;

  /**
   * Records that an agency is done; after the last one the draw is sealed before this resolves.
   * Without a claim (protocols that carry none) the agency's word is taken.
   * @throws StoreError; RangeError for an agency that is not of the draw
   */
  done(agency: AgencyId, claim?: DoneClaim): Promise<DoneVerdict>;

  /**
   * Performs the draw if it is sealed and not drawn yet: makes it durable, has it told, makes durable
   * that it was told, waits for the margin. Nobody hears of the draw before the end of that. A draw that an
   * earlier process performed, and of which no record says that it was told, is told now.
   *
   * @param tell called once for a draw, and again by a later process while there is no such record
   * @param margin what is awaited between telling and the first winners [nothing]
   * @returns whether this very call performed it; of any number of calls, from any number of
   * centrals, one does
   * @throws StoreError; what `tell` throws
   */
  performDraw(
    tell: TellDraw,
    margin?: () => Promise<void>,
  ): Promise<{ readonly performed: boolean }>;

  /**
   * Resolves once the draw is drawn, at once if it was. Rejects with StoreError on failure or close, and with
   * the signal's reason when that aborts: whoever goes leaves nothing behind.
   */
  whenDrawn(signal?: AbortSignal): Promise<DrawOutcome>;

  /** An agency's bets that won. @throws RangeError before the draw */
  winners(agency: AgencyId): Promise<Winners>;

  /**
   * All stored batches in the order of acceptance; what is stored meanwhile may be left out. The bytes
   * of a batch are the caller's. A store that does not remember batches makes its own of the bets.
   */
  scan(): AsyncIterable<StoredBatch>;

  /**
   * Makes what is pending durable, settles it, releases everything. Idempotent. All other methods
   * reject with `STORE_CLOSED` from the call on.
   *
   * @param publishWithinMs how long this may wait for the files of a draw; what takes longer is left to the
   * next process [200]
   */
  close(publishWithinMs?: number): Promise<void>;
}

/** What every store is opened with. */
export interface StoreOptions {
  readonly dir: string;
  readonly draw: string;
  readonly winningNumber: number;
  readonly agencies: number;
  /** What becomes of batches without numbers that come again [detect]. */
  readonly replay?: ReplayMode | undefined;
  /** Called once when storage fails; the owner stops the central. */
  readonly onFailure: (error: Error) => void;
  /** Told what becomes of the files that a performed draw leaves for others to read. */
  readonly onPublication?: ((publication: Publication) => void) | undefined;
  /** Told when opening has cut what a crash left half written. */
  readonly onTornTail?: ((tail: TornTail) => void) | undefined;
  /** Told when something waits for what the system is short of, or a start for another process. */
  readonly onDelay?: ((delay: Delay) => void) | undefined;
  /** Ends an opening that waits: it rejects with the signal's reason at once. */
  readonly signal?: AbortSignal | undefined;
}

/** Work that waits: nothing is wrong with what was stored, and the work goes on by itself. */
export type Delay =
  | { readonly kind: "waits"; readonly what: string; readonly reason: string }
  | { readonly kind: "over"; readonly what: string };

/** Bytes of a flush that a crash interrupted. */
export interface TornTail {
  /** Path of the file. */
  readonly file: string;
  /** Offset of the first byte that belongs to no whole record, or row. */
  readonly offset: number;
  /** Bytes from there to the last one that is not zero, or to the end of the file. */
  readonly bytes: number;
}

/** `bets.csv` and `seal.json` of a draw that is performed. */
export type Publication =
  /** They are on stable storage now. */
  | { readonly kind: "written"; readonly dir: string }
  /** The store was closed before they were: the next one that is opened on the draw writes them. */
  | { readonly kind: "postponed" };
