/**
 * `quiniela/protocols`: the dialects of this package, and the parts for a new one.
 *
 * A dialect is an object: {@link Dialect}. A central gets a list of them, an agency gets one dialer.
 * docs/guides/first-dialect.md writes one step by step.
 *
 * @module quiniela/protocols
 */

// The dialects of this package
export {
  AGENCY_DIALERS,
  agencyDialectNames,
  dialectNames,
  DIALECTS,
  dialectsFor,
  disabledDialects,
  drawDialectNames,
} from "./dialects.ts";

// A dialect, as the central sees it
export {
  type AnnouncedDialect,
  type Dialect,
  type FrameLimits,
  type Recognition,
  type ServeContext,
  type ServeLimits,
  type Timers,
} from "./dialect.ts";
export type { Conversation, Peer, PeerEvent } from "./conversation.ts";
export { ProtocolError, type ProtocolErrorCode } from "./protocol-error.ts";
export { type RecognitionErrorCode, recognisePrefix } from "./recognise.ts";

// The central, as a dialect sees it
export type {
  Admitter,
  AgencyResults,
  BatchVerdict,
  Claim,
  Counter,
  DrawView,
  Logged,
  NumberedOffer,
  Purpose,
  Refusal,
  UnnumberedOffer,
  UnnumberedVerdict,
  Unproven,
} from "./counter.ts";

// An agency's side
export {
  type AgencyDialer,
  type AgencyLink,
  type Answer,
  type BatchMeasure,
  type Connect,
  type Connection,
  type DialContext,
  type LinkDraw,
  LinkError,
  type LinkErrorCode,
  type LinkErrorOptions,
  type LinkResults,
  type LinkSealShare,
  lost,
  notAnAnswer,
  type OutgoingBatch,
  refused,
  unsound,
} from "./agency-link.ts";

// Codecs: bytes to messages
export type { Decoded, Decoder, SteppedDecoder } from "./codec.ts";
export { createFrameDecoder, type FrameCodec, FrameDecoder } from "./kit/frame-decoder.ts";
export { expectFrameBytes, type Framing, UNKNOWN } from "./kit/frame-reader.ts";
export { decimal, BetLineWriter, putInteger } from "./kit/line-writer.ts";

// The central's side, in turns
export { admitted, type DecodedBatch, Intake, recordDone } from "./kit/intake.ts";
export { serveTurns, type Taken, type Turn, type TurnHost, type TurnTaker } from "./kit/turns.ts";
export { documentsText, documentsTextBytes } from "./kit/documents-text.ts";
export { drained, type PartsPeer, sendInParts } from "./kit/send-in-parts.ts";
export { pause } from "../clock.ts";
export { PART_BYTES_MAX, RECOGNISE_BYTES_MAX } from "../limits.ts";

// An agency's side, in turns or not
export { Asker, type AskerOptions, type Patience, pauseBetween } from "./kit/asker.ts";
export { Channel, type ChannelListener, type ChannelParts, openConnection } from "./kit/channel.ts";
export { startTimer, type StartTimer } from "./timers.ts";
