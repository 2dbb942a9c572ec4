import type { Batch, UnnumberedBatch } from "../lottery/batch.ts";
import type { AgencyId } from "../lottery/bet.ts";
import type { DoneClaim, DrawState } from "../lottery/draw-book.ts";
import type { BatchFlaw } from "../lottery/flaw.ts";
import type { Standing } from "../lottery/standing.ts";
import type { DoneVerdict, DrawOutcome, Verdict, Winners } from "../store/bet-store.ts";

/** Why the desk will not serve an agency at all. */
export type Refusal =
  /** Not a number from 1 to the draw's count of agencies. */
  | { readonly kind: "unknown-agency" }
  /** The peer asked for a draw that this central does not hold. */
  | { readonly kind: "unknown-draw" };

/** What became of a batch at the desk: the store's verdicts, and the desk's own. */
export type DeskVerdict =
  | Verdict
  | { readonly kind: "invalid"; readonly flaw: BatchFlaw }
  | Extract<Refusal, { kind: "unknown-agency" }>;

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

/**
 * What every dialect's conversation is written against. The desk knows no dialect, and a dialect
 * knows no store. The desk validates, logs the mandated lines, and performs the draw when the last
 * agency is done.
 */
export interface Desk {
  view(): Promise<DrawView>;

  /** The number a peer gives as an agency's, if it is one of the draw's. */
  known(agency: number): AgencyId | undefined;

  /**
   * An agency presents itself.
   * @param draw the draw's name, or "" for whichever this central holds
   */
  attend(agency: number, draw: string, sender?: Sender): Promise<Attendance | Refusal>;

  /**
   * Registers a batch. `batch.agency` may be any number a peer sent: the desk refuses what it does not
   * know. The bytes are checked and copied before this returns.
   *
   * @param batch.single the batch is one bet that is to be logged by document and number
   * @param settle called once, at once or later, unless storage fails
   * @param sender whose batch it is, as for every message here: without one nobody is held to account
   */
  submit(
    batch: Batch & { readonly single?: boolean },
    settle: (verdict: DeskVerdict) => void,
    sender?: Sender,
  ): void;

  /**
   * As {@link submit}, for dialects whose batches have no numbers: numbers it, or finds that it is one
   * of the agency's that comes again (docs/replays.md), and settles that as `duplicate`.
   */
  submitUnnumbered(
    batch: UnnumberedBatch & { readonly single?: boolean },
    settle: (verdict: DeskVerdict) => void,
    sender?: Sender,
  ): void;

  /** Records an agency's DONE, and performs the draw if it was the last. @throws StoreError */
  done(
    agency: AgencyId,
    claim?: DoneClaim,
    sender?: Sender,
  ): Promise<DoneVerdict | Extract<Refusal, { kind: "unknown-agency" }>>;

  /** Waits for the draw, however long. Rejects when the central stops or `signal` aborts. */
  results(agency: AgencyId, signal: AbortSignal, sender?: Sender): Promise<AgencyResults>;

  /** An answer for those who ask again and again: undefined before the draw. */
  resultsNow(agency: AgencyId): Promise<AgencyResults | undefined>;

  /** True while batches would only be refused as busy: the session stops reading meanwhile. */
  readonly congested: boolean;
  whenRoom(callback: () => void): void;
}

export interface Attendance {
  readonly kind: "welcome";
  readonly agency: AgencyId;
  readonly draw: DrawView;
  readonly standing: Standing;
  /**
   * Makes this the agency's only session: whoever held it before is told through its `onFenced`. Call
   * it for dialects in which one connection is the agency.
   */
  hold(onFenced: () => void): { release(): void };
}

/** Who sends a message: the connection as the desk sees it. */
export interface Sender {
  /** Plain IPv4 text, as `172.25.125.3`; `unknown` where the peer had gone before it was accepted. */
  readonly address: string;
  /** The connection speaks for this agency of the draw. The first one counts, for the log. */
  speaksFor(agency: AgencyId): void;
  /** A message was refused: a connection of which too many are refused is ended. */
  refused(): void;
  /** Another session of its agency takes over. @param by that session's address */
  displaced(by: string): void;
  /**
   * It waits for the draw from now on: it counts against the limits on those, and makes way when there
   * are too many.
   *
   * @returns what to call when it waits no longer
   */
  awaitsDraw(agency: AgencyId): () => void;
}

/** The connection as a conversation sees it. Owned by the central's session. */
export interface Peer extends Sender {
  /**
   * Sends bytes, in one segment where the network allows. The bytes are handed over: do not change
   * them afterwards. A peer that does not read is closed once its unsent bytes pass the cap.
   */
  send(bytes: Uint8Array): void;
  /**
   * Calls back once, at once or later, when what was sent so far has left: an answer of many frames
   * is sent a part at a time, so that it never reaches the cap. Never called when the connection ends
   * before.
   */
  whenDrained(callback: () => void): void;
  /** Ends the connection after what was sent; nothing is received any more. */
  end(): void;
  /** The conversation is not {@link Conversation.occupied} any more: goes on with what has arrived. */
  proceed(): void;
  /**
   * Writes one event to the log, in the grammar `action: A | result: R | ip: … | key: value …`: the
   * session puts the peer's address, as `ip`, right after the result and before the event's own keys.
   */
  log(level: "debug" | "info" | "warning" | "error", event: PeerEvent): void;
}

export interface PeerEvent {
  readonly action: string;
  readonly result: "success" | "fail" | "in_progress";
  readonly [key: string]: string | number | boolean;
}

/** What a conversation is waiting for: decides which deadline the session applies. */
export type Awaiting =
  /** The first message: the header deadline. */
  | "greeting"
  /** The rest of a message that has begun: the frame deadline, counted from its beginning. */
  | "rest"
  /** Any next message: the idle deadline. */
  | "message"
  /** The draw, the store, or anything else that is not the peer's to give: no deadline. */
  | "central";

/** The central's side of one connection, in one dialect. */
export interface Conversation {
  /**
   * Handles the messages that `chunk` completes, one per step of the iterator, so that the session
   * can stop between two messages while the desk is congested. A conversation that finds a violation
   * answers it if its dialect can, calls `peer.end()` and returns. Chunks are given one at a time: the
   * next one only after this one's iterator is finished.
   */
  receive(chunk: Uint8Array): Iterator<void>;
  /**
   * The iterator has stopped before its end, and the chunk's memory is about to be used again: copies
   * what is left. A conversation that has this keeps no view of a chunk otherwise either, so it gets
   * chunks as they lie where all connections are read to; others get copies.
   */
  retain?(): void;
  readonly awaiting: Awaiting;
  /**
   * An answer is due before the next message can be taken: the session neither steps on nor reads
   * further ahead until {@link Peer.proceed}. For dialects in which peers take turns.
   */
  readonly occupied?: boolean;
  /** The peer has ended its side; `receive` is not called again. */
  ended(): void;
  /** The central is stopping: say goodbye if the dialect can. The session ends the connection. */
  stopping(): void;
  /**
   * The peer has let its deadline pass: tell it. The session ends the connection; where a dialect has
   * no word for this, it cuts it.
   *
   * @param failure what the peer has not done in time
   */
  overdue?(failure: string): void;
  /** The connection is gone, for whatever reason: release everything, ignore late settlements. */
  closed(): void;
}
