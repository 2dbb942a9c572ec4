import type { Batch, UnnumberedBatch } from "../lottery/batch.ts";
import type { AgencyId } from "../lottery/bet.ts";
import type { DoneClaim, DrawState } from "../lottery/draw-book.ts";
import type { BatchFlaw } from "../lottery/flaw.ts";
import type { Standing } from "../lottery/standing.ts";
import type { DoneVerdict, DrawOutcome, Verdict, Winners } from "../store/bet-store.ts";

/** Lets one connection speak for agencies: a dialect reaches a draw through this, and in no other way. */
export interface Admitter {
  /**
   * Admits a peer as one agency of one draw. Cheap for dialects that name the agency in every message:
   * the same agency gets the same counter again.
   */
  admit(claim: Claim): Counter | Refusal;
}

/** Whom a peer says that it is. */
export interface Claim {
  /** The draw's name; "" for the one that is current. */
  readonly draw: string;
  /** Whatever number the peer sent. */
  readonly agency: number;
  /** What the peer shows for it, as bytes of its dialect: views, valid during the call [nothing]. */
  readonly proof?: Uint8Array;
  /** What the peer is here for: a refusal is logged as a refusal of that [it is not logged]. */
  readonly wants?: Purpose | undefined;
}

export type Purpose =
  | "attend"
  | "register_done"
  | "query_winners"
  /** To have a batch of so many bets stored. */
  | { readonly bets: number };

/** Why a peer is not admitted. */
export type Refusal =
  /** Not a number from 1 to the draw's count of agencies. */
  | { readonly kind: "unknown-agency" }
  /** This central does not hold that draw. */
  | { readonly kind: "unknown-draw" };

/** A draw as its agencies may see it. */
export interface DrawView {
  readonly name: string;
  readonly state: DrawState;
  readonly agencies: number;
}

/** An agency's results: nobody else's. */
export interface AgencyResults {
  readonly outcome: Pick<DrawOutcome, "draw" | "winningNumber" | "seal">;
  /** The bets that won, in the order of the agency's bets: counted, to be read a block at a time. */
  readonly winners: Winners;
}

/** What became of a batch: the store's verdicts, and one that a bet in it has a flaw. */
export type BatchVerdict = Verdict | { readonly kind: "invalid"; readonly flaw: BatchFlaw };

/** What became of a batch without a number. None has to be sent again; there is no number to be wrong. */
export type UnnumberedVerdict =
  | Exclude<BatchVerdict, { kind: "busy" | "gap" | "conflict" }>
  /** It waited for room, and its agency has sent a later one meanwhile: it is not stored. */
  | { readonly kind: "superseded" };

/** A batch at a counter. Whose it is, the counter knows. */
export type NumberedOffer = Omit<Batch, "agency"> & Logged;
export type UnnumberedOffer = Omit<UnnumberedBatch, "agency"> & Logged;

export interface Logged {
  /** The batch is one bet that is logged by document and number. */
  readonly single?: boolean;
}

/**
 * The counter (ventanilla) at which one agency of one draw is served. It validates, logs the mandated
 * lines, and performs the draw when the last agency is done. Nothing that it can be asked names an agency:
 * whoever has it can speak for this one and hear of this one's winners, and of no other's.
 *
 * It lasts as long as its connection, which lets go of all that was begun here.
 */
export interface Counter {
  readonly kind: "counter";
  readonly agency: AgencyId;

  /** The draw as it is now. @throws StoreError */
  draw(): Promise<DrawView>;
  /** Where the agency stands: only what is on stable storage. @throws StoreError */
  standing(): Promise<Standing>;

  /**
   * Makes this connection the agency's only one: whoever was it before is told through its `onFenced`, so
   * that what a killed client left on its way does not mix with what its successor sends. For dialects in
   * which one connection is the agency.
   */
  hold(onFenced: () => void): void;

  /**
   * Registers a batch. The bytes are checked and copied before this returns.
   *
   * @param settle called once, at once or later, unless storage fails or the connection ends
   */
  submit(batch: NumberedOffer, settle: (verdict: BatchVerdict) => void): void;

  /**
   * As {@link submit}, for dialects without numbers and without a word for "later": numbers the batch, or
   * finds that it is one of the agency's that comes again (docs/replays.md), and waits where there is no
   * room. Its bytes must stay as they are until it is settled.
   */
  submitUnnumbered(batch: UnnumberedOffer, settle: (verdict: UnnumberedVerdict) => void): void;

  /** Records the agency's DONE, and performs the draw if it was the last. @throws StoreError */
  done(claim?: DoneClaim): Promise<DoneVerdict>;

  /** Waits for the draw, however long. Rejects when `signal` aborts or the store closes. */
  results(signal: AbortSignal): Promise<AgencyResults>;

  /** An answer for those who ask again and again: undefined before the draw. */
  resultsNow(): Promise<AgencyResults | undefined>;

  /** True while batches would only be refused as busy: the session stops reading meanwhile. */
  readonly congested: boolean;
  /** Calls back once there may be room, at once if there is. */
  whenRoom(callback: () => void): void;
}
