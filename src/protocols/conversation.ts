import type { SteppedDecoder } from "./codec.ts";
import type { ProtocolError } from "./protocol-error.ts";

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

/**
 * The central's side of one connection, in one dialect. The session reads, decodes and keeps time; a
 * conversation gets one message after the other.
 */
export interface Conversation<Message = unknown> {
  /** Of what the peer sends. The session alone gives it bytes and asks it for messages. */
  readonly decoder: SteppedDecoder<Message>;
  /**
   * Handles a message; views in it are valid until this returns. Nothing comes while the conversation is
   * {@link occupied}, nor while the store is congested.
   */
  take(message: Message): void;
  /** The peer has broken the dialect's rules: answers if the dialect can, and calls `peer.end()`. */
  violated(error: ProtocolError): void;
  /**
   * An answer is due before the next message can be taken: none is, and the session reads no further
   * ahead, until {@link Peer.proceed}. For dialects in which peers take turns.
   */
  readonly occupied: boolean;
  /**
   * What it waits for between two messages: the next one, for which the peer has the idle deadline, or the
   * central (the draw, the store), which is not the peer's to give.
   */
  readonly waitsFor: "message" | "central";
  /** More bytes have come. */
  stirred?(): void;
  /** Everything that has come was taken. */
  quiet?(): void;
  /** The peer has ended its side: nothing more comes. @param truncated it did so within a message */
  ended(truncated: ProtocolError | undefined): void;
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
