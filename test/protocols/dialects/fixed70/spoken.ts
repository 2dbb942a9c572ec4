import * as fc from "fast-check";
import type { Bet } from "../../../../src/lottery/bet.ts";
import type { Decoder } from "../../../../src/protocols/codec.ts";
import {
  AnswerDecoder,
  type Expected,
} from "../../../../src/protocols/dialects/fixed70/answer-decoder.ts";
import { createFixed70ClientDecoder } from "../../../../src/protocols/dialects/fixed70/decode.ts";
import { createFixed70Dialer } from "../../../../src/protocols/dialects/fixed70/dial.ts";
import { fixed70Dialect } from "../../../../src/protocols/dialects/fixed70/dialect.ts";
import {
  encodeAgency,
  encodeCentral,
  encodeWinners,
  unfitBet,
} from "../../../../src/protocols/dialects/fixed70/encode.ts";
import {
  AGENCY_MAX,
  type CentralMessage,
  WINNERS_MAX,
} from "../../../../src/protocols/dialects/fixed70/wire.ts";
import { documentsOf } from "../../arbitrary.ts";
import { AGENCY } from "../../plain-bets.ts";
import { SERVE_LIMITS } from "../../serve-context.ts";
import { type DecoderCase, type RefusedBatch, refusedAs, type Spoken } from "../../spoken.ts";
import { batch, CONFIRMATION, record, u32 } from "./bytes.ts";

/** A name whose 24th byte is the first half of an Ñ, as the course's client cuts it. */
const CUT_NAME = Buffer.from("María de los Milagros ÑÑ").subarray(0, 24);

const YES = [
  CONFIRMATION,
  ..."ACK ACK\n".split(" ").map((text) => Buffer.from(text).toString("hex")),
];

/** A record as the course's client sends it. */
const lorca = (agency: number, firstName: string): Buffer =>
  record({
    agency,
    firstName,
    lastName: "Lorca",
    document: 30_904_465,
    birthdate: "1999-03-17",
    number: 2201,
  });

const refused = (what: string, bytes: Buffer, count: number): RefusedBatch =>
  refusedAs(what, bytes, count);

const tooLarge = (what: string, bytes: Buffer) =>
  ({ what, bytes, code: "FRAME_TOO_LARGE", where: "later" }) as const;

/** Whose bytes alone do not tell what they are. */
const told = (expected: Expected): DecoderCase => ({
  by: "central",
  told: `to expect ${expected}`,
  bytesMax: 4 * (WINNERS_MAX + 1),
  create: () => expecting([expected]),
});

/** A decoder that is told what to expect as an agency tells it: with each message it takes. */
function expecting(expectations: readonly string[]): Decoder<CentralMessage> {
  const decoder = new AnswerDecoder();
  const [...rest] = expectations as readonly Expected[];
  const expectNext = (): void => {
    const next = rest.shift();
    if (next !== undefined) decoder.expect(next);
  };
  expectNext();
  return {
    *push(chunk) {
      for (const decoded of decoder.push(chunk)) {
        expectNext();
        yield decoded;
      }
    },
    end: () => decoder.end(),
    get midFrame() {
      return decoder.midFrame;
    },
  };
}

const u32Value = fc.integer({ min: 0, max: 0xffff_ffff });

export const fixed70Spoken: Spoken = {
  dialect: fixed70Dialect,
  openings: {
    "hello and batch": Buffer.concat([u32(1, 3), lorca(1, "Santiago"), lorca(1, "Ana")]),
    "hello and batch of a large agency": Buffer.concat([u32(65_535, 100), lorca(65_535, "Ana")]),
    "hello of agency 256, batch of 256": Buffer.concat([u32(256, 256), lorca(256, "Ana")]),
    "hello and batch, a name that begins with two bytes": Buffer.concat([
      u32(5, 1),
      lorca(5, "Ñandú"),
    ]),
    "hello and batch, a name of digits": Buffer.concat([u32(5, 1), lorca(5, "1#")]),
    "hello of an agency without bets": u32(5, 0),
    "ej6: batch": Buffer.concat([u32(2), lorca(1, "Santiago"), lorca(1, "Ana")]),
    "ej6: batch of one by agency 1": Buffer.concat([u32(1), lorca(1, "Santiago")]),
    "ej6: batch of 116": Buffer.concat([u32(116), lorca(5, "Ángel")]),
    "ej6: batch of 1000 by agency 300": Buffer.concat([u32(1000), lorca(300, "Ana")]),
    "ej5: a bet": lorca(1, "Santiago"),
    "ej5: a bet of agency 70, named with two bytes": lorca(70, "Óscar"),
    "ej5: a bet of agency 4660": lorca(4660, "Ana"),
  },
  bets: {
    dialers: {
      "": (timer) => createFixed70Dialer("final", timer),
      ej6: (timer) => createFixed70Dialer("ej6", timer),
    },
    decoders: [
      {
        by: "agency",
        bytesMax: SERVE_LIMITS.courseFrameBytesMax,
        create: () => createFixed70ClientDecoder(SERVE_LIMITS),
      },
      told("final"),
      told("ej6"),
      told("ej5"),
      told("winners"),
    ],
    agencyMax: AGENCY_MAX,
    anyBet: fc
      .record(
        {
          agency: fc.constant(AGENCY),
          firstName: fc.string({ unit: "binary", maxLength: 12 }),
          lastName: fc.string({ unit: "binary", maxLength: 12 }),
          document: u32Value.map(String),
          birthdate: fc.constantFrom("1990-01-31", "2000-02-29"),
          number: fc.integer({ min: 0, max: 9999 }),
        },
        { noNullPrototype: true },
      )
      .filter((bet: Bet) => unfitBet(bet) === undefined && !hasControls(bet)),
    oddBets: [{ firstName: 'Ana, "la #1"', lastName: "" }],
    speak: (agency = 1, version = "") => ({
      hello: version === "ej6" ? Buffer.alloc(0) : u32(agency),
      batch: (...bets) => encodeAgency({ kind: "batch", bets }),
      single: (bet) => encodeAgency({ kind: "bet", bet }),
    }),
    understand(answers) {
      const words = answers.map((bytes) => (YES.includes(bytes.toString("hex")) ? "yes" : bytes));
      const others = Buffer.concat(words.filter((word) => typeof word !== "string"));
      const said = words.filter((word) => typeof word === "string");
      if (others.length === 0) return said;
      const documents = Array.from({ length: others.length / 4 - 1 }, (_, index) =>
        String(others.readUInt32BE(4 * (index + 1))),
      );
      return [...said, ["won", ...documents].join(" ")];
    },
    manners: {
      refusal: { says: [], ends: true },
      singleRefusal: { says: [], ends: true },
      stranger: { says: [], ends: true },
      violation: () => [],
      endsAfterSingle: true,
      singleWithoutHello: true,
      firstPlace: "run-start",
      afterRefusal: "CONNECTION_ENDED",
      strangerCode: "CONNECTION_ENDED",
    },
    // What the course's server does not survive: docs/protocols/fixed70.md.
    refused: [
      refused(
        "a name cut within a letter",
        Buffer.concat([u32(2), record(), record({ firstName: CUT_NAME })]),
        2,
      ),
      refused(
        "an empty first name",
        Buffer.concat([u32(2), record(), record({ firstName: "" })]),
        2,
      ),
      refused("an empty birthdate", batch(1, { birthdate: "" }), 1),
      refused("a birthdate that is none", batch(1, { birthdate: "1990-02-30" }), 1),
      refused("a birthdate of other letters", batch(1, { birthdate: "19900131,9" }), 1),
      refused("a number of five digits", batch(1, { number: 10_000 }), 1),
      refused("a NUL inside a name", batch(1, { lastName: "Pa\0z" }), 1),
      refused("a line end inside a name", batch(1, { lastName: "Paz\r\n2,A" }), 1),
      refused(
        "the record of another agency",
        Buffer.concat([u32(2), record(), record({ agency: 2 })]),
        2,
      ),
    ],
    violations: [
      tooLarge("a count of 1873", u32(1873)),
      tooLarge("a count of 16 million", u32(0x00ff_ffff)),
      tooLarge("the largest count", u32(0xffff_ffff)),
      tooLarge("garbage", Buffer.from("GET / HTTP/1.1\r\n\r\n")),
    ],
    answers: fc.oneof(
      fc.constantFrom("ej5", "ej6", "final").map((version) => ({
        bytes: encodeCentral({ kind: "confirmation", version }),
        seen: { kind: "confirmation", version },
        told: version,
      })),
      fc.array(u32Value.map(String), { maxLength: 20 }).map((documents) => ({
        bytes: encodeCentral({ kind: "winners", documents }),
        seen: { kind: "winners", documents },
        told: "winners",
      })),
    ),
    expecting,
    noise: fc
      .array(fc.oneof(fc.constantFrom(0, 0, 0, 1, 2, 65), fc.integer({ min: 0, max: 255 })), {
        maxLength: 400,
      })
      .map((bytes) => Buffer.from(bytes)),
    winners: {
      whole: (bets) => encodeCentral({ kind: "winners", documents: documentsOf(bets) }),
      pieces: encodeWinners,
    },
    // As many as its count says now: what is left is no batch.
    storedOfSpoiled: (spoiled) => [0, spoiled.readUInt32BE()],
    lacks: {
      done: "the question says it",
      question: "a zero asks only behind a batch that is not full: serve-zero.test.ts",
    },
  },
};

function hasControls({ firstName, lastName }: Bet): boolean {
  return /\p{Cc}/u.test(firstName + lastName);
}
