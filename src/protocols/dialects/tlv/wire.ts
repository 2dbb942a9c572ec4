import type { Bet } from "../../../lottery/bet.ts";
import type { FrameCodec } from "../../kit/frame-decoder.ts";
import { expectFrameBytes } from "../../kit/frame-reader.ts";

// Sizes, codes and texts of tlv: docs/protocols/tlv.md.

/** A packet begins with its code and the length of its body, unsigned and big-endian. */
export const LENGTH_AT = 1;
export const HEADER_BYTES = 5;

export const CODES = {
  /** Either side may send it: the connection ends, without an answer. */
  close: 0,
  bet: 1,
  ok: 2,
  batch: 3,
  refused: 4,
  done: 5,
  question: 6,
  winners: 7,
  notYet: 8,
} as const;

/** `#`, after every field, also the last one. */
export const DELIMITER = 0x23;
/** `@`, before the index of a bet in its batch. */
export const MARKER = 0x40;

/** The most digits of an agency's number or a count. */
export const DIGITS_MAX = 10;

/** The course's text for a refused batch. */
export const BATCH_REFUSED_TEXT = "Error al procesar el batch enviado";
export const UNKNOWN_AGENCY_TEXT = "Unknown agency";

/** The course's central reads a body in pieces of this size, and needs each one whole. */
export const PIECE_BYTES_MAX = 8192;

/** Largest answer that an agency accepts: the documents of more than a million winners. */
export const ANSWER_BYTES_MAX: number = 16 * 1024 * 1024;

/** How long an agency waits before it asks again for its winners. */
export const ASK_AGAIN_MS = 1000;

/** Bets as the central gets them. */
export interface Batch {
  readonly kind: "batch";
  /** A single bet, with a code of its own. */
  readonly single: boolean;
  /** The agency in the first bet; 0 when that is not a number. */
  readonly agency: number;
  /** The count that the packet announces: `lines` has fewer or more lines when the packet is wrong. */
  readonly count: number;
  /** Canonical lines: a view. */
  readonly lines: Uint8Array;
}

/** What a client says, decoded. */
export type ClientMessage =
  | Batch
  /** A batch without bets: the course's client sends one at the end of its file. */
  | { readonly kind: "empty-batch" }
  | { readonly kind: "done"; readonly agency: number }
  | { readonly kind: "question"; readonly agency: number }
  | { readonly kind: "close" };

/** What an agency says. */
export type AgencyMessage =
  | { readonly kind: "bet"; readonly bet: Bet }
  | { readonly kind: "batch"; readonly bets: readonly Bet[] }
  | { readonly kind: "done"; readonly agency: number }
  | { readonly kind: "question"; readonly agency: number };

/** What a central says. */
export type CentralMessage =
  /** A bet or a batch is stored, or an agency is done. */
  | { readonly kind: "ok" }
  | { readonly kind: "refused"; readonly text: string }
  | { readonly kind: "winners"; readonly documents: readonly string[] }
  /** Not all agencies are done. */
  | { readonly kind: "not-yet" };

/** The packets of tlv: a code, the length of the body, the body. */
export class TlvPackets<Message> implements FrameCodec<Message> {
  readonly #packetBytesMax: number;
  readonly #parse: (code: number, packet: Buffer) => Message | undefined;

  /**
   * @param packetBytesMax the most bytes of header and body together
   * @param parse gets a packet's code and all its bytes
   */
  constructor(
    packetBytesMax: number,
    parse: (code: number, packet: Buffer) => Message | undefined,
  ) {
    this.#packetBytesMax = packetBytesMax;
    this.#parse = parse;
  }

  measure(bytes: Buffer, at: number, available: number): number {
    if (available < HEADER_BYTES) return HEADER_BYTES;
    const packetBytes = HEADER_BYTES + bytes.readUInt32BE(at + LENGTH_AT);
    expectFrameBytes(packetBytes, this.#packetBytesMax, "packet");
    return packetBytes;
  }

  parse(packet: Buffer): Message | undefined {
    return this.#parse(packet[0] as number, packet);
  }
}
