import * as fc from "fast-check";
import {
  createMd5FramesCentralDecoder,
  createMd5FramesClientDecoder,
} from "../../../../src/protocols/dialects/md5-frames/decode.ts";
import { createMd5FramesDialer } from "../../../../src/protocols/dialects/md5-frames/dial.ts";
import { md5FramesDialect } from "../../../../src/protocols/dialects/md5-frames/dialect.ts";
import {
  encodeAgency,
  encodeCentral,
  encodeWinners,
} from "../../../../src/protocols/dialects/md5-frames/encode.ts";
import { anyDocuments, bytesOf, documentsOf } from "../../arbitrary.ts";
import { inWords } from "../../seen.ts";
import { type RefusedBatch, refusedAs, type Spoken } from "../../spoken.ts";
import { frame, fromCentral, payloadIn } from "./codec.ts";

const LIMITS = { frameBytesMax: 8192 };
const IDENTIFIER = Buffer.alloc(16, 5);
const ANA = "{agency:1,nombre:Ana,apellido:Paz,dni:30000001,nacimiento:1990-01-31,numero:7574}";

const WORDS = {
  success: "yes",
  failure: "no",
  "question-failure": "no",
  "in-progress": "not yet",
};

const refused = (what: string, payload: string | Buffer, count: number): RefusedBatch =>
  refusedAs(what, frame(3, payload), count);

function played(agency: string, firstName: string): string {
  return `{agency:${agency},nombre:${firstName},apellido:Lorca,dni:30904465,nacimiento:1999-03-17,numero:2201}`;
}

export const md5FramesSpoken: Spoken = {
  dialect: md5FramesDialect,
  openings: {
    batch: frame(3, [played("1", "Santiago"), played("1", "Ana")].join("|")),
    "batch of the usual size": frame(3, Array(86).fill(played("5", "Maximiliano")).join("|")),
    "batch above 64 KiB": frame(3, Array(1000).fill(played("5", "Ana")).join("|")),
    done: frame(4, "{agency:1}"),
    "question of agency 12345": frame(5, "{agency:12345}"),
    "ej5: a bet": frame(1, played("3", "Ñandú")),
  },
  bets: {
    dialers: {
      "": (timer) => createMd5FramesDialer({ timer }),
      ej6: (timer) => createMd5FramesDialer({ timer, draws: false }),
    },
    decoders: [
      { by: "agency", bytesMax: 8192, create: () => createMd5FramesClientDecoder(LIMITS) },
      { by: "central", bytesMax: 8192, create: () => createMd5FramesCentralDecoder(LIMITS) },
    ],
    oddBets: [
      { firstName: 'A:na "{la}', lastName: "" },
      { firstName: '{A: "B"}', lastName: "" },
      { lastName: "Ñandú:{" },
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
      singleRefusal: { says: ["no"], ends: false },
      stranger: { says: ["no"], ends: false },
      violation: () => [],
      endsAfterSingle: false,
      firstPlace: "connection-start",
      afterRefusal: "rejected",
      strangerCode: "REFUSED",
    },
    // What the course's own central does wrong, or suffers from: docs/protocols/md5-frames.md.
    refused: [
      refused("a comma in a name", ANA.replace("Ana", "A,na"), 1),
      refused("a comma in the second bet's name", `${ANA}|${ANA.replace("Paz", "Paz,Luz")}`, 2),
      refused("a | in a name", ANA.replace("Ana", "A|na"), 2),
      refused("a | too many", `${ANA}|`, 2),
      refused("no bets", "", 1),
      refused("nothing but bars", "|".repeat(1000), 1001),
      refused("a key that is missing", ANA.replace("dni:30000001,", ""), 1),
      refused("an empty first name", ANA.replace("Ana", ""), 1),
      refused("a first name of spaces", ANA.replace("Ana", "  \u00a0"), 1),
      refused("an empty document", ANA.replace("30000001", ""), 1),
      refused("an empty number", ANA.replace("7574", ""), 1),
      refused("an empty agency", ANA.replace(":1,", ":,"), 1),
      refused("a date that is none", ANA.replace("1990-01-31", "31/01/1990"), 1),
      refused("a number that is none", ANA.replace("7574", "siete"), 1),
      refused("a number with a sign", ANA.replace("7574", "+7574"), 1),
      refused("a control character in a name", ANA.replace("Ana", "A\tna"), 1),
      refused("a line in a name", ANA.replace("Ana", "A\r\n1,B"), 1),
      refused("a name of 256 bytes", ANA.replace("Ana", "a".repeat(256)), 1),
      refused("bytes that are not UTF-8", bytesOf(ANA.replace("Ana", "\xff\xfe")), 1),
      refused("half a letter", bytesOf(ANA.replace("Ana", "Ana\xc3")), 1),
      refused("two agencies", `${ANA}|${ANA.replace("1", "2")}`, 2),
    ],
    violations: [
      {
        what: "a length below 18",
        bytes: Buffer.from(`00000011${"00".repeat(30)}`, "hex"),
        code: "MALFORMED",
      },
      {
        what: "a length over the limit",
        bytes: Buffer.from("ffffffff0003", "hex"),
        code: "FRAME_TOO_LARGE",
      },
      { what: "a type that nobody has", bytes: frame(9, ANA), code: "UNKNOWN_TYPE" },
      { what: "an answer", bytes: frame(2, "{result:success}"), code: "UNKNOWN_TYPE" },
    ],
    answers: fc
      .tuple(
        fc.oneof(
          anyDocuments.map((documents) => ({ kind: "winners", documents }) as const),
          fc
            .constantFrom("success", "failure", "in-progress", "question-failure")
            .map((kind) => ({ kind }) as const),
        ),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
      )
      .map(([answer, identifier]) => ({
        bytes: encodeCentral({ ...answer, identifier }),
        seen: { ...answer, identifier: Buffer.from(identifier).toString("hex") },
      })),
    noise: fc
      .tuple(
        fc.oneof(fc.constantFrom(1, 3, 4, 5), fc.nat({ max: 7 })),
        fc.uint8Array({ maxLength: 60 }),
      )
      .map(([type, body]) => frame(type, body)),
    winners: {
      whole: (bets) =>
        encodeCentral({ kind: "winners", documents: documentsOf(bets), identifier: IDENTIFIER }),
      pieces: (winners) => encodeWinners(winners, IDENTIFIER),
    },
    // All that the frame has by its own length, or nothing. A lost bar makes one bet of two, and in a frame
    // of type 1 a bar is a letter.
    storedOfSpoiled(batch) {
      const payload = payloadIn(batch.subarray(0, 4 + batch.readUInt32BE()));
      return [0, batch[5] === 1 ? 1 : payload.toString("latin1").split("|").length];
    },
    lacks: {
      oneConnection: "the course's client makes a connection for every message",
    },
  },
};
