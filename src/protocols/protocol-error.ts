/** Names of a peer's mistakes. They do not change: answers, logs and tests use them. */
export type ProtocolErrorCode =
  | "FRAME_TOO_LARGE"
  | "FRAME_TRUNCATED"
  | "UNKNOWN_TYPE"
  | "MALFORMED"
  | "UNEXPECTED_MESSAGE"
  | "UNKNOWN_PROTOCOL";

/** A mistake of the peer: it ends only the peer's session. */
export class ProtocolError extends Error {
  readonly code: ProtocolErrorCode;

  constructor(code: ProtocolErrorCode, message: string) {
    super(message);
    this.name = "ProtocolError";
    this.code = code;
  }
}
