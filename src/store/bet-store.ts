import type { Act } from "../lottery/act.ts";
import type { Batch, UnnumberedBatch } from "../lottery/batch.ts";
import type { AgencyId } from "../lottery/bet.ts";
import type { ActRefusal } from "../lottery/draw-acts.ts";
import type { DoneClaim, DrawState } from "../lottery/draw-book.ts";
import type { DrawPlan } from "../lottery/draw-plan.ts";
import type { ReplayMode } from "../lottery/repetitions.ts";
import type { Roster } from "../lottery/roster.ts";
import type { Sealed } from "../lottery/seal.ts";
import type { Standing, Totals } from "../lottery/standing.ts";
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
  /** After the agency's DONE, or after the draw was closed or cancelled. */
  | { readonly kind: "late" }
  /** No room now (disk full, queue full): nothing was stored, the same batch may be sent again. */
  | { readonly kind: "busy"; readonly retryAfterMs: number };

/** What became of an agency's DONE. */
export type DoneVerdict =
  /** Recorded durably, now or before. */
  | { readonly kind: "done" }
  /** The agency's claim differs from the store, which has `standing`. */
  | { readonly kind: "mismatch"; readonly standing: Standing }
  /** The draw went on without the agency, or was cancelled: nothing was recorded. */
  | { readonly kind: "late" }
  | { readonly kind: "busy"; readonly retryAfterMs: number };

/** What became of an act of an operator or the clock. */
export type ActVerdict =
  /** It is recorded durably, with all that follows from it: the seal after the last `close-out`, say. */
  | { readonly kind: "done" }
  /** What it asks for is so already, durably. */
  | { readonly kind: "already" }
  /** `unsupported`: the store keeps no acts ({@link StoreCapabilities.remembersActs}). */
  | { readonly kind: "refused"; readonly why: ActRefusal | "unsupported" }
  | { readonly kind: "busy"; readonly retryAfterMs: number };

/** The outcome of a draw, without any agency's winners. */
export interface DrawOutcome extends Sealed {
  readonly winningNumber: number;
  /** {@link ../lottery/seal.ts sealOf}, 32 bytes. */
  readonly seal: Uint8Array;
}

/** An agency's bets that won: their sums, and the bets themselves as often as {@link blocks} is called. */
export interface Winners extends WinnersSum {
  /**
   * The bets in the agency's order, as canonical lines, read from the storage one block at a time: there may
   * be more than fit in memory. A block has whole lines and belongs to the caller. All blocks together have
   * exactly the sums given here, or the iterator throws.
   *
   * @throws StoreError `LEDGER_CORRUPT` when the stored bytes have changed: then the store has failed
   */
  blocks(): AsyncIterable<Uint8Array>;
}

/** What the log says of a draw, before any agency gets its results. */
export interface DrawNews {
  readonly outcome: DrawOutcome;
  /** How many bets of all agencies have won. */
  readonly winners: number;
  /**
   * The draw was performed by an earlier process, and no record says that its log line is out: that process
   * may have ended in between.
   */
  readonly recovered: boolean;
}

/**
 * Writes the log line of a draw that is on stable storage.
 *
 * @returns whether the line is out of this process; if not, the next process writes it again
 */
export type TellDraw = (news: DrawNews) => Promise<boolean>;

/** One stored batch, as {@link BetStore.scan} yields it. */
export interface StoredBatch extends Batch {
  readonly head: Uint8Array;
}

/**
 * What a store promises beyond the core. A capability that is false is a documented limit of the store, and
 * the conformance suite checks that the store really behaves so.
 */
export interface StoreCapabilities {
  /** Sequences, chain heads and DONEs survive a restart (else only the bets do). */
  readonly remembersBatches: boolean;
  /** The draw's state survives a restart: a draw is performed once whatever happens. */
  readonly remembersDraw: boolean;
  /** Takes acts of operators and the clock, and keeps them; so a number may be told after the seal. */
  readonly remembersActs: boolean;
}

/**
 * Keeps one draw's bets, and decides in what order things happened to it.
 *
 * One object keeps one draw. The store takes every decision (is this batch new? are all agencies done?
 * which call performs the draw?), so that several centrals can share one. What a method reports as done is
 * on stable storage (fdatasync) by then. After a failure of storage the store stops for good: it rejects
 * what is pending with a {@link ./store-error.ts StoreError}, calls `onFailure` once, and confirms nothing
 * any more.
 */
export interface BetStore {
  readonly capabilities: StoreCapabilities;
  readonly draw: string;
  readonly plan: DrawPlan;
  /** For whom the draw waits. */
  readonly roster: Roster;

  /** `drawn` once agencies may get results (see {@link performDraw}), `sealed` until then. */
  state(): Promise<DrawState>;
  standing(agency: AgencyId): Promise<Standing>;
  /**
   * The standings of all agencies that have begun, or without which the draw goes on, with only what is on
   * stable storage.
   */
  standings(): Promise<ReadonlyMap<AgencyId, Standing>>;
  /** The sums of the standings, however many agencies there are: cheap enough to be asked every second. */
  totals(): Promise<Totals>;

  /**
   * Stores a batch whole or not at all. Batches of one agency may be submitted without waiting; they
   * are settled in that order. The bytes of `batch.lines` are copied before this returns. The batch
   * has been validated ({@link ../lottery/scan-lines.ts}).
   *
   * A batch without a number is stored as the agency's next one, unless it is a repeated one
   * ({@link ../lottery/repetitions.ts}): that is settled as `duplicate`. It never is a `conflict` or a `gap`.
   *
   * @param settle called once, later or at once; never called after a failure of storage. After
   * {@link close} it gets `busy`: nothing was stored, and the batch may be sent to the next process.
   * @throws RangeError for an agency that is not of the draw, or a batch larger than any buffer
   */
  submit(batch: Batch | UnnumberedBatch, settle: (verdict: Verdict) => void): void;

  /**
   * True while what is pending fills the store's buffers: stop reading from peers until
   * {@link whenRoom} calls. A batch submitted anyway gets `busy`.
   */
  readonly congested: boolean;
  whenRoom(callback: () => void): void;

  /**
   * Records that an agency is done. For the last agency the draw is sealed before this resolves.
   * Without a claim (not all protocols have one) nothing is compared.
   * @throws StoreError; RangeError for an agency that is not of the draw
   */
  done(agency: AgencyId, claim?: DoneClaim): Promise<DoneVerdict>;

  /**
   * Records what an operator or the clock does. It is decided at once, in the order of the calls: a batch that
   * was submitted before a `close` takes part, as a whole, and one after it is `late`.
   *
   * @throws StoreError; RangeError for words, a number or a time that no record may have
   */
  act(act: Act): Promise<ActVerdict>;
  /** All acts that are on stable storage, in their order. */
  acts(): Promise<readonly Act[]>;

  /**
   * Performs the draw if it is sealed and not drawn yet, its number is known, and it is not held back for an
   * operator. Makes it durable, has its log line written, makes
   * durable that the line is out, and waits for the margin. Before the end of that no method shows the draw.
   * If an earlier process performed the draw and no record says that the line is out, it is written now.
   *
   * @param tell called once for a draw, and again by a later process while there is no such record
   * @param margin awaited between the log line and the first winners [nothing]
   * @returns whether this call performed the draw: of all calls, of all centrals, one does
   * @throws StoreError; what `tell` throws
   */
  performDraw(
    tell: TellDraw,
    margin?: () => Promise<void>,
  ): Promise<{ readonly performed: boolean }>;

  /**
   * Resolves once the draw is drawn, at once if it is. Rejects with StoreError on failure or close, and with
   * the signal's reason when the signal aborts; then the store keeps nothing of this call. For a draw that is
   * cancelled it rejects with StoreError `DRAW_CANCELLED`.
   */
  whenDrawn(signal?: AbortSignal): Promise<DrawOutcome>;

  /** An agency's bets that won. @throws RangeError before the draw */
  winners(agency: AgencyId): Promise<Winners>;

  /**
   * All stored batches in the order of acceptance; batches stored during the scan may be left out. The bytes
   * of a batch belong to the caller. A store that does not remember batches cuts the bets into new ones.
   */
  scan(): AsyncIterable<StoredBatch>;

  /**
   * Makes what is pending durable, settles it, releases everything. Idempotent. After the call all other
   * methods reject with `STORE_CLOSED`; {@link submit} settles batches as `busy`.
   *
   * @param publishWithinMs how long this may wait for the files of a draw, in milliseconds; after that the
   * next process writes them [200]
   */
  close(publishWithinMs?: number): Promise<void>;
}

/** What every store is opened with. */
export interface StoreOptions extends Omit<DrawPlan, "name" | "sealVersion"> {
  readonly dir: string;
  readonly draw: string;
  /** How batches without numbers that are sent again are treated [detect]. */
  readonly replay?: ReplayMode | undefined;
  /** Called once when storage fails; the owner stops the central. */
  readonly onFailure: (error: Error) => void;
  /** Called when the files of a performed draw are written, or postponed to the next process. */
  readonly onPublication?: ((publication: Publication) => void) | undefined;
  /** Called when opening has cut off what a crash left half written. */
  readonly onTornTail?: ((tail: TornTail) => void) | undefined;
  /** Called while winners are searched whose number was told after the seal, and at the end of that. */
  readonly onSearch?: ((search: WinnersSearch) => void) | undefined;
  /** Called when work waits: because the system is short of something, or for another process. */
  readonly onDelay?: ((delay: Delay) => void) | undefined;
  /** Ends an opening that waits: it rejects with the signal's reason at once. */
  readonly signal?: AbortSignal | undefined;
}

/** Work that waits. Stored bets are not in danger, and the work goes on by itself. */
export type Delay =
  | { readonly kind: "waits"; readonly what: string; readonly reason: string }
  | { readonly kind: "over"; readonly what: string };

/** How far a search for winners has come. */
export interface WinnersSearch {
  readonly bets: number;
  /** All bets of the draw. */
  readonly of: number;
}

/** Bytes of a flush that a crash interrupted. */
export interface TornTail {
  /** Path of the file. */
  readonly file: string;
  /** Offset of the first byte after the last whole record, or row. */
  readonly offset: number;
  /** Ledger: number of bytes up to the last one that is not zero. `bets.csv`: up to the end of the file. */
  readonly bytes: number;
}

/** `bets.csv` and `seal.json` of a draw that is performed. */
export type Publication =
  /** They are on stable storage now. */
  | { readonly kind: "written"; readonly dir: string }
  /** The store was closed before they were written: the next store that opens the draw writes them. */
  | { readonly kind: "postponed" };
