import * as fc from "fast-check";
import type { Bet } from "../../../../src/lottery/bet.ts";
import { encodeLines } from "../../../../src/lottery/canonical-line.ts";
import { FIRST_HEAD, nextHead } from "../../../../src/lottery/chain.ts";
import {
  createCentralDecoder,
  createClientDecoder,
} from "../../../../src/protocols/dialects/native/decode.ts";
import { createNativeDialer } from "../../../../src/protocols/dialects/native/dial.ts";
import { nativeDialect } from "../../../../src/protocols/dialects/native/dialect.ts";
import { encodeCentral, encodeClient } from "../../../../src/protocols/dialects/native/encode.ts";
import { type CentralMessage, PREFACE } from "../../../../src/protocols/dialects/native/wire.ts";
import { bytesOf } from "../../arbitrary.ts";
import { bet } from "../../plain-bets.ts";
import { inText } from "../../seen.ts";
import { SERVE_LIMITS } from "../../serve-context.ts";
import type { RefusedBatch, Speaker, Spoken } from "../../spoken.ts";
import { centralMessages } from "./arbitrary-messages.ts";
import { messagesOf } from "./codec.ts";

const LIMITS = { frameBytesMax: 8192 };

/** Numbers its batches, and sums them up in its DONE. */
class NativeSpeaker implements Speaker {
  readonly hello: Buffer;
  readonly #batches: { readonly count: number; readonly lines: Buffer }[] = [];

  constructor(agency: number) {
    const credentials = Buffer.alloc(0);
    const hello = encodeClient({ kind: "hello", agency, draw: "", credentials });
    this.hello = Buffer.concat([PREFACE, hello]);
  }

  batch(...bets: readonly Bet[]): Buffer {
    return encodeClient({ kind: "batch", sequence: this.#next(bets), ...batchOf(bets) });
  }

  single(bet: Bet): Buffer {
    return encodeClient({ kind: "bet", sequence: this.#next([bet]), line: encodeLines([bet]) });
  }

  refused(): void {
    this.#batches.pop();
  }

  done(): Buffer {
    let head = FIRST_HEAD;
    let bets = 0;
    for (const [index, { count, lines }] of this.#batches.entries()) {
      head = nextHead(head, index + 1, count, lines);
      bets += count;
    }
    return encodeClient({ kind: "done", batches: this.#batches.length, bets, head });
  }

  #next(bets: readonly Bet[]): number {
    return this.#batches.push(batchOf(bets));
  }
}

function batchOf(bets: readonly Bet[]): { readonly count: number; readonly lines: Buffer } {
  return { count: bets.length, lines: encodeLines(bets) };
}

function inWords(message: CentralMessage): string[] {
  switch (message.kind) {
    case "ack":
      return ["yes"];
    case "reject":
      return ["no"];
    case "error":
      return [message.code];
    case "drawn":
      return [["won", ...message.documents].join(" ")];
    case "busy":
    case "pong":
    case "challenge":
    case "sealed":
      return [message.kind];
    case "welcome":
      return [];
    default:
      return message satisfies never;
  }
}

const ANA = encodeLines([bet()]).toString();

const refused = (what: string, lines: string | Buffer, count: number): RefusedBatch => ({
  what,
  count,
  bytes: (sequence) =>
    encodeClient({ kind: "batch", sequence, count, lines: Buffer.from(lines as string) }),
});

const violation = (
  what: string,
  hex: string,
  code: "MALFORMED" | "FRAME_TOO_LARGE" | "UNKNOWN_TYPE" | "UNEXPECTED_MESSAGE",
) => ({ what, bytes: Buffer.from(hex, "hex"), code });

export const nativeSpoken: Spoken = {
  dialect: nativeDialect,
  openings: {
    hello: Buffer.from("514e4c310000000a0100000001000000", "hex"),
  },
  bets: {
    dialers: { "": createNativeDialer },
    decoders: [
      { by: "agency", bytesMax: 8192, create: () => createClientDecoder(SERVE_LIMITS) },
      { by: "central", bytesMax: 8192, create: () => createCentralDecoder(LIMITS) },
    ],
    oddBets: [{ firstName: 'Ana, "la #1": {x|y}', lastName: "" }],
    speak: (agency = 1) => new NativeSpeaker(agency),
    understand: (answers) =>
      (messagesOf(createCentralDecoder(LIMITS), answers) as CentralMessage[]).flatMap(inWords),
    manners: {
      refusal: { says: ["no"], ends: false },
      singleRefusal: { says: ["no"], ends: false },
      stranger: { says: ["UNKNOWN_AGENCY"], ends: true },
      violation: (code) => [code === "FRAME_TRUNCATED" ? "MALFORMED" : code],
      endsAfterSingle: false,
      afterRefusal: "rejected",
      strangerCode: "REFUSED",
    },
    refused: [
      refused("a number of five digits", ANA + ANA.replace("7574", "75740"), 2),
      refused("a date that is none", ANA.replace("01-31", "02-30"), 1),
      refused("a line of another agency", ANA + ANA.replace("1,", "2,"), 2),
      refused("a count above its lines", ANA, 2),
      refused("a count below its lines", ANA + ANA, 1),
      refused("no lines", "", 1),
      refused("a line without its end", ANA.slice(0, -2), 1),
      refused("lines that end in LF alone", ANA.replace("\r", ""), 1),
      refused("a quote that is not closed", ANA.replace("Ana", '"Ana'), 1),
      refused("a field too few", ANA.replace("Paz,", ""), 1),
      refused("a number with a zero in front", ANA.replace("7574", "07574"), 1),
      refused("bytes that are not UTF-8", bytesOf(ANA.replace("Ana", "\xff\xfe")), 1),
    ],
    violations: [
      violation("a frame that is too large", "00002000", "FRAME_TOO_LARGE"),
      violation("an unknown type", "0000000177", "UNKNOWN_TYPE"),
      violation("a malformed body", "00000002050f", "MALFORMED"),
      violation("a length of 0", "00000000", "MALFORMED"),
      violation("a central's message", "000000058700000001", "UNEXPECTED_MESSAGE"),
    ],
    answers: centralMessages.map((message) => ({
      bytes: encodeCentral(message),
      seen: inText(message),
    })),
    noise: fc
      .tuple(
        fc.constantFrom(1, 2, 3, 4, 5, 6, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88),
        fc.uint8Array({ maxLength: 60 }),
      )
      .map(([type, body]) => {
        const frame = Buffer.alloc(5 + body.length);
        frame.writeUInt32BE(1 + body.length, 0);
        frame[4] = type;
        frame.set(body, 5);
        return frame;
      }),
    lacks: {
      question: "results come by themselves",
      oneAnswerEach: "an ACK is for all batches up to it",
      places: "its batches have numbers",
      waitsForRoom: "it is told BUSY, and sends the batch again",
      wholeWinners: "results are frames of their own each",
    },
  },
};
