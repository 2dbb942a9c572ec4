import * as fc from "fast-check";
import type { AgencyId } from "../../../../src/lottery/bet.ts";
import {
  createNewlineFieldsCentralDecoder,
  createNewlineFieldsClientDecoder,
} from "../../../../src/protocols/dialects/newline-fields/decode.ts";
import {
  createNewlineFieldsDialer,
  EXERCISE_6,
  EXERCISE_7,
  FINAL,
} from "../../../../src/protocols/dialects/newline-fields/dial.ts";
import { newlineFieldsDialect } from "../../../../src/protocols/dialects/newline-fields/dialect.ts";
import {
  betText,
  encodeAgency,
  encodeCentral,
  encodeWinners,
} from "../../../../src/protocols/dialects/newline-fields/encode.ts";
import type { CentralMessage } from "../../../../src/protocols/dialects/newline-fields/wire.ts";
import { anyDocuments, bytesOf, documentsOf, text } from "../../arbitrary.ts";
import { bet } from "../../plain-bets.ts";
import { inWords } from "../../seen.ts";
import { type RefusedBatch, refusedAs, type Spoken } from "../../spoken.ts";
import { fromCentral } from "./codec.ts";

const LIMITS = { frameBytesMax: 8192 };

const WORDS = { stored: "yes", noted: "yes", unreadable: "no" };

const FIRST = betText(bet());
const SECOND = betText(bet({ document: "22" }));
const THIRD = betText(bet({ document: "33", firstName: "Eva", lastName: "Rey" }));

const said = (message: CentralMessage) => ({ bytes: encodeCentral(message), seen: { ...message } });
const refused = (what: string, bets: string, count: number): RefusedBatch =>
  refusedAs(what, Buffer.from(`BET\n${bets}\n`), count);

/** Ends the message: the course's server stores the half of the batch before it. */
const emptyField = ([at, field]: readonly [number, string]): RefusedBatch =>
  refused(`an empty ${field}`, FIRST + SECOND.split("\n").with(at, "").join("\n") + THIRD, 2);

/** Shifts all fields behind it. */
const brokenName = (lastName: string, count: number): RefusedBatch =>
  refused(
    `the last name ${JSON.stringify(lastName)}`,
    FIRST + betText(bet({ document: "22", lastName })) + THIRD,
    count,
  );

/** Kills the process that serves the agency in the course's server. */
const noNumber = (from: string, to: string): RefusedBatch =>
  refused(`${to} in place of ${from}`, (THIRD + FIRST).replace(`\n${from}\n`, `\n${to}\n`), 2);

export const newlineFieldsSpoken: Spoken = {
  dialect: newlineFieldsDialect,
  openings: {
    batch: Buffer.from("BET\n1\nÑandú\nPeña\n31999888\n1985-01-01\n9999\n\n"),
    "empty batch": Buffer.from("BET\n\n"),
    done: Buffer.from("CONFIRMATION\n1\n\n"),
    "done of agency 12345": Buffer.from("CONFIRMATION\n12345\n\n"),
    question: Buffer.from("WINNERS\n1\n\n"),
    "ej6: batch": Buffer.from(
      "1\nÑandú\nPeña\n31999888\n1985-01-01\n9999\n1\nA\nB\n1\n2000-01-01\n7\n\n",
    ),
    "ej5: a bet": Buffer.from("1\nÑandú\nPeña\n31999888\n1985-01-01\n9999\n\n"),
    "ej5: a bet of agency 12345": Buffer.from("12345\nA\nB\n1\n2000-01-01\n7\n\n"),
  },
  bets: {
    dialers: {
      "": (timer) => createNewlineFieldsDialer(FINAL, timer),
      ej6: (timer) => createNewlineFieldsDialer(EXERCISE_6, timer),
      ej7: (timer) => createNewlineFieldsDialer(EXERCISE_7, timer),
    },
    decoders: [
      { by: "agency", bytesMax: 8192, create: () => createNewlineFieldsClientDecoder(LIMITS) },
      { by: "central", bytesMax: 8192, create: () => createNewlineFieldsCentralDecoder(LIMITS) },
    ],
    // What separates fields elsewhere, and the words of this dialect.
    oddBets: [
      "a,b",
      "#7#",
      "1:2:3",
      "{x|y}",
      '"Ana"',
      " Ana ",
      "BET",
      "WINNERS",
      "O'Higgins",
      "1",
    ].map((name) => ({ firstName: name, lastName: name })),
    speak: (agency = 1, version = "") => ({
      hello: Buffer.alloc(0),
      batch: (...bets) => encodeAgency({ kind: "batch", typed: version !== "ej6", bets }),
      single: (bet) => encodeAgency({ kind: "batch", typed: false, bets: [bet] }),
      done: () => encodeAgency({ kind: "confirmation", agency: agency as AgencyId }),
      question: () => encodeAgency({ kind: "question", agency: agency as AgencyId }),
    }),
    understand: (answers) => inWords(fromCentral(...answers), WORDS),
    manners: {
      refusal: { says: [], ends: true },
      singleRefusal: { says: [], ends: true },
      stranger: { says: [], ends: true },
      violation: () => [],
      endsAfterSingle: true,
      firstPlace: "connection-start",
      endsBeforeDraw: "ej7",
      afterRefusal: "CONNECTION_ENDED",
      strangerCode: "CONNECTION_ENDED",
    },
    // Flaws of the course's server: docs/protocols/newline-fields.md.
    refused: [
      ...(
        [
          [1, "first name"],
          [2, "last name"],
          [3, "document"],
          [4, "birthdate"],
          [5, "number"],
        ] as const
      ).map(emptyField),
      brokenName("Paz\nSosa", 4),
      brokenName("Paz\n", 2),
      brokenName("\nPaz", 2),
      brokenName("Paz\r\nSosa", 4),
      brokenName("a\nb\nc\nd\ne\nf\ng", 4),
      noNumber("7574", "x"),
      noNumber("7574", "75740"),
      noNumber("1990-01-31", "31/01/1990"),
      noNumber("30000001", "30.000.001"),
    ],
    violations: [
      { what: "a type that is none", bytes: Buffer.from("ADIOS\n1\n\n"), code: "UNKNOWN_TYPE" },
      {
        what: "an end of bets without a number",
        bytes: Buffer.from("CONFIRMATION\n\n"),
        code: "MALFORMED",
      },
      {
        what: "a question with two numbers",
        bytes: Buffer.from("WINNERS\n1\n2\n\n"),
        code: "MALFORMED",
      },
      { what: "an empty first line", bytes: Buffer.from("\n\n"), code: "UNKNOWN_TYPE" },
    ],
    answers: fc.oneof(
      anyDocuments.map((documents) => ({ ...said({ kind: "winners", documents }), last: true })),
      fc.constantFrom("stored", "noted", "unreadable").map((kind) => said({ kind })),
    ),
    noise: fc.oneof(
      text("\n", "\n", "1", "BET", "WINNERS", "é", "\0"),
      text("\n", "1", "a", "-", "BET", "é").map((odd) => Buffer.from(`BET\n${odd.toString()}\n\n`)),
      fc.constant(bytesOf("WINNERS\n\xff\n\n")),
    ),
    winners: {
      whole: (bets) => encodeCentral({ kind: "winners", documents: documentsOf(bets) }),
      pieces: encodeWinners,
    },
    lacks: {
      spoiledBatches:
        "an LF in the place of an agency's number ends a batch, and the bets before it are one",
    },
  },
};
