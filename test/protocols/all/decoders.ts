import type { Decoder } from "../../../src/protocols/codec.ts";
import {
  createColonLinesCentralDecoder,
  createColonLinesClientDecoder,
} from "../../../src/protocols/dialects/colon-lines/decode.ts";
import { ANSWER_BYTES_MAX } from "../../../src/protocols/dialects/colon-lines/wire.ts";
import {
  AnswerDecoder,
  type Expected,
} from "../../../src/protocols/dialects/fixed70/answer-decoder.ts";
import { createFixed70ClientDecoder } from "../../../src/protocols/dialects/fixed70/decode.ts";
import { WINNERS_MAX } from "../../../src/protocols/dialects/fixed70/wire.ts";
import {
  createMd5FramesCentralDecoder,
  createMd5FramesClientDecoder,
} from "../../../src/protocols/dialects/md5-frames/decode.ts";
import {
  createCentralDecoder,
  createClientDecoder,
} from "../../../src/protocols/dialects/native/decode.ts";
import {
  createNewlineFieldsCentralDecoder,
  createNewlineFieldsClientDecoder,
} from "../../../src/protocols/dialects/newline-fields/decode.ts";
import {
  createTlvCentralDecoder,
  createTlvClientDecoder,
} from "../../../src/protocols/dialects/tlv/decode.ts";
import { SERVE_LIMITS } from "../serve-context.ts";

/** One of the decoders of a dialect. */
export interface DecoderCase {
  readonly dialect: string;
  /** Whose bytes it decodes. */
  readonly by: "agency" | "central";
  /** What it is told beforehand, where that matters. */
  readonly told?: string;
  /** Bytes of the largest message it may keep. */
  readonly bytesMax: number;
  create(): Decoder<object>;
}

/** Small enough for tests to go beyond. */
const ANSWER_LIMITS = { frameBytesMax: 8192 };

export const DECODERS: readonly DecoderCase[] = [
  clientCase("native", () => createClientDecoder(SERVE_LIMITS), SERVE_LIMITS.frameBytesMax),
  centralCase("native", () => createCentralDecoder(ANSWER_LIMITS)),
  clientCase("fixed70", () => createFixed70ClientDecoder(SERVE_LIMITS)),
  fixed70Answers("final"),
  fixed70Answers("ej6"),
  fixed70Answers("ej5"),
  fixed70Answers("winners"),
  clientCase("colon-lines", () => createColonLinesClientDecoder(SERVE_LIMITS)),
  centralCase("colon-lines", createColonLinesCentralDecoder, ANSWER_BYTES_MAX),
  clientCase("tlv", () => createTlvClientDecoder(ANSWER_LIMITS), ANSWER_LIMITS.frameBytesMax),
  centralCase("tlv", () => createTlvCentralDecoder(ANSWER_LIMITS)),
  clientCase(
    "md5-frames",
    () => createMd5FramesClientDecoder(ANSWER_LIMITS),
    ANSWER_LIMITS.frameBytesMax,
  ),
  centralCase("md5-frames", () => createMd5FramesCentralDecoder(ANSWER_LIMITS)),
  clientCase(
    "newline-fields",
    () => createNewlineFieldsClientDecoder(ANSWER_LIMITS),
    ANSWER_LIMITS.frameBytesMax,
  ),
  centralCase("newline-fields", () => createNewlineFieldsCentralDecoder(ANSWER_LIMITS)),
];

export function titleOf({ dialect, by, told }: DecoderCase): string {
  const what = `${dialect}, what ${by === "agency" ? "agencies" : "the central"} sent`;
  return told === undefined ? what : `${what}, told ${told}`;
}

function clientCase(
  dialect: string,
  create: () => Decoder<object>,
  bytesMax: number = SERVE_LIMITS.courseFrameBytesMax,
): DecoderCase {
  return { dialect, by: "agency", bytesMax, create };
}

function centralCase(
  dialect: string,
  create: () => Decoder<object>,
  bytesMax: number = ANSWER_LIMITS.frameBytesMax,
): DecoderCase {
  return { dialect, by: "central", bytesMax, create };
}

/** Whose bytes alone do not tell what they are. */
function fixed70Answers(expected: Expected): DecoderCase {
  return {
    dialect: "fixed70",
    by: "central",
    told: `to expect ${expected}`,
    bytesMax: 4 * (WINNERS_MAX + 1),
    create() {
      const decoder = new AnswerDecoder();
      decoder.expect(expected);
      return decoder;
    },
  };
}
