import { isUtf8 } from "node:buffer";
import { HEAD_BYTES } from "../../../lottery/chain.ts";
import { plural } from "../../../lottery/plural.ts";
import type { Decoder } from "../../codec.ts";
import type { FrameLimits } from "../../dialect.ts";
import { createFrameDecoder, type FrameDecoder } from "../../kit/frame-decoder.ts";
import { ProtocolError } from "../../protocol-error.ts";
import {
  ACK_DONE,
  CENTRAL_TYPES,
  type CentralMessage,
  CLIENT_TYPES,
  type ClientMessage,
  type Drawn,
  ERROR_CODES,
  FIELDS,
  NativeFrames,
  NO_INDEX,
  PREFACE,
  PROOF_BYTES,
  type Reject,
  REJECT_CODES,
  SEALED_CLOSED_OUT,
  SEALED_PROVEN,
  type SealedMessage,
  STATES,
  TYPE_BYTES,
  type Welcome,
  WELCOME_CHAIN_UNKNOWN,
  WELCOME_DONE,
} from "./wire.ts";

/** Decodes what a client sends: the preface, then messages. */
export function createClientDecoder(limits: FrameLimits): FrameDecoder<ClientMessage> {
  return createFrameDecoder(new NativeFrames(limits.frameBytesMax, parseClient, PREFACE));
}

/** Decodes what a central sends. */
export function createCentralDecoder(limits: FrameLimits): Decoder<CentralMessage> {
  return createFrameDecoder(new NativeFrames(limits.frameBytesMax, parseCentral));
}

function parseClient(frame: Buffer): ClientMessage {
  switch (frame[0]) {
    case CLIENT_TYPES.batch: {
      const body = new BodyReader(frame, "BATCH");
      const sequence = body.sequence();
      const count = body.u16();
      if (count === 0) throw body.flaw("count is 0, min is 1");
      return { kind: "batch", sequence, count, lines: body.rest() };
    }
    case CLIENT_TYPES.bet: {
      const body = new BodyReader(frame, "BET");
      return { kind: "bet", sequence: body.sequence(), line: body.rest() };
    }
    case CLIENT_TYPES.hello: {
      const body = new BodyReader(frame, "HELLO");
      const agency = body.u32();
      const draw = body.str8("draw");
      const credentials = body.bytes(body.u16());
      body.end();
      return { kind: "hello", agency, draw, credentials };
    }
    case CLIENT_TYPES.done: {
      const body = new BodyReader(frame, "DONE");
      const batches = body.u64("batches");
      const bets = body.u64("bets");
      const head = body.bytes(HEAD_BYTES);
      body.end();
      return { kind: "done", batches, bets, head };
    }
    case CLIENT_TYPES.ping:
      return { kind: "ping", token: parseToken(frame, "PING") };
    case CLIENT_TYPES.proof: {
      const body = new BodyReader(frame, "PROOF");
      const proof = body.bytes(PROOF_BYTES);
      body.end();
      return { kind: "proof", proof };
    }
    case CLIENT_TYPES.seal:
      new BodyReader(frame, "SEAL").end();
      return { kind: "seal" };
    default:
      throw strange(frame, CENTRAL_TYPES, "the central's to send");
  }
}

function parseCentral(frame: Buffer): CentralMessage {
  switch (frame[0]) {
    case CENTRAL_TYPES.ack: {
      const body = new BodyReader(frame, "ACK");
      const sequence = body.u64("sequence");
      const head = body.bytes(HEAD_BYTES);
      const flags = body.u8();
      body.end();
      return { kind: "ack", sequence, head, done: (flags & ACK_DONE) !== 0 };
    }
    case CENTRAL_TYPES.welcome:
      return parseWelcome(new BodyReader(frame, "WELCOME"));
    case CENTRAL_TYPES.reject:
      return parseReject(new BodyReader(frame, "REJECT"));
    case CENTRAL_TYPES.busy: {
      const body = new BodyReader(frame, "BUSY");
      const sequence = body.u64("sequence");
      const retryAfterMs = body.u32();
      body.end();
      return { kind: "busy", sequence, retryAfterMs };
    }
    case CENTRAL_TYPES.drawn:
      return parseDrawn(new BodyReader(frame, "DRAWN"));
    case CENTRAL_TYPES.error: {
      const body = new BodyReader(frame, "ERROR");
      const code = named(body, ERROR_CODES, "code");
      const fatal = body.u8();
      if (fatal > 1) throw body.flaw(`fatal is ${fatal}, max is 1`);
      const text = body.str16("text");
      body.end();
      return { kind: "error", code, fatal: fatal === 1, text };
    }
    case CENTRAL_TYPES.pong:
      return { kind: "pong", token: parseToken(frame, "PONG") };
    case CENTRAL_TYPES.challenge: {
      const body = new BodyReader(frame, "CHALLENGE");
      const challenge = body.bytes(PROOF_BYTES);
      body.end();
      return { kind: "challenge", challenge };
    }
    case CENTRAL_TYPES.sealed:
      return parseSealed(new BodyReader(frame, "SEALED"));
    default:
      throw strange(frame, CLIENT_TYPES, "a client's to send");
  }
}

function parseWelcome(body: BodyReader): Welcome {
  const draw = body.str8("draw");
  const state = named(body, STATES, "state");
  const flags = body.u8();
  const nextSequence = body.sequence("next sequence");
  const bets = body.u64("bets");
  const head = body.bytes(HEAD_BYTES);
  const window = body.u16();
  if (window === 0) throw body.flaw("window is 0, min is 1");
  const frameBytesMax = body.u32();
  body.end();
  return {
    kind: "welcome",
    draw,
    state,
    done: (flags & WELCOME_DONE) !== 0,
    chainKnown: (flags & WELCOME_CHAIN_UNKNOWN) === 0,
    nextSequence,
    bets,
    head,
    window,
    frameBytesMax,
  };
}

function parseReject(body: BodyReader): Reject {
  const sequence = body.sequence();
  const code = named(body, REJECT_CODES, "code");
  const index = body.u16();
  const fieldCode = body.u8();
  const field = FIELDS[fieldCode];
  if (fieldCode >= FIELDS.length) throw body.flaw(`field ${fieldCode} is unknown`);
  const reason = body.str16("reason");
  body.end();
  return {
    kind: "reject",
    sequence,
    code,
    ...(index === NO_INDEX ? {} : { index }),
    ...(field === undefined ? {} : { field }),
    reason,
  };
}

function parseDrawn(body: BodyReader): Drawn {
  const winningNumber = body.u16();
  const seal = body.bytes(HEAD_BYTES);
  const total = body.u32();
  const index = body.u32();
  const count = body.u16();
  const documents: string[] = [];
  for (let at = 0; at < count; at++) documents.push(body.str8("document"));
  body.end();
  return { kind: "drawn", winningNumber, seal, total, index, documents };
}

/** Unlike other messages it lasts: its hashes are copies. */
function parseSealed(body: BodyReader): SealedMessage {
  const copied = (): Buffer => Buffer.from(body.bytes(HEAD_BYTES));
  const flags = body.u8();
  const closedOut = (flags & SEALED_CLOSED_OUT) !== 0;
  if ((flags & SEALED_PROVEN) === 0) {
    body.end();
    return { kind: "sealed", closedOut };
  }
  const agencies = body.u32();
  const index = body.u32();
  const acts = { count: body.u64("acts"), head: copied() };
  const path = Array.from({ length: body.u8() }, copied);
  body.end();
  return { kind: "sealed", closedOut, proof: { agencies, index, path, acts } };
}

function parseToken(frame: Buffer, what: string): number {
  const body = new BodyReader(frame, what);
  const token = body.u32();
  body.end();
  return token;
}

function named<Name>(body: BodyReader, names: readonly (Name | undefined)[], field: string): Name {
  const code = body.u8();
  const name = names[code];
  if (name === undefined) throw body.flaw(`${field} ${code} is unknown`);
  return name;
}

/** The error for a type that this side does not accept: one of the other side, or an unknown one. */
function strange(
  frame: Buffer,
  others: Readonly<Record<string, number>>,
  whose: string,
): ProtocolError {
  const type = frame[0] ?? 0;
  for (const [name, value] of Object.entries(others)) {
    if (value === type) {
      return new ProtocolError(
        "UNEXPECTED_MESSAGE",
        `Cannot take ${name.toUpperCase()}: it is ${whose}`,
      );
    }
  }
  return new ProtocolError("UNKNOWN_TYPE", `Cannot decode frame: type ${type} is unknown`);
}

/** Reads the fields of one frame's body in order. Every method throws ProtocolError MALFORMED. */
export class BodyReader {
  readonly #frame: Buffer;
  readonly #what: string;
  #at = TYPE_BYTES;

  /**
   * @param frame type and body
   * @param what the message's name, for error texts
   */
  constructor(frame: Buffer, what: string) {
    this.#frame = frame;
    this.#what = what;
  }

  u8(): number {
    return this.#frame.readUInt8(this.#take(1));
  }

  u16(): number {
    return this.#frame.readUInt16BE(this.#take(2));
  }

  u32(): number {
    return this.#frame.readUInt32BE(this.#take(4));
  }

  u64(field: string): number {
    const at = this.#take(8);
    const value = this.#frame.readUInt32BE(at) * 0x1_0000_0000 + this.#frame.readUInt32BE(at + 4);
    if (!Number.isSafeInteger(value)) throw this.flaw(`${field} is above 2^53 - 1`);
    return value;
  }

  /** A whole number, at least 1. */
  sequence(field = "sequence"): number {
    const value = this.u64(field);
    if (value === 0) throw this.flaw(`${field} is 0, min is 1`);
    return value;
  }

  /** A view of the frame. */
  bytes(length: number): Buffer {
    const at = this.#take(length);
    return this.#frame.subarray(at, at + length);
  }

  str8(field: string): string {
    return this.#text(this.u8(), field);
  }

  str16(field: string): string {
    return this.#text(this.u16(), field);
  }

  /** All bytes that are left, as a view of the frame. */
  rest(): Buffer {
    return this.bytes(this.#frame.length - this.#at);
  }

  /** @throws ProtocolError when bytes are left */
  end(): void {
    const left = this.#frame.length - this.#at;
    if (left > 0) throw this.flaw(`${plural(left, "byte")} ${left === 1 ? "is" : "are"} left over`);
  }

  flaw(state: string): ProtocolError {
    return new ProtocolError("MALFORMED", `Cannot decode ${this.#what}: ${state}`);
  }

  #text(length: number, field: string): string {
    const bytes = this.bytes(length);
    if (!isUtf8(bytes)) throw this.flaw(`${field} is not valid UTF-8`);
    return bytes.toString("utf8");
  }

  #take(length: number): number {
    const at = this.#at;
    if (at + length > this.#frame.length) {
      const missing = at + length - this.#frame.length;
      throw this.flaw(`${plural(missing, "byte")} ${missing === 1 ? "is" : "are"} missing`);
    }
    this.#at = at + length;
    return at;
  }
}

/** A copy of the message that does not depend on the chunk's memory. */
export function owned<Message extends ClientMessage>(message: Message): Message {
  switch (message.kind) {
    case "batch":
      return { ...message, lines: Buffer.from(message.lines) };
    case "bet":
      return { ...message, line: Buffer.from(message.line) };
    case "proof":
      return { ...message, proof: Buffer.from(message.proof) };
    case "done":
      return { ...message, head: Buffer.from(message.head) };
    case "hello":
      return { ...message, credentials: Buffer.from(message.credentials) };
    case "ping":
    case "seal":
      break;
  }
  return message;
}
