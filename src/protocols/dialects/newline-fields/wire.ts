import type { AgencyId, Bet } from "../../../lottery/bet.ts";
import type { FrameLimits } from "../../dialect.ts";
import { type Framing, UNKNOWN } from "../../kit/frame-reader.ts";
import { ProtocolError } from "../../protocol-error.ts";

// Texts and limits of newline-fields: docs/protocols/newline-fields.md.

export const DIALECT = "newline-fields";

export const LF = 0x0a;

/** Ends every message, of either side: the last line's end and an empty line. */
export const MESSAGE_END: Uint8Array = Buffer.from("\n\n", "latin1");

/** First lines of a client's messages; those of exercises 5 and 6 have none. */
export const BATCH_TYPE = "BET";
export const CONFIRMATION_TYPE = "CONFIRMATION";
export const QUESTION_TYPE = "WINNERS";

/** Agency, first name, last name, document, birthdate, number: a line each. */
export const BET_FIELDS = 6;

/** Digits that an agency's number may have where it is a connection's first line. */
export const AGENCY_DIGITS_MAX = 10;

/** Answers to a batch, to a confirmation, and to bytes that are not UTF-8. */
export const STORED_TEXT = "Success :)";
export const NOTED_TEXT = "OK";
export const UNREADABLE_TEXT = "Error al recibir msg :(";

/** Largest answer that an agency takes: a list of well over a million winners. */
export const ANSWER_BYTES_MAX: number = 16 * 1024 * 1024;

/** After a central of exercise 7 ended a connection because the draw is not yet held. */
export const ASK_AGAIN_MS = 1000;

/** Bets as a central reads them. */
export interface Batch {
  readonly kind: "batch";
  /** False for exercises 5 and 6, whose messages have no first line that says what they are. */
  readonly typed: boolean;
  /** One bet by itself: exercise 5, or a batch of one of exercise 6, which are the same bytes. */
  readonly single: boolean;
  /** The number in the first bet; NaN when that is none, or when there is no bet. */
  readonly agency: number;
  /** Bets that were begun. 0 only for the empty batch. */
  readonly count: number;
  /** Canonical lines of the bets that are whole: one fewer than `count` if the last one is not. */
  readonly lines: Uint8Array;
  /** Whether the message as a whole is UTF-8. */
  readonly readable: boolean;
}

/** What a central hears. */
export type ClientMessage =
  | Batch
  /** All bets were sent. */
  | { readonly kind: "confirmation"; readonly agency: number }
  /** Which bets won? */
  | { readonly kind: "question"; readonly agency: number }
  /** It is not UTF-8, and no batch either. */
  | { readonly kind: "unreadable" };

/** What an agency says. */
export type AgencyMessage =
  | { readonly kind: "batch"; readonly typed: boolean; readonly bets: readonly Bet[] }
  | { readonly kind: "confirmation"; readonly agency: AgencyId }
  | { readonly kind: "question"; readonly agency: AgencyId };

/** What a central says, and an agency hears. */
export type CentralMessage =
  | { readonly kind: "stored" }
  | { readonly kind: "noted" }
  | { readonly kind: "winners"; readonly documents: readonly string[] }
  | { readonly kind: "unreadable" };

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
