import { LinkError } from "../agency-link.ts";
import type { ErrorCode } from "./layout.ts";
import type { Busy, ErrorMessage } from "./messages.ts";

export function unsound(state: string, cause?: unknown): LinkError {
  return new LinkError("CENTRAL_UNSOUND", `Cannot trust the central: ${state}`, { cause });
}

export function lost(state: string, cause?: unknown): LinkError {
  return new LinkError("CONNECTION_LOST", `Cannot go on with the central: ${state}`, { cause });
}

/** A BUSY that refuses the whole conversation. */
export function busyError({ retryAfterMs }: Busy): LinkError {
  return new LinkError(
    "CENTRAL_BUSY",
    `Cannot go on with the central: it is busy, try again in ${retryAfterMs} ms`,
    { retryAfterMs },
  );
}

export function refusedError(error: ErrorMessage): LinkError {
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
