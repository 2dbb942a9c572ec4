import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { AGENCY_MAX, type AgencyId, type Bet } from "../../../../src/lottery/bet.ts";
import { encodeLines } from "../../../../src/lottery/canonical-line.ts";
import type { Decoder } from "../../../../src/protocols/codec.ts";
import {
  createColonLinesCentralDecoder,
  createColonLinesClientDecoder,
} from "../../../../src/protocols/dialects/colon-lines/decode.ts";
import {
  encodeBatch,
  encodeCentral,
  encodeDone,
  encodeQuestion,
} from "../../../../src/protocols/dialects/colon-lines/encode.ts";
import type { ClientMessage, Reply } from "../../../../src/protocols/dialects/colon-lines/wire.ts";
import { carriedBet } from "./bets.ts";

const BYTES_MAX = 131_072;

const agency = fc.oneof(
  fc.integer({ min: 1, max: 12 }),
  fc.integer({ min: 1, max: AGENCY_MAX }),
) as fc.Arbitrary<AgencyId>;

/** What was said, and its bytes. */
interface Said {
  readonly told: string;
  readonly bytes: Buffer;
}

function batchOf(agency: AgencyId, bets: readonly Bet[], untyped: boolean): Said {
  return {
    told: `${agency} batch ${bets.length} ${untyped}\n${encodeLines(bets).toString()}`,
    bytes: encodeBatch(agency, bets, untyped ? "ej6" : "ej8"),
  };
}

const batch = agency.chain((agency) =>
  fc
    .tuple(fc.array(carriedBet(agency), { minLength: 1, maxLength: 20 }), fc.boolean())
    .map(([bets, untyped]) => batchOf(agency, bets, untyped)),
);

const clientMessage = fc.oneof(
  batch,
  agency.map((agency): Said => ({ told: `${agency} done`, bytes: encodeDone(agency) })),
  agency.map((agency): Said => ({ told: `${agency} question`, bytes: encodeQuestion(agency) })),
);

const centralMessage = fc.oneof(
  fc
    .boolean()
    .map((untyped): Said => ({ told: "taken", bytes: encodeCentral({ kind: "taken", untyped }) })),
  fc
    .boolean()
    .map(
      (untyped): Said => ({ told: "refused", bytes: encodeCentral({ kind: "refused", untyped }) }),
    ),
  fc.constant<Said>({ told: "not-yet", bytes: encodeCentral({ kind: "not-yet" }) }),
  agency
    .chain((agency) => fc.array(carriedBet(agency), { maxLength: 20 }))
    .map(
      (winners): Said => ({
        told: `winners ${JSON.stringify([winners.map(({ document }) => document), winners])}`,
        bytes: encodeCentral({ kind: "winners", winners }),
      }),
    ),
);

function tellClient(message: ClientMessage): string {
  if (message.kind !== "batch") return `${message.agency} ${message.kind}`;
  const { agency, count, untyped, lines } = message;
  return `${agency} batch ${count} ${untyped}\n${Buffer.from(lines).toString()}`;
}

function tellReply(reply: Reply): string {
  if (reply.kind !== "winners") return reply.kind;
  return `winners ${JSON.stringify([reply.documents, reply.bets])}`;
}

/** What a decoder makes of a stream that is cut at the marks. */
function decode<Message>(
  decoder: Decoder<Message>,
  stream: Buffer,
  marks: readonly number[],
  tell: (message: Message) => string,
): string[] {
  const inside = marks.map((mark) => mark % (stream.length + 1));
  const cuts = [0, ...inside.toSorted((a, b) => a - b), stream.length];
  const told: string[] = [];
  for (const [index, mark] of cuts.slice(1).entries()) {
    const chunk = Buffer.from(stream.subarray(cuts[index], mark));
    for (const decoded of decoder.push(chunk)) {
      told.push(decoded.kind === "message" ? tell(decoded.message) : decoded.error.code);
    }
    // What is kept must not be a view of the chunk.
    chunk.fill(0xee);
  }
  return told;
}

const client = () => createColonLinesClientDecoder({ courseFrameBytesMax: BYTES_MAX });

describe("the codec of colon-lines", () => {
  it("reads what agencies write, however it is cut", () => {
    fc.assert(
      fc.property(fc.array(clientMessage), fc.array(fc.nat()), (messages, marks) => {
        const stream = Buffer.concat(messages.map(({ bytes }) => bytes));
        assert.deepEqual(
          decode(client(), stream, marks, tellClient),
          messages.map(({ told }) => told),
        );
      }),
    );
  });

  it("reads what the central writes, however it is cut", () => {
    fc.assert(
      fc.property(fc.array(centralMessage), fc.array(fc.nat()), (messages, marks) => {
        const stream = Buffer.concat(messages.map(({ bytes }) => bytes));
        assert.deepEqual(
          decode(createColonLinesCentralDecoder(), stream, marks, tellReply),
          messages.map(({ told }) => told),
        );
      }),
    );
  });

  const nasty = fc
    .array(
      fc.oneof(
        fc.constantFrom(
          "1:",
          "1:4:",
          "2:5\r\n",
          "server:",
          "3:",
          "0",
          "\r\n",
          "\n",
          "\r",
          ",",
          ":",
        ),
        fc.string({ unit: "binary", maxLength: 10 }),
        fc.constant("Ana,Paz,30000001,1990-01-31,7574\n"),
      ),
      { maxLength: 20 },
    )
    .map((parts) => Buffer.from(parts.join("")));

  for (const [side, create, tell] of [
    ["agencies", client, tellClient],
    ["the central", createColonLinesCentralDecoder, tellReply],
  ] as const) {
    it(`makes the same of any bytes from ${side}, however they are cut, and never throws`, () => {
      fc.assert(
        fc.property(nasty, fc.array(fc.nat()), (stream, marks) => {
          const [whole, cut, bytewise] = [[], marks, Array.from(stream.keys())].map((marks) =>
            decode(create() as Decoder<ClientMessage & Reply>, stream, marks, tell),
          );
          assert.deepEqual(cut, whole);
          assert.deepEqual(bytewise, whole);
        }),
        { numRuns: 1000 },
      );
    });
  }

  it("knows a line that ended at every cut, of one line without a type and of nothing else", () => {
    fc.assert(
      fc.property(clientMessage, ({ bytes }) => {
        const decoder = client();
        const text = bytes.toString("latin1");
        for (let at = 0; at < bytes.length; at++) {
          Array.from(decoder.push(bytes.subarray(at, at + 1)));
          const sofar = text.slice(0, at + 1);
          const untyped = /^\d+:(?!\d[:\r])[^\n]*\n$/.test(sofar) && !sofar.endsWith("\r\n");
          assert.equal(decoder.lineEnded, untyped, JSON.stringify(sofar));
        }
      }),
    );
  });
});
