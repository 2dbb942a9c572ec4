import * as fc from "fast-check";
import {
  createTlvCentralDecoder,
  createTlvClientDecoder,
} from "../../../../src/protocols/dialects/tlv/decode.ts";
import {
  createTlvBatchesDialer,
  createTlvDialer,
} from "../../../../src/protocols/dialects/tlv/dial.ts";
import { tlvDialect } from "../../../../src/protocols/dialects/tlv/dialect.ts";
import {
  encodeAgency,
  encodeCentral,
  encodeWinners,
} from "../../../../src/protocols/dialects/tlv/encode.ts";
import type { CentralMessage } from "../../../../src/protocols/dialects/tlv/wire.ts";
import { anyDocuments, bytesOf, documentsOf, text } from "../../arbitrary.ts";
import { inWords } from "../../seen.ts";
import { type RefusedBatch, refusedAs, type Spoken } from "../../spoken.ts";
import { fromCentral, packet } from "./codec.ts";

const LIMITS = { frameBytesMax: 8192 };
const ANA = "1#Ana#Paz#30000001#1990-01-31#7574#";

const WORDS = { ok: "yes", refused: "no", "not-yet": "not yet" };

const said = (message: CentralMessage) => ({ bytes: encodeCentral(message), seen: { ...message } });
const refused = (what: string, body: string | Buffer, count: number): RefusedBatch =>
  refusedAs(what, packet(3, body), count);

export const tlvSpoken: Spoken = {
  dialect: tlvDialect,
  openings: {
    batch: packet(3, "2#@0#1#Ñandú#Peña#31999888#1985-01-01#9999#@1#1#Ana#Paz#1#1985-01-01#7#"),
    "batch of 1000": packet(3, `1000#${"@0#1#Ana#Paz#1#1985-01-01#7#".repeat(1000)}`),
    "empty batch": packet(3, "0#"),
    done: packet(5, "1#"),
    "done of agency 12345": packet(5, "12345#"),
    question: packet(6, "1#"),
    "ej5: a bet": packet(1, "1#Ana#Paz#31999888#1985-01-01#9999#"),
  },
  bets: {
    dialers: {
      "": (timer) => createTlvDialer({ timer }),
      ej6: createTlvBatchesDialer,
    },
    decoders: [
      { by: "agency", bytesMax: 8192, create: () => createTlvClientDecoder(LIMITS) },
      { by: "central", bytesMax: 8192, create: () => createTlvCentralDecoder(LIMITS) },
    ],
    oddBets: [
      { firstName: 'Ana, "la"', lastName: "Paz,Luz" },
      { firstName: 'A "B", C', lastName: "" },
      { lastName: "Ñandú@1" },
    ],
    speak: (agency = 1) => ({
      hello: Buffer.alloc(0),
      batch: (...bets) => encodeAgency({ kind: "batch", bets }),
      single: (bet) => encodeAgency({ kind: "bet", bet }),
      done: () => encodeAgency({ kind: "done", agency }),
      question: () => encodeAgency({ kind: "question", agency }),
    }),
    understand: (answers) => inWords(fromCentral(...answers), WORDS),
    manners: {
      refusal: { says: ["no"], ends: false },
      singleRefusal: { says: ["no"], ends: true },
      stranger: { says: ["no"], ends: false },
      violation: () => [],
      endsAfterSingle: true,
      firstPlace: "connection-start",
      beforeDraw: ["not yet"],
      afterRefusal: "rejected",
      strangerCode: "REFUSED",
    },
    // What the course's own central does wrong, or dies of: docs/protocols/tlv.md.
    refused: [
      refused("a # in a name", "1#@0#1#A#na#Paz#30000001#1990-01-31#7574#", 1),
      refused("a # in a name of the second bet", `2#@0#${ANA}@1#1#A#na#Paz#1#1990-01-31#1#`, 2),
      refused("a count above the bets present", `3#@0#${ANA}@1#${ANA}`, 3),
      refused("an enormous count", `4294967295#@0#${ANA}`, 4_294_967_295),
      refused("a count below the bets present", `1#@0#${ANA}@1#${ANA}`, 1),
      refused("a count of 0 and bets", `0#@0#${ANA}`, 0),
      refused("a marker out of order", `2#@0#${ANA}@2#${ANA}`, 2),
      refused("an empty first name", "1#@0#1##Paz#1#1990-01-31#1#", 1),
      refused("an empty document", "1#@0#1#Ana#Paz##1990-01-31#1#", 1),
      refused("an empty number", "1#@0#1#Ana#Paz#1#1990-01-31##", 1),
      refused("an empty agency", "1#@0##Ana#Paz#1#1990-01-31#1#", 1),
      refused("a date that is none", "1#@0#1#Ana#Paz#1#31/01/1990#1#", 1),
      refused("a number that is none", "1#@0#1#Ana#Paz#1#1990-01-31#siete#", 1),
      refused("a control character in a name", "1#@0#1#A\tna#Paz#1#1990-01-31#1#", 1),
      refused("a line in a name", "1#@0#1#A\r\n1,B#Paz#1#1990-01-31#1#", 1),
      refused("a name of 256 bytes", `1#@0#1#${"a".repeat(256)}#Paz#1#1990-01-31#1#`, 1),
      refused("bytes that are not UTF-8", bytesOf("1#@0#1#\xff\xfe#Paz#1#1990-01-31#1#"), 1),
      refused("half a letter", bytesOf("1#@0#1#Ana\xc3#Paz#1#1990-01-31#1#"), 1),
      refused("no # at the end", `1#@0#${ANA.slice(0, -1)}`, 1),
    ],
    violations: [
      { what: "a body of digits only", bytes: packet(3, "12"), code: "MALFORMED" },
      { what: "an end of bets without #", bytes: packet(5, "1"), code: "MALFORMED" },
      { what: "a question that is empty", bytes: packet(6, ""), code: "MALFORMED" },
      {
        what: "a length over the limit",
        bytes: Buffer.from("03ffffffff31", "hex"),
        code: "FRAME_TOO_LARGE",
      },
    ],
    answers: fc.oneof(
      anyDocuments.map((documents) => said({ kind: "winners", documents })),
      fc.constantFrom(said({ kind: "ok" }), said({ kind: "not-yet" })),
      fc.string({ maxLength: 9 }).map((text) => said({ kind: "refused", text })),
    ),
    noise: fc.oneof(
      fc
        .tuple(fc.constantFrom(1, 3, 5, 6), text("#", "@", "0", "1", "a", ",", "\n"))
        .map(([code, body]) => packet(code, body)),
      fc
        .tuple(fc.nat({ max: 10 }), fc.uint8Array({ maxLength: 40 }))
        .map(([code, body]) => packet(code, body)),
    ),
    winners: {
      whole: (bets) => encodeCentral({ kind: "winners", documents: documentsOf(bets) }),
      pieces: encodeWinners,
    },
    lacks: {
      oneConnection: "the course's client makes a connection for every message",
    },
  },
};
