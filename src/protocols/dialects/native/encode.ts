import { HEAD_BYTES } from "../../../lottery/chain.ts";
import { FrameWriter, str16Bytes, str8Bytes } from "./frame-writer.ts";
import {
  ACK_DONE,
  CENTRAL_TYPES,
  CLIENT_TYPES,
  ERROR_CODES,
  FIELDS,
  NO_INDEX,
  REJECT_CODES,
  STATES,
  WELCOME_CHAIN_UNKNOWN,
  WELCOME_DONE,
} from "./layout.ts";
import type {
  Ack,
  BatchMessage,
  CentralMessage,
  ClientMessage,
  Drawn,
  Hello,
  Reject,
  Welcome,
} from "./messages.ts";

/** A client's message as one frame, in bytes of its own. The preface is not part of it. */
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
    default:
      return message satisfies never;
  }
}

/** A central's message as one frame, in bytes of its own. */
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
