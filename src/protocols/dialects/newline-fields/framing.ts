import type { FrameLimits } from "../../dialect.ts";
import { type Framing, UNKNOWN } from "../../kit/frame-reader.ts";
import { ProtocolError } from "../../protocol-error.ts";
import { LF, MESSAGE_END } from "./layout.ts";

/** A message ends at its first empty line, whichever side sends it. */
export function messageFraming({ frameBytesMax }: FrameLimits): Framing {
  return {
    measure(bytes, at, available, examined) {
      // The first half of the end may have come before.
      const searched = Math.max(0, examined - 1);
      const found = bytes.subarray(at + searched, at + available).indexOf(MESSAGE_END);
      const size = found < 0 ? available + 1 : searched + found + MESSAGE_END.length;
      if (size > frameBytesMax) {
        throw new ProtocolError(
          "FRAME_TOO_LARGE",
          `Cannot decode message: it has more than ${frameBytesMax} bytes`,
        );
      }
      return found < 0 ? UNKNOWN : size;
    },
  };
}

/** Where the line that begins at `start` ends: the place of its LF, which must be there. */
export function lineEnd(message: Uint8Array, start: number): number {
  let at = start;
  while (message[at] !== LF) at++;
  return at;
}
