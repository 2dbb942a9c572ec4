import * as fc from "fast-check";
import type { AgencyId, Bet } from "../../../../src/lottery/bet.ts";
import {
  createColonLinesCentralDecoder,
  createColonLinesClientDecoder,
} from "../../../../src/protocols/dialects/colon-lines/decode.ts";
import { createColonLinesDialer } from "../../../../src/protocols/dialects/colon-lines/dial.ts";
import { colonLinesDialect } from "../../../../src/protocols/dialects/colon-lines/dialect.ts";
import {
  encodeBatch,
  encodeCentral,
  encodeDone,
  encodeQuestion,
  encodeSingle,
  encodeWinners,
} from "../../../../src/protocols/dialects/colon-lines/encode.ts";
import {
  ANSWER_BYTES_MAX,
  type CentralMessage,
  SINGLE_BET_PAUSE_MS,
} from "../../../../src/protocols/dialects/colon-lines/wire.ts";
import { goodBet } from "../../../lottery/arbitrary-bets.ts";
import { bytesOf, documentsOf, text } from "../../arbitrary.ts";
import { AGENCY } from "../../plain-bets.ts";
import { decodeAll, inWords } from "../../seen.ts";
import { SERVE_LIMITS } from "../../serve-context.ts";
import { type RefusedBatch, refusedAs, type Spoken, type Violation } from "../../spoken.ts";

const GOOD = "Ana,Paz,30000001,1990-01-31,7574\n";

const WORDS = { taken: "yes", refused: "no", "not-yet": "not yet" };

/** Any valid bet that the dialect can carry. */
export function carriedBet(agency: AgencyId): fc.Arbitrary<Bet> {
  return goodBet(agency).map((good) => ({
    ...good,
    firstName: good.firstName.replaceAll(/[,:]/g, "."),
    lastName: good.lastName.replaceAll(/[,:]/g, "."),
  }));
}

const short = (message: Exclude<CentralMessage, { kind: "winners" }>) => ({
  bytes: encodeCentral(message),
  seen: { kind: message.kind },
});

/** Behind a good bet, in the version with a type and in the one without. @param count of both bets */
function refused(what: string, line: string | Buffer, count: number): RefusedBatch[] {
  const batch = (prefix: string): Buffer =>
    Buffer.concat([prefix, GOOD, line, "\r\n"].map((part) => Buffer.from(part)));
  return [
    refusedAs(`${what}, typed`, batch("1:4:"), count),
    { ...refusedAs(`${what}, without a type`, batch("1:"), count), where: "first" },
  ];
}

const malformed = (what: string, bytes: string): Violation => ({
  what,
  bytes: Buffer.from(bytes),
  code: "MALFORMED",
});

export const colonLinesSpoken: Spoken = {
  dialect: colonLinesDialect,
  openings: {
    batch: Buffer.from(
      "1:4:Santiago Lionel,Lorca,30904465,1999-03-17,2201\nA,B,1,2000-01-01,7\n\r\n",
    ),
    "batch of agency 12345": Buffer.from("12345:4:Ñ,B,1,2000-01-01,7\n\r\n"),
    done: Buffer.from("1:5\r\n"),
    "question of agency 10": Buffer.from("10:6\r\n"),
    "ej6: batch": Buffer.from(
      "1:Santiago Lionel,Lorca,30904465,1999-03-17,2201\nÑ,B,1,2000-01-01,7\n\r\n",
    ),
    "ej6: batch of one": Buffer.from("5:Ñandú,Peña,30904465,1999-03-17,2201\n\r\n"),
    "ej5: a bet": Buffer.from("1:Santiago Lionel,Lorca,30904465,1999-03-17,2201\n"),
    "ej5: the shortest bet": Buffer.from("1:A,,1,2000-01-01,7\n"),
  },
  bets: {
    dialers: {
      "": (timer) => createColonLinesDialer("ej8", timer),
      ej6: (timer) => createColonLinesDialer("ej6", timer),
      ej7: (timer) => createColonLinesDialer("ej7", timer),
    },
    decoders: [
      {
        by: "agency",
        bytesMax: SERVE_LIMITS.courseFrameBytesMax,
        create: () => createColonLinesClientDecoder(SERVE_LIMITS),
      },
      { by: "central", bytesMax: ANSWER_BYTES_MAX, create: createColonLinesCentralDecoder },
    ],
    anyBet: carriedBet(AGENCY),
    harmsOthers: ({ firstName, lastName }) => `${firstName}${lastName}`.includes(":"),
    oddBets: [{ firstName: "A:4:B" }, { firstName: 'A#"n"a', lastName: "" }],
    speak: (agency = 1, version = "") => ({
      hello: Buffer.alloc(0),
      batch: (...bets) => encodeBatch(agency as AgencyId, bets, version === "ej6" ? "ej6" : "ej8"),
      single: (bet) => encodeSingle(agency as AgencyId, bet),
      done: () => encodeDone(agency as AgencyId),
      question: () => encodeQuestion(agency as AgencyId),
    }),
    understand: (answers) => inWords(decodeAll(createColonLinesCentralDecoder(), answers), WORDS),
    manners: {
      refusal: { says: ["no"], ends: true },
      singleRefusal: { says: ["no"], ends: true },
      stranger: { says: ["no"], ends: true },
      violation: () => ["no"],
      endsAfterSingle: true,
      singlePauseMs: SINGLE_BET_PAUSE_MS,
      firstPlace: "connection-start",
      beforeDraw: ["not yet"],
      afterRefusal: "rejected",
      strangerCode: "REFUSED",
    },
    // The flaws of the course's programs: docs/protocols/colon-lines.md.
    refused: [
      ...refused("a comma in a name", "Ana, María,Paz,30000001,1990-01-31,7574\n", 2),
      ...refused("a line break in a name", "Ana\nMaría,Paz,30000001,1990-01-31,7574\n", 3),
      ...refused("a quoted field", '"Ana, María",Paz,30000001,1990-01-31,7574\n', 2),
      ...refused("a field too few", "Ana,30000001,1990-01-31,7574\n", 2),
      ...refused("an empty line", "\n", 2),
      ...refused("an empty first name", ",Paz,30000001,1990-01-31,7574\n", 2),
      ...refused("an empty document", "Ana,Paz,,1990-01-31,7574\n", 2),
      ...refused("an empty number", "Ana,Paz,30000001,1990-01-31,\n", 2),
      ...refused("a date that is none", "Ana,Paz,30000001,1990-02-30,7574\n", 2),
      ...refused("a number of five digits", "Ana,Paz,30000001,1990-01-31,75740\n", 2),
      ...refused("a number that is none", "Ana,Paz,30000001,1990-01-31,0x1D\n", 2),
      ...refused("a document of eleven digits", "Ana,Paz,12345678901,1990-01-31,1\n", 2),
      ...refused("a control character", "Ana\0,Paz,30000001,1990-01-31,7574\n", 2),
      ...refused("a line without its end", "Ana,Paz,30000001,1990-01-31,7574", 2),
      ...refused("nothing but commas", `${",".repeat(1000)}\n`, 2),
      ...refused("text that is not UTF-8", bytesOf("Ana\u00ff,Paz,30000002,1990-01-31,1\n"), 2),
      refusedAs("no lines", Buffer.from("1:4:\r\n"), 0),
    ],
    violations: [
      malformed("a batch without its second colon", "1:4\r\n"),
      malformed("CR LF alone", "\r\n"),
      malformed("an end with a body", "1:5:1\r\n"),
      malformed("a question with a body", "1:6:\r\n"),
      malformed("no sender", ":4:A\r\n"),
      malformed("a sender of eleven digits", `12345678901:4:${GOOD}\r\n`),
      malformed("a sender of very many digits", `${"9".repeat(1000)}:4:${GOOD}\r\n`),
      malformed("digits alone", "4\r\n"),
      malformed("other text", "hello\r\n"),
      malformed("the central's own words", "server:0\r\n"),
      { what: "an unknown type", bytes: Buffer.from("1:9\r\n"), code: "UNKNOWN_TYPE" },
    ],
    answers: fc.oneof(
      fc
        .tuple(fc.constantFrom("taken", "refused"), fc.boolean())
        .map(([kind, untyped]) => short({ kind, untyped })),
      fc.constant(short({ kind: "not-yet" })),
      fc.array(carriedBet(AGENCY), { maxLength: 20 }).map((winners) => ({
        bytes: encodeCentral({ kind: "winners", winners }),
        seen: { kind: "winners", documents: documentsOf(winners), bets: winners },
      })),
    ),
    noise: fc.oneof(
      text("1:", "1:4:", "2:5\r\n", "server:", "3:", "0", "\r\n", "\n", "\r", ",", ":", GOOD),
      fc.string({ unit: "binary", maxLength: 10 }).map((odd) => Buffer.from(odd)),
    ),
    winners: {
      whole: (winners) => encodeCentral({ kind: "winners", winners }),
      pieces: encodeWinners,
    },
    lacks: { namedBets: "a message names its sender once" },
  },
};
