import type { Batch, UnnumberedBatch } from "../lottery/batch.ts";
import type { AgencyId } from "../lottery/bet.ts";
import type { DoneClaim, DrawState } from "../lottery/draw-book.ts";
import type { BatchFlaw } from "../lottery/flaw.ts";
import type { SealShare } from "../lottery/seal-proofs.ts";
import type { Standing } from "../lottery/standing.ts";
import type { DoneVerdict, DrawOutcome, Verdict, Winners } from "../store/bet-store.ts";

/** Lets one connection speak for agencies. It is a dialect's only way to a draw. */
export interface Admitter {
  /**
   * Admits a peer as one agency of one draw. Cheap for dialects that name the agency in every message:
   * the same agency gets the same counter again.
   */
  admit(claim: Claim): Counter | Refusal;
  /**
   * What a peer must answer before it can be admitted, for dialects that can ask for it: see
   * {@link Dialect.takesTokens}. Each call makes a new one, and each is for one claim.
   *
   * @returns 32 bytes; undefined when nothing more needs to be proven
   */
  challenge?(): Uint8Array | undefined;
}

/** Which agency a peer says that it is. */
export interface Claim {
  /** The draw's name; "" for the current one. */
  readonly draw: string;
  /** The number that the peer sent, unchecked. */
  readonly agency: number;
  /** The peer's answer to the challenge: a view that is valid during the call [nothing]. */
  readonly proof?: Uint8Array | undefined;
  /** What the peer wants to do: the log of a refusal says it [a refusal is not logged]. */
  readonly wants?: Purpose | undefined;
}

export type Purpose =
  | "attend"
  | "register_done"
  | "query_winners"
  /** Have a batch of so many bets stored. */
  | { readonly bets: number };

/** Why a peer is not admitted. */
export type Refusal =
  /** Not one of the agencies that the draw expects. */
  | { readonly kind: "unknown-agency" }
  /** The peer named no draw, and there is none that it must mean. */
  | { readonly kind: "no-current-draw" }
  /** This central does not hold that draw. */
  | { readonly kind: "unknown-draw" }
  /** An operator has cancelled the draw. */
  | { readonly kind: "draw-cancelled" }
  /** The peer has not proven that it is this agency. Its connection ends. */
  | { readonly kind: "unproven"; readonly why: Unproven }
  /** The agency has as many connections as it may have. */
  | { readonly kind: "too-many-connections"; readonly retryAfterMs: number };

/** What a peer has not proven. It is for the log: the peer is told only that it has proven nothing. */
export type Unproven =
  /** It has proven to be another agency. */
  | "other-agency"
  /** It has shown neither a certificate nor a proof by token. */
  | "no-proof"
  /** Its proof was made with none of the agency's tokens, or for something else. */
  | "wrong-proof"
  /** agencies.yaml does not have the agency. */
  | "unknown-agency"
  /** agencies.yaml has disabled the agency. */
  | "disabled";

/** What agencies may see of a draw. */
export interface DrawView {
  readonly name: string;
  readonly state: DrawState;
  readonly agencies: number;
}

/** The results of one agency. */
export interface AgencyResults {
  readonly outcome: Pick<DrawOutcome, "draw" | "winningNumber" | "seal">;
  /** The bets that won, in the agency's order: counted already, and read one block at a time. */
  readonly winners: Winners;
}

/** The verdict on a batch: one of the store's, or that a bet in it has a flaw. */
export type BatchVerdict = Verdict | { readonly kind: "invalid"; readonly flaw: BatchFlaw };

/** The verdict on a batch without a number: it waits instead of `busy`, and no number can be wrong. */
export type UnnumberedVerdict =
  | Exclude<BatchVerdict, { kind: "busy" | "gap" | "conflict" }>
  /** The batch waited for room, and its agency has sent a later one meanwhile: it is not stored. */
  | { readonly kind: "superseded" };

/** A batch for a counter: the counter knows the agency. */
export type NumberedOffer = Omit<Batch, "agency"> & Logged;
export type UnnumberedOffer = Omit<UnnumberedBatch, "agency"> & Logged;

export interface Logged {
  /** The batch is one bet, which is logged by document and number. */
  readonly single?: boolean;
}

/**
 * The counter (ventanilla) that serves one agency of one draw. It validates, logs the mandated lines, and
 * performs the draw when the last agency is done. No method names an agency: a dialect that has a counter
 * can speak for this agency and learn its winners, and those of no other.
 *
 * It lives as long as its connection: when that ends, everything begun here is given up.
 */
export interface Counter {
  readonly kind: "counter";
  readonly agency: AgencyId;

  /** The draw as it is now. @throws StoreError */
  draw(): Promise<DrawView>;
  /** The agency's standing, with only what is on stable storage. @throws StoreError */
  standing(): Promise<Standing>;

  /**
   * Makes this connection the agency's only one, and calls the `onFenced` of the connection before. So
   * batches that a killed client left in the network do not mix with those of its successor. For dialects in
   * which one connection is the agency.
   */
  hold(onFenced: () => void): void;

  /**
   * Registers a batch. The bytes are checked and copied before this returns.
   *
   * @param settle called once, now or later, unless storage fails or the connection ends
   */
  submit(batch: NumberedOffer, settle: (verdict: BatchVerdict) => void): void;

  /**
   * As {@link submit}, for dialects without numbers and without an answer for "later". It gives the batch a
   * number, or finds that it is a repeated one (docs/replays.md), and waits while there is no room. The bytes
   * must not change until the batch is settled.
   */
  submitUnnumbered(batch: UnnumberedOffer, settle: (verdict: UnnumberedVerdict) => void): void;

  /** Records the agency's DONE, and performs the draw if it was the last. @throws StoreError */
  done(claim?: DoneClaim): Promise<DoneVerdict>;

  /** Waits for the draw, without a time limit. Rejects when `signal` aborts or the store closes. */
  results(signal: AbortSignal): Promise<AgencyResults>;

  /**
   * Shows that the draw's seal has this agency's batches.
   *
   * @returns undefined when the seal is of a form that proves nothing to one agency
   * @throws RangeError before the draw; StoreError
   */
  sealShare(): Promise<SealShare | undefined>;

  /** The results if there are any now, for peers that ask again and again; undefined before the draw. */
  resultsNow(): Promise<AgencyResults | undefined>;
}
