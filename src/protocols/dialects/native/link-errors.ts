import { LinkError } from "../../agency-link.ts";
import type { ErrorCode } from "./layout.ts";
import type { Busy, CentralMessage, ErrorMessage } from "./messages.ts";

/** @throws LinkError when the message ends the conversation */
export function expectNoEnd(message: CentralMessage): void {
  if (message.kind === "error" && message.fatal) throw refusedError(message);
  if (message.kind === "busy" && message.sequence === 0) throw busyError(message);
}

/** The same failure of a connection, as one that has left a HELLO behind. */
export function greetingLeft({ code, message, cause }: LinkError): LinkError {
  return new LinkError(code, message, { cause, greetingLeft: true });
}

/** A BUSY that refuses the whole conversation. */
function busyError({ retryAfterMs }: Busy): LinkError {
  return new LinkError(
    "CENTRAL_BUSY",
    `Cannot go on with the central: it is busy, try again in ${retryAfterMs} ms`,
    { retryAfterMs },
  );
}

function refusedError(error: ErrorMessage): LinkError {
  const code = LINK_CODES[error.code];
  return new LinkError(code, `Cannot go on with the central: ${error.code}, ${error.text}`);
}

const LINK_CODES = {
  MALFORMED: "REFUSED",
  FRAME_TOO_LARGE: "REFUSED",
  UNKNOWN_TYPE: "REFUSED",
  UNEXPECTED_MESSAGE: "REFUSED",
  UNKNOWN_AGENCY: "REFUSED",
  UNKNOWN_DRAW: "REFUSED",
  DONE_MISMATCH: "REFUSED",
  FENCED: "FENCED",
  STOPPING: "CONNECTION_LOST",
  TIMEOUT: "CONNECTION_LOST",
} as const satisfies Record<ErrorCode, LinkError["code"]>;
