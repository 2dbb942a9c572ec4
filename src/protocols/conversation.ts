import type { SteppedDecoder } from "./codec.ts";
import type { ProtocolError, ProtocolErrorCode } from "./protocol-error.ts";

/** The connection as a conversation sees it. Owned by the central's session. */
export interface Peer {
  /** IPv4 address as text, such as `172.25.125.3`; `unknown` if the peer was gone before it was accepted. */
  readonly address: string;
  /**
   * Sends bytes, in one network segment if possible. Do not change the bytes afterwards. The connection of a
   * peer that does not read is closed once its unsent bytes exceed the limit.
   */
  send(bytes: Uint8Array): void;
  /**
   * Calls back once, now or later, when most bytes sent so far have left. An answer of many frames is sent in
   * parts with this, so that it never reaches the limit. Not called when the connection ends before.
   */
  whenDrained(callback: () => void): void;
  /** Ends the connection after all sent bytes have left; nothing is received any more. */
  end(): void;
  /** Counts a refused message: a connection with too many of them is ended. */
  refused(): void;
  /** The conversation is not {@link Conversation.occupied} any more: go on with the bytes that have come. */
  proceed(): void;
  /** Publishes what happened on this connection; the session adds whose it is, and the dialect. */
  report(event: PeerEvent): void;
}

/** What a conversation reports. */
export type PeerEvent =
  /** The peer broke the rules of the dialect. */
  | {
      readonly kind: "protocol-violated";
      readonly code: ProtocolErrorCode;
      readonly error: string;
    }
  /** A message was sent back, as the echo of exercises 1 to 4 does. */
  | { readonly kind: "message-echoed"; readonly text: string }
  | {
      /** The conversation ended by an error of the program, or of a store that fails or closes. */
      readonly kind: "conversation-failed";
      readonly error: string;
      /** It has a cause that is reported elsewhere, such as a store that closes. */
      readonly expected: boolean;
    }
  /** Anything else that a dialect wants to have in the log. */
  | {
      readonly kind: "peer-noted";
      readonly level: "debug" | "info" | "warning" | "error";
      readonly action: string;
      readonly result: "success" | "fail" | "in_progress";
      readonly details: Readonly<Record<string, string | number | boolean>>;
    };

/**
 * The central's side of one connection, in one dialect. The session reads, decodes and watches deadlines;
 * the conversation gets one message after the other.
 */
export interface Conversation<Message = unknown> {
  /** Decodes what the peer sends. Only the session gives it bytes and asks it for messages. */
  readonly decoder: SteppedDecoder<Message>;
  /**
   * Handles a message; views in it are valid until this returns. Not called while the conversation is
   * {@link occupied}, nor while the store is congested.
   */
  take(message: Message): void;
  /** The peer has broken the dialect's rules: answers if the dialect can, and calls `peer.end()`. */
  violated(error: ProtocolError): void;
  /**
   * Whether an answer is due before the next message. While it is, the session gives no message and reads no
   * further ahead, until {@link Peer.proceed}. For dialects in which peers take turns.
   */
  readonly occupied: boolean;
  /**
   * What the conversation waits for between two messages: the rest of the greeting, for which the deadline of
   * the first message counts; the next message, for which the idle deadline counts; or the central (the draw,
   * the store), for which the peer has no deadline.
   */
  readonly waitsFor: "greeting" | "message" | "central";
  /** More bytes have come. */
  stirred?(): void;
  /** All bytes that have come were decoded and taken. */
  quiet?(): void;
  /** The peer has ended its side: nothing more comes. @param truncated set when that was within a message */
  ended(truncated: ProtocolError | undefined): void;
  /** The central is stopping: tell the peer if the dialect can. The session ends the connection. */
  stopping(): void;
  /**
   * The peer has missed its deadline: tell it. Then the session ends the connection. When the dialect has no
   * message for this, the method is missing, and the session cuts the connection.
   *
   * @param failure what the peer did not do in time
   */
  overdue?(failure: string): void;
  /** The peer is not allowed here any more: as {@link stopping} [that is called]. */
  expelled?(): void;
  /** The connection is gone, for any reason: release everything, ignore verdicts that come later. */
  closed(): void;
}
