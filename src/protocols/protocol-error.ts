/** Names of what a peer can do wrong: stable, for answers, logs and tests. */
export type ProtocolErrorCode =
  | "FRAME_TOO_LARGE"
  | "FRAME_TRUNCATED"
  | "UNKNOWN_TYPE"
  | "MALFORMED"
  | "UNEXPECTED_MESSAGE"
  | "UNKNOWN_PROTOCOL";

/** The peer's fault: its session ends, nothing else does. */
export class ProtocolError extends Error {
  readonly code: ProtocolErrorCode;

  constructor(code: ProtocolErrorCode, message: string) {
    super(message);
    this.name = "ProtocolError";
    this.code = code;
  }
}
