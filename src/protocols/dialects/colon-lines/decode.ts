import { FIELD_COUNT } from "../../../lottery/bet-of-fields.ts";
import { agencyId, type Bet } from "../../../lottery/bet.ts";
import { LAST_DAY } from "../../../lottery/calendar-day.ts";
import { checkBet } from "../../../lottery/check-bet.ts";
import type { Decoder, SteppedDecoder } from "../../codec.ts";
import type { ServeLimits } from "../../dialect.ts";
import { createFrameDecoder } from "../../kit/frame-decoder.ts";
import { decimal, BetLineWriter } from "../../kit/line-writer.ts";
import { ProtocolError } from "../../protocol-error.ts";
import {
  ANSWER_BYTES_MAX,
  CENTRAL_TYPES,
  CentralFraming,
  CLIENT_TYPES,
  ClientFraming,
  type ClientMessage,
  COLON,
  COMMA,
  isTyped,
  LF,
  type Reply,
  SENDER_DIGITS_MAX,
  senderEnd,
} from "./wire.ts";

export interface ColonLinesClientDecoder extends SteppedDecoder<ClientMessage> {
  /**
   * Whether the unfinished message is one whole line without a type so far: a single bet of exercise 5, or
   * the beginning of a batch of exercise 6. Only time can decide; CR LF makes it a batch of one.
   */
  readonly lineEnded: boolean;
}

/** Decodes what agencies send. The lines of a batch are valid until the next message is read. */
export function createColonLinesClientDecoder(
  limits: Pick<ServeLimits, "courseFrameBytesMax">,
): ColonLinesClientDecoder {
  const framing = new ClientFraming(limits.courseFrameBytesMax);
  const writer = new BetLineWriter();
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

function parseMessage(message: Buffer, writer: BetLineWriter): ClientMessage {
  const colon = senderEnd(message);
  if (message[colon] !== COLON) throw malformed("no colon follows its sender");
  const agency = colon > SENDER_DIGITS_MAX ? Number.NaN : decimal(message, 0, colon);
  if (Number.isNaN(agency)) throw malformed("its sender is not an agency's number");
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
      if (bodied) throw malformed(`it has a body, and type ${type} has none`);
      return { kind: type === CLIENT_TYPES.done ? "done" : "question", agency };
    default:
      throw new ProtocolError("UNKNOWN_TYPE", `Cannot decode message: its type is ${type}`);
  }
}

function parseBatch(
  message: Buffer,
  writer: BetLineWriter,
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

/** Decodes what the central sends. Replies are copies, not views. */
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
  throw new ProtocolError("MALFORMED", "Cannot decode answer: this dialect has no such answer");
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
  // Count from the end: a name may have a comma, which is not escaped.
  const document = fields.at(-3);
  if (document !== undefined && /^\d{1,10}$/.test(document)) return document;
  throw new ProtocolError("MALFORMED", "Cannot decode answer: a winner has no document");
}

/** @returns undefined for a line with commas in its names, which cannot be cut into fields */
function betOf(fields: readonly string[]): Bet | undefined {
  if (fields.length !== FIELD_COUNT) return undefined;
  const [agency = "", firstName = "", lastName = "", document = "", birthdate = "", number = ""] =
    fields;
  const id = /^\d{1,10}$/.test(agency) ? agencyId(Number(agency)) : undefined;
  if (id === undefined || !/^\d{1,4}$/.test(number)) return undefined;
  const bet = { agency: id, firstName, lastName, document, birthdate, number: Number(number) };
  return checkBet(bet, LAST_DAY) === undefined ? bet : undefined;
}

/**
 * Writes each line of a body as a canonical line of the sender. A line that is not a bet becomes a line that
 * is not canonical, so that the whole batch is refused.
 *
 * @param message begins with `senderBytes` bytes of its sender and ends with CR LF
 * @param start where the body begins
 */
function writeBetLines(
  writer: BetLineWriter,
  message: Uint8Array,
  senderBytes: number,
  start: number,
): void {
  const end = message.length - 2;
  let at = start;
  while (at < end) {
    writer.number(message, 0, senderBytes);
    // Nearly always a bet's line equals its canonical line without the agency.
    let lf = writer.fields(message, at, end, BET_FIELDS, COMMA, LF);
    if (lf < 0) lf = writeUncommonLine(writer, message, at, end);
    writer.endLine();
    at = lf + 1;
  }
}

/**
 * Writes a line in which a name needs quotes or a number loses zeros, or one that is not a bet.
 * @returns where it ends
 */
function writeUncommonLine(
  writer: BetLineWriter,
  message: Uint8Array,
  start: number,
  bodyEnd: number,
): number {
  // The last LF belongs to the message's own CR LF: a line without another LF is not whole.
  const lf = message.indexOf(LF, start);
  const end = Math.min(lf, bodyEnd);
  const fields = fieldsOf(message, start, end);
  if (fields.length === BET_FIELDS && lf < bodyEnd) {
    const [first, last, document, birthdate, number] = fields as [
      Field,
      Field,
      Field,
      Field,
      Field,
    ];
    writer
      .name(message, ...first)
      .name(message, ...last)
      .document(message, ...document)
      .birthdate(message, ...birthdate)
      .number(message, ...number);
    return end;
  }
  for (const field of fields) writer.name(message, ...field);
  // With the agency this would be a canonical line: add a field, so that the line is refused.
  if (fields.length === BET_FIELDS) writer.name(message, end, end);
  return end;
}

const BET_FIELDS = 5;

/** Where a field begins and ends. */
type Field = readonly [start: number, end: number];

function fieldsOf(message: Uint8Array, start: number, end: number): Field[] {
  const fields: Field[] = [];
  let fieldAt = start;
  for (let at = start; at <= end; at++) {
    if (at < end && message[at] !== COMMA) continue;
    fields.push([fieldAt, at]);
    fieldAt = at + 1;
  }
  return fields;
}
