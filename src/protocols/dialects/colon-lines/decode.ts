import { agencyId, type Bet } from "../../../lottery/bet.ts";
import { FIELD_COUNT } from "../../../lottery/bet-of-fields.ts";
import { LAST_DAY } from "../../../lottery/calendar-day.ts";
import { checkBet } from "../../../lottery/check-bet.ts";
import type { Decoder, SteppedDecoder } from "../../codec.ts";
import type { ServeLimits } from "../../dialect.ts";
import { createFrameDecoder } from "../../kit/frame-decoder.ts";
import { decimal, LineWriter } from "../../kit/line-writer.ts";
import { ProtocolError } from "../../protocol-error.ts";
import { writeBetLines } from "./bet-lines.ts";
import { CentralFraming, ClientFraming, isTyped, senderEnd } from "./framing.ts";
import {
  ANSWER_BYTES_MAX,
  CENTRAL_TYPES,
  CLIENT_TYPES,
  COLON,
  LF,
  SENDER_DIGITS_MAX,
} from "./layout.ts";
import type { ClientMessage, Reply } from "./messages.ts";

export interface ColonLinesClientDecoder extends SteppedDecoder<ClientMessage> {
  /**
   * Whether what waits for more is one whole line without a type: all of a single bet of exercise 5,
   * or the beginning of a batch of exercise 6. Only time tells; CR LF makes it a batch of one.
   */
  readonly lineEnded: boolean;
}

/** Of what agencies say. A batch's lines are valid until the next message is asked for. */
export function createColonLinesClientDecoder(
  limits: Pick<ServeLimits, "courseFrameBytesMax">,
): ColonLinesClientDecoder {
  const framing = new ClientFraming(limits.courseFrameBytesMax);
  const writer = new LineWriter();
  const decoder = createFrameDecoder<ClientMessage>({
    measure: (bytes, at, available, examined) => framing.measure(bytes, at, available, examined),
    parse: (message) => parseMessage(message, writer),
  });
  return {
    push: (chunk) => decoder.push(chunk),
    feed: (chunk) => decoder.feed(chunk),
    next: () => decoder.next(),
    retain: () => decoder.retain(),
    end: () => decoder.end(),
    get usedUp() {
      return decoder.usedUp;
    },
    get midFrame() {
      return decoder.midFrame;
    },
    get lineEnded() {
      return decoder.midFrame && framing.lineEnded;
    },
  };
}

function parseMessage(message: Buffer, writer: LineWriter): ClientMessage {
  const colon = senderEnd(message);
  if (message[colon] !== COLON) throw malformed("no colon follows its sender");
  const agency = colon > SENDER_DIGITS_MAX ? Number.NaN : decimal(message, 0, colon);
  if (Number.isNaN(agency)) throw malformed("its sender is no agency's number");
  const at = colon + 1;
  if (!isTyped(message, at)) return parseBatch(message, writer, { agency, colon, at });
  const type = String.fromCharCode(message[at] as number);
  const bodied = message[at + 1] === COLON;
  switch (type) {
    case CLIENT_TYPES.batch:
      if (!bodied) throw malformed("it is a batch without a body");
      return parseBatch(message, writer, { agency, colon, at: at + 2 });
    case CLIENT_TYPES.done:
    case CLIENT_TYPES.question:
      if (bodied) throw malformed(`it has a body, which type ${type} has not`);
      return { kind: type === CLIENT_TYPES.done ? "done" : "question", agency };
    default:
      throw new ProtocolError("UNKNOWN_TYPE", `Cannot decode message: its type is ${type}`);
  }
}

function parseBatch(
  message: Buffer,
  writer: LineWriter,
  { agency, colon, at }: { readonly agency: number; readonly colon: number; readonly at: number },
): ClientMessage {
  writer.clear();
  writeBetLines(writer, message, colon, at);
  const { count, lines } = writer;
  return { kind: "batch", agency, count, lines, untyped: at === colon + 1 };
}

function malformed(state: string): ProtocolError {
  return new ProtocolError("MALFORMED", `Cannot decode message: ${state}`);
}

/** Of what the central says; replies are no views. */
export function createColonLinesCentralDecoder(): Decoder<Reply> {
  const framing = new CentralFraming(ANSWER_BYTES_MAX);
  return createFrameDecoder<Reply>({
    measure: (bytes, at, available, examined) => framing.measure(bytes, at, available, examined),
    parse: parseReply,
  });
}

function parseReply(answer: Buffer): Reply {
  const bodyEnd = answer.length - 2;
  if (bodyEnd >= WINNERS.length && answer.subarray(0, WINNERS.length).equals(WINNERS)) {
    const whole = bodyEnd === WINNERS.length || answer[bodyEnd - 1] === LF;
    if (!whole) throw new ProtocolError("MALFORMED", "Cannot decode answer: its last line is cut");
    return winnersIn(answer.toString("utf8", WINNERS.length, bodyEnd));
  }
  const kind = SHORT_REPLIES.get(answer.toString("latin1").replace(/\r?\n$/, ""));
  if (kind !== undefined) return { kind };
  throw new ProtocolError("MALFORMED", "Cannot decode answer: it is none of the dialect");
}

const SHORT_REPLIES: ReadonlyMap<string, Exclude<Reply["kind"], "winners">> = new Map([
  [`server:${CENTRAL_TYPES.taken}`, "taken"],
  [`server:${CENTRAL_TYPES.refused}`, "refused"],
  [`server:${CENTRAL_TYPES.notYet}`, "not-yet"],
] as const);
const WINNERS = Buffer.from(`server:${CENTRAL_TYPES.winners}:`);

function winnersIn(body: string): Extract<Reply, { kind: "winners" }> {
  const lines = body.split("\n").slice(0, -1);
  const fields = lines.map((line) => line.split(","));
  const bets = fields.map(betOf).filter((bet) => bet !== undefined);
  return {
    kind: "winners",
    documents: fields.map(documentOf),
    bets: bets.length === lines.length ? bets : undefined,
  };
}

function documentOf(fields: readonly string[]): string {
  // From the end: a name may hold a comma, which is not escaped.
  const document = fields.at(-3);
  if (document !== undefined && /^\d{1,10}$/.test(document)) return document;
  throw new ProtocolError("MALFORMED", "Cannot decode answer: a winner has no document");
}

/** @returns undefined for a line of which nobody can tell where its names begin and end */
function betOf(fields: readonly string[]): Bet | undefined {
  if (fields.length !== FIELD_COUNT) return undefined;
  const [agency = "", firstName = "", lastName = "", document = "", birthdate = "", number = ""] =
    fields;
  const id = /^\d{1,10}$/.test(agency) ? agencyId(Number(agency)) : undefined;
  if (id === undefined || !/^\d{1,4}$/.test(number)) return undefined;
  const bet = { agency: id, firstName, lastName, document, birthdate, number: Number(number) };
  return checkBet(bet, LAST_DAY) === undefined ? bet : undefined;
}
