import type { AgencyId, Bet } from "../../../lottery/bet.ts";
import type { FrameLimits } from "../../dialect.ts";
import { type Framing, UNKNOWN } from "../../kit/frame-reader.ts";
import { ProtocolError } from "../../protocol-error.ts";

// Texts and limits of newline-fields: docs/protocols/newline-fields.md.

export const DIALECT = "newline-fields";

export const LF = 0x0a;

/** Ends every message of both sides: the LF of the last line, and an empty line. */
export const MESSAGE_END: Uint8Array = Buffer.from("\n\n", "latin1");

/** First lines of a client's messages; the messages of exercises 5 and 6 have no such line. */
export const BATCH_TYPE = "BET";
export const CONFIRMATION_TYPE = "CONFIRMATION";
export const QUESTION_TYPE = "WINNERS";

/** Agency, first name, last name, document, birthdate, number: one line each. */
export const BET_FIELDS = 6;

/** The most digits of an agency's number as the first line of a connection. */
export const AGENCY_DIGITS_MAX = 10;

/** Answers to a batch, to a confirmation, and to bytes that are not UTF-8. */
export const STORED_TEXT = "Success :)";
export const NOTED_TEXT = "OK";
export const UNREADABLE_TEXT = "Error al recibir msg :(";

/** Largest answer that an agency accepts: a list of more than a million winners. */
export const ANSWER_BYTES_MAX: number = 16 * 1024 * 1024;

/** The pause after a central of exercise 7 ended a connection because there was no draw yet. */
export const ASK_AGAIN_MS = 1000;

/** Bets as a central reads them. */
export interface Batch {
  readonly kind: "batch";
  /** False for messages of exercises 5 and 6, which have no line with a type. */
  readonly typed: boolean;
  /** A single bet of exercise 5, or a batch of one of exercise 6: they are the same bytes. */
  readonly single: boolean;
  /** The agency in the first bet; NaN when that is not a number, or when there is no bet. */
  readonly agency: number;
  /** Number of bets, with an incomplete last one. 0 only for the empty batch. */
  readonly count: number;
  /** Canonical lines of the complete bets: one fewer than `count` if the last bet is incomplete. */
  readonly lines: Uint8Array;
  /** Whether the message as a whole is UTF-8. */
  readonly readable: boolean;
}

/** What a client says, decoded. */
export type ClientMessage =
  | Batch
  /** All bets were sent. */
  | { readonly kind: "confirmation"; readonly agency: number }
  /** The agency asks for its winners. */
  | { readonly kind: "question"; readonly agency: number }
  /** A message that is not a batch and not UTF-8. */
  | { readonly kind: "unreadable" };

/** What an agency says. */
export type AgencyMessage =
  | { readonly kind: "batch"; readonly typed: boolean; readonly bets: readonly Bet[] }
  | { readonly kind: "confirmation"; readonly agency: AgencyId }
  | { readonly kind: "question"; readonly agency: AgencyId };

/** What a central says. */
export type CentralMessage =
  | { readonly kind: "stored" }
  | { readonly kind: "noted" }
  | { readonly kind: "winners"; readonly documents: readonly string[] }
  | { readonly kind: "unreadable" };

/** Finds where a message ends: at its first empty line, on both sides. */
export function messageFraming({ frameBytesMax }: FrameLimits): Framing {
  return {
    measure(bytes, at, available, examined) {
      // The first LF of the end may have come before.
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

/** The index of the LF that ends the line at `start`; there must be one. */
export function lineEnd(message: Uint8Array, start: number): number {
  let at = start;
  while (message[at] !== LF) at++;
  return at;
}
