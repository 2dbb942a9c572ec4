/** The connection as a conversation sees it. Owned by the central's session. */
export interface Peer {
  /** Plain IPv4 text, as `172.25.125.3`; `unknown` where the peer had gone before it was accepted. */
  readonly address: string;
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
  /** A message was refused: a connection of which too many are refused is ended. */
  refused(): void;
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
   * can stop between two messages while the store is congested. A conversation that finds a violation
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
