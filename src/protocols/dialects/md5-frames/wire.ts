import type { Bet } from "../../../lottery/bet.ts";
import type { FrameCodec } from "../../kit/frame-decoder.ts";
import { expectFrameBytes } from "../../kit/frame-reader.ts";
import { ProtocolError } from "../../protocol-error.ts";

// Sizes, types and words of md5-frames: docs/protocols/md5-frames.md.

/** Bytes of the frame behind this field, unsigned and big-endian. */
export const LENGTH_BYTES = 4;
export const TYPE_AT: number = LENGTH_BYTES;
export const IDENTIFIER_AT = 6;
export const PAYLOAD_AT = 22;
/** The length of a frame without a payload: type and identifier. */
export const LENGTH_MIN: number = PAYLOAD_AT - LENGTH_BYTES;

export const TYPES = {
  bet: 1,
  /** Of a central: to a bet, a batch or the end of bets. */
  result: 2,
  batch: 3,
  done: 4,
  question: 5,
  /** Of a central: to a question. */
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

/** Largest answer that an agency takes: the documents of more than a million winners. */
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
  /** As the first bet says; 0 when that is no number. */
  readonly agency: number;
  /** Parts of the payload, as many as `lines` has lines. */
  readonly count: number;
  /** Canonical lines, and lines that are none where a part is no bet: a view. */
  readonly lines: Uint8Array;
}

/** What a client says, decoded. */
export type ClientMessage =
  | Batch
  | {
      readonly kind: "done" | "question";
      /** 16 bytes, for the answer: a view. */
      readonly identifier: Uint8Array;
      /** 0 when the payload tells none. */
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
  /** To a question. */
  | { readonly kind: "question-failure" };

/** An answer, and what it is an answer to. */
export type CentralMessage = CentralAnswer & {
  /** That of the request, 16 bytes. */
  readonly identifier: Uint8Array;
};

/** Frames: a length, a type, an identifier, a payload. */
export class Md5Frames<Message> implements FrameCodec<Message> {
  readonly #frameBytesMax: number;
  readonly #parse: (type: number, frame: Buffer) => Message;

  /**
   * @param frameBytesMax the length's own bytes included
   * @param parse takes a frame's type and all its bytes
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
