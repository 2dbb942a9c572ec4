import { HEAD_BYTES } from "../../../lottery/chain.ts";
import { documentsIn } from "../../../lottery/winners.ts";
import type { AgencyResults } from "../../counter.ts";
import {
  type Ack,
  ACK_DONE,
  type BatchMessage,
  CENTRAL_TYPES,
  type CentralMessage,
  CLIENT_TYPES,
  type ClientMessage,
  type Drawn,
  ERROR_CODES,
  FIELDS,
  FRAME_BYTES_MAX,
  type Hello,
  LENGTH_BYTES,
  NO_INDEX,
  PROOF_BYTES,
  type Reject,
  REJECT_CODES,
  SEALED_CLOSED_OUT,
  SEALED_PROVEN,
  type SealedMessage,
  STATES,
  TYPE_BYTES,
  U16_MAX,
  type Welcome,
  WELCOME_CHAIN_UNKNOWN,
  WELCOME_DONE,
} from "./wire.ts";

/** A client's message as one frame. The caller may keep the bytes. The preface is not part of them. */
export function encodeClient(message: ClientMessage): Buffer {
  switch (message.kind) {
    case "hello":
      return encodeHello(message);
    case "batch":
      return encodeBatch(message);
    case "bet":
      return new FrameWriter(CLIENT_TYPES.bet, 8 + message.line.length)
        .u64(message.sequence)
        .bytes(message.line)
        .done();
    case "done":
      return new FrameWriter(CLIENT_TYPES.done, 16 + HEAD_BYTES)
        .u64(message.batches)
        .u64(message.bets)
        .bytes(message.head, HEAD_BYTES)
        .done();
    case "ping":
      return new FrameWriter(CLIENT_TYPES.ping, 4).u32(message.token).done();
    case "proof":
      return new FrameWriter(CLIENT_TYPES.proof, PROOF_BYTES)
        .bytes(message.proof, PROOF_BYTES)
        .done();
    case "seal":
      return new FrameWriter(CLIENT_TYPES.seal, 0).done();
    default:
      return message satisfies never;
  }
}

/** A central's message as one frame. The caller may keep the bytes. */
export function encodeCentral(message: CentralMessage): Buffer {
  switch (message.kind) {
    case "welcome":
      return encodeWelcome(message);
    case "ack":
      return encodeAck(message);
    case "reject":
      return encodeReject(message);
    case "busy":
      return new FrameWriter(CENTRAL_TYPES.busy, 12)
        .u64(message.sequence)
        .u32(message.retryAfterMs)
        .done();
    case "drawn":
      return encodeDrawn(message);
    case "error":
      return new FrameWriter(CENTRAL_TYPES.error, 2 + str16Bytes(message.text))
        .u8(ERROR_CODES.indexOf(message.code))
        .u8(message.fatal ? 1 : 0)
        .str16(message.text)
        .done();
    case "pong":
      return new FrameWriter(CENTRAL_TYPES.pong, 4).u32(message.token).done();
    case "challenge":
      return new FrameWriter(CENTRAL_TYPES.challenge, PROOF_BYTES)
        .bytes(message.challenge, PROOF_BYTES)
        .done();
    case "sealed":
      return encodeSealed(message);
    default:
      return message satisfies never;
  }
}

function encodeHello(hello: Hello): Buffer {
  return new FrameWriter(CLIENT_TYPES.hello, 6 + str8Bytes(hello.draw) + hello.credentials.length)
    .u32(hello.agency)
    .str8(hello.draw)
    .blob16(hello.credentials)
    .done();
}

function encodeBatch(batch: BatchMessage): Buffer {
  return new FrameWriter(CLIENT_TYPES.batch, 10 + batch.lines.length)
    .u64(batch.sequence)
    .u16(batch.count)
    .bytes(batch.lines)
    .done();
}

function encodeWelcome(welcome: Welcome): Buffer {
  const flags =
    (welcome.done ? WELCOME_DONE : 0) | (welcome.chainKnown ? 0 : WELCOME_CHAIN_UNKNOWN);
  return new FrameWriter(CENTRAL_TYPES.welcome, str8Bytes(welcome.draw) + 24 + HEAD_BYTES)
    .str8(welcome.draw)
    .u8(STATES.indexOf(welcome.state))
    .u8(flags)
    .u64(welcome.nextSequence)
    .u64(welcome.bets)
    .bytes(welcome.head, HEAD_BYTES)
    .u16(welcome.window)
    .u32(welcome.frameBytesMax)
    .done();
}

function encodeAck(ack: Ack): Buffer {
  return new FrameWriter(CENTRAL_TYPES.ack, 9 + HEAD_BYTES)
    .u64(ack.sequence)
    .bytes(ack.head, HEAD_BYTES)
    .u8(ack.done ? ACK_DONE : 0)
    .done();
}

function encodeSealed({ closedOut, proof }: SealedMessage): Buffer {
  const flags = (proof === undefined ? 0 : SEALED_PROVEN) | (closedOut ? SEALED_CLOSED_OUT : 0);
  if (proof === undefined) return new FrameWriter(CENTRAL_TYPES.sealed, 1).u8(flags).done();
  const { agencies, index, path, acts } = proof;
  const writer = new FrameWriter(CENTRAL_TYPES.sealed, 18 + (1 + path.length) * HEAD_BYTES)
    .u8(flags)
    .u32(agencies)
    .u32(index)
    .u64(acts.count)
    .bytes(acts.head, HEAD_BYTES)
    .u8(path.length);
  for (const beside of path) writer.bytes(beside, HEAD_BYTES);
  return writer.done();
}

function encodeReject(reject: Reject): Buffer {
  return new FrameWriter(CENTRAL_TYPES.reject, 12 + str16Bytes(reject.reason))
    .u64(reject.sequence)
    .u8(REJECT_CODES.indexOf(reject.code))
    .u16(reject.index ?? NO_INDEX)
    .u8(FIELDS.indexOf(reject.field))
    .str16(reject.reason)
    .done();
}

function encodeDrawn(drawn: Drawn): Buffer {
  const bytes = drawn.documents.reduce((sum, document) => sum + str8Bytes(document), 0);
  const writer = new FrameWriter(CENTRAL_TYPES.drawn, 12 + HEAD_BYTES + bytes)
    .u16(drawn.winningNumber)
    .bytes(drawn.seal, HEAD_BYTES)
    .u32(drawn.total)
    .u32(drawn.index)
    .u16(drawn.documents.length);
  for (const document of drawn.documents) writer.str8(document);
  return writer.done();
}

/** Number of bytes of a string with its length field. */
export const str8Bytes = (text: string): number => 1 + Buffer.byteLength(text);
export const str16Bytes = (text: string): number => 2 + Buffer.byteLength(text);

/**
 * Writes one frame field by field. A value that does not fit is a mistake of the caller: RangeError.
 *
 * Small frames come from Node's buffer pool and need no allocation of their own.
 */
export class FrameWriter {
  readonly #frame: Buffer;
  #at = LENGTH_BYTES + TYPE_BYTES;

  constructor(type: number, bodyBytes: number) {
    this.#frame = Buffer.allocUnsafe(LENGTH_BYTES + TYPE_BYTES + bodyBytes);
    this.#frame.writeUInt32BE(TYPE_BYTES + bodyBytes, 0);
    this.#frame[LENGTH_BYTES] = type;
  }

  u8(value: number): this {
    this.#at = this.#frame.writeUInt8(value, this.#at);
    return this;
  }

  u16(value: number): this {
    this.#at = this.#frame.writeUInt16BE(value, this.#at);
    return this;
  }

  u32(value: number): this {
    this.#at = this.#frame.writeUInt32BE(value, this.#at);
    return this;
  }

  /** A whole number up to 2^53 - 1. */
  u64(value: number): this {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`Cannot write a u64: ${value} is not a whole number up to 2^53 - 1`);
    }
    this.u32(Math.floor(value / 0x1_0000_0000));
    return this.u32(value % 0x1_0000_0000);
  }

  /** Writes all bytes. @param length what their number must be, if the format fixes it */
  bytes(value: Uint8Array, length = value.length): this {
    if (value.length !== length) {
      throw new RangeError(`Cannot write a field of ${length} bytes: there are ${value.length}`);
    }
    this.#frame.set(value, this.#at);
    this.#at += length;
    return this;
  }

  str8(text: string): this {
    return this.u8(Buffer.byteLength(text)).#text(text);
  }

  str16(text: string): this {
    return this.u16(Buffer.byteLength(text)).#text(text);
  }

  blob16(value: Uint8Array): this {
    if (value.length > U16_MAX) {
      throw new RangeError(`Cannot write ${value.length} bytes: the field holds ${U16_MAX}`);
    }
    return this.u16(value.length).bytes(value);
  }

  /** The finished frame. @throws RangeError when bytes are missing */
  done(): Buffer {
    if (this.#at !== this.#frame.length) {
      throw new RangeError(
        `Cannot finish a frame: ${this.#at} of ${this.#frame.length} bytes are written`,
      );
    }
    return this.#frame;
  }

  #text(text: string): this {
    this.#at += this.#frame.write(text, this.#at);
    return this;
  }
}

/** Length, type, winning number, seal, total, index, count. */
const DRAWN_OVERHEAD_BYTES = LENGTH_BYTES + TYPE_BYTES + 2 + HEAD_BYTES + 4 + 4 + 2;

/**
 * An agency's results as messages that fill their frames, in order: at least one, without documents when
 * there are no winners. Winners are read while the messages are consumed.
 *
 * @param frameBytesMax the central's limit; frames also stay within the protocol's own limit
 */
export async function* drawnMessages(
  { outcome, winners }: AgencyResults,
  frameBytesMax: number,
): AsyncGenerator<Drawn, void> {
  const { winningNumber, seal } = outcome;
  const bytesMax = Math.min(frameBytesMax, FRAME_BYTES_MAX);
  let index = 0;
  let documents: string[] = [];
  let bytes = DRAWN_OVERHEAD_BYTES;
  const filled = (): Drawn => {
    const total = winners.count;
    const drawn: Drawn = { kind: "drawn", winningNumber, seal, total, index, documents };
    index += documents.length;
    documents = [];
    bytes = DRAWN_OVERHEAD_BYTES;
    return drawn;
  };
  for await (const lines of winners.blocks()) {
    for (const document of documentsIn(lines)) {
      const more = str8Bytes(document);
      const fits = bytes + more <= bytesMax && documents.length < U16_MAX;
      if (!fits && documents.length > 0) yield filled();
      documents.push(document);
      bytes += more;
    }
  }
  yield filled();
}
