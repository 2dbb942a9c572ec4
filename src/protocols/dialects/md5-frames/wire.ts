import type { Bet } from "../../../lottery/bet.ts";
import type { FrameCodec } from "../../kit/frame-decoder.ts";
import { expectFrameBytes } from "../../kit/frame-reader.ts";
import { ProtocolError } from "../../protocol-error.ts";

// Sizes, types and words of md5-frames: docs/protocols/md5-frames.md.

/** Size of the length field, which counts the bytes after it, unsigned and big-endian. */
export const LENGTH_BYTES = 4;
export const TYPE_AT: number = LENGTH_BYTES;
export const IDENTIFIER_AT = 6;
export const PAYLOAD_AT = 22;
/** The length of a frame without a payload: type and identifier. */
export const LENGTH_MIN: number = PAYLOAD_AT - LENGTH_BYTES;

export const TYPES = {
  bet: 1,
  /** A central's answer to a bet, a batch or the end of bets. */
  result: 2,
  batch: 3,
  done: 4,
  question: 5,
  /** A central's answer to a question. */
  winners: 6,
} as const;

export const MARKS = {
  openingBrace: 0x7b,
  closingBrace: 0x7d,
  colon: 0x3a,
  comma: 0x2c,
  /** `|`, between the bets of a batch and the documents of winners. */
  bar: 0x7c,
} as const;

/** A bet's keys, in the order in which clients write them. */
export const KEYS = ["agency", "nombre", "apellido", "dni", "nacimiento", "numero"] as const;

export const SUCCESS = "{result:success}";
export const FAILURE = "{result:failure}";
export const IN_PROGRESS = "{result:in_progress}";
export const WINNERS_START = "{ganadores:";
export const WINNERS_END = "}";

/** Largest answer that an agency accepts: the documents of more than a million winners. */
export const ANSWER_BYTES_MAX: number = 16 * 1024 * 1024;

/** How long an agency waits before it asks again for its winners. */
export const ASK_AGAIN_MS = 500;

/** Bets as the central gets them. */
export interface Batch {
  readonly kind: "batch";
  /** 16 bytes, for the answer: a view. */
  readonly identifier: Uint8Array;
  /** A single bet, with a type of its own. */
  readonly single: boolean;
  /** The agency in the first bet; 0 when that is not a number. */
  readonly agency: number;
  /** Number of parts in the payload, and of lines in `lines`. */
  readonly count: number;
  /** Canonical lines, and other lines for parts that are not bets: a view. */
  readonly lines: Uint8Array;
}

/** What a client says, decoded. */
export type ClientMessage =
  | Batch
  | {
      readonly kind: "done" | "question";
      /** 16 bytes, for the answer: a view. */
      readonly identifier: Uint8Array;
      /** 0 when the payload has none. */
      readonly agency: number;
    };

/** What an agency says. */
export type AgencyMessage =
  | { readonly kind: "bet"; readonly bet: Bet }
  | { readonly kind: "batch"; readonly bets: readonly Bet[] }
  | { readonly kind: "done"; readonly agency: number }
  | { readonly kind: "question"; readonly agency: number };

/** What a central says. */
export type CentralAnswer =
  /** Bets are stored, or an agency is done. */
  | { readonly kind: "success" }
  | { readonly kind: "failure" }
  | { readonly kind: "winners"; readonly documents: readonly string[] }
  /** Not all agencies are done. */
  | { readonly kind: "in-progress" }
  /** A refused question. */
  | { readonly kind: "question-failure" };

/** An answer with the identifier of its request. */
export type CentralMessage = CentralAnswer & {
  /** The identifier of the request, 16 bytes. */
  readonly identifier: Uint8Array;
};

/** Frames: a length, a type, an identifier, a payload. */
export class Md5Frames<Message> implements FrameCodec<Message> {
  readonly #frameBytesMax: number;
  readonly #parse: (type: number, frame: Buffer) => Message;

  /**
   * @param frameBytesMax the most bytes of a frame, with its length field
   * @param parse gets a frame's type and all its bytes
   */
  constructor(frameBytesMax: number, parse: (type: number, frame: Buffer) => Message) {
    this.#frameBytesMax = frameBytesMax;
    this.#parse = parse;
  }

  measure(bytes: Buffer, at: number, available: number): number {
    if (available < LENGTH_BYTES) return LENGTH_BYTES;
    const length = bytes.readUInt32BE(at);
    if (length < LENGTH_MIN) {
      throw new ProtocolError(
        "MALFORMED",
        `Cannot decode frame: its length is ${length}, min is ${LENGTH_MIN}`,
      );
    }
    const frameBytes = LENGTH_BYTES + length;
    expectFrameBytes(frameBytes, this.#frameBytesMax);
    return frameBytes;
  }

  parse(frame: Buffer): Message {
    return this.#parse(frame.readUInt16BE(TYPE_AT), frame);
  }
}
