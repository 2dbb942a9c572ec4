import { createHash } from "node:crypto";

/** What a client's program sends first on a connection: a whole message, to which it awaits an answer. */
export interface Opening {
  readonly dialect: string;
  /** The version of the dialect, and what is sent. */
  readonly what: string;
  readonly bytes: Buffer;
}

/** How connections begin, in every dialect and version. Written from the course's programs, not by our encoders. */
export const OPENINGS: readonly Opening[] = [
  ...opening("native", {
    hello: hex("514e4c31 0000000a 01 00000001 00 0000"),
  }),
  ...opening("echo", {
    "the exercise's line": text("[CLIENT 1] Message N°1\n"),
    "a long client's name": text(`[CLIENT ${"x".repeat(60)}] Message N°5\n`),
  }),
  ...opening("fixed70", {
    "hello and batch": bytes(u32(1), u32(3), record(1, "Santiago"), record(1, "Ana")),
    "hello and batch of a large agency": bytes(u32(65_535), u32(100), record(65_535, "Ana")),
    "hello of agency 256, batch of 256": bytes(u32(256), u32(256), record(256, "Ana")),
    "hello and batch, a name that begins with two bytes": bytes(u32(5), u32(1), record(5, "Ñandú")),
    "hello and batch, a name of digits": bytes(u32(5), u32(1), record(5, "1#")),
    "hello of an agency without bets": bytes(u32(5), u32(0)),
    "ej6: batch": bytes(u32(2), record(1, "Santiago"), record(1, "Ana")),
    "ej6: batch of one by agency 1": bytes(u32(1), record(1, "Santiago")),
    "ej6: batch of 116": bytes(u32(116), record(5, "Ángel")),
    "ej6: batch of 1000 by agency 300": bytes(u32(1000), record(300, "Ana")),
    "ej5: a bet": record(1, "Santiago"),
    "ej5: a bet of agency 70, named with two bytes": record(70, "Óscar"),
    "ej5: a bet of agency 4660": record(4660, "Ana"),
  }),
  ...opening("md5-frames", {
    batch: md5Frame(3, [bet("1", "Santiago"), bet("1", "Ana")].join("|")),
    "batch of the usual size": md5Frame(3, Array(86).fill(bet("5", "Maximiliano")).join("|")),
    "batch above 64 KiB": md5Frame(3, Array(1000).fill(bet("5", "Ana")).join("|")),
    done: md5Frame(4, "{agency:1}"),
    "question of agency 12345": md5Frame(5, "{agency:12345}"),
    "ej5: a bet": md5Frame(1, bet("3", "Ñandú")),
  }),
  ...opening("tlv", {
    batch: tlv(3, "2#@0#1#Ñandú#Peña#31999888#1985-01-01#9999#@1#1#Ana#Paz#1#1985-01-01#7#"),
    "batch of 1000": tlv(3, `1000#${"@0#1#Ana#Paz#1#1985-01-01#7#".repeat(1000)}`),
    "empty batch": tlv(3, "0#"),
    done: tlv(5, "1#"),
    "done of agency 12345": tlv(5, "12345#"),
    question: tlv(6, "1#"),
    "ej5: a bet": tlv(1, "1#Ana#Paz#31999888#1985-01-01#9999#"),
  }),
  ...opening("colon-lines", {
    batch: text("1:4:Santiago Lionel,Lorca,30904465,1999-03-17,2201\nA,B,1,2000-01-01,7\n\r\n"),
    "batch of agency 12345": text("12345:4:Ñ,B,1,2000-01-01,7\n\r\n"),
    done: text("1:5\r\n"),
    "question of agency 10": text("10:6\r\n"),
    "ej6: batch": text(
      "1:Santiago Lionel,Lorca,30904465,1999-03-17,2201\nÑ,B,1,2000-01-01,7\n\r\n",
    ),
    "ej6: batch of one": text("5:Ñandú,Peña,30904465,1999-03-17,2201\n\r\n"),
    "ej5: a bet": text("1:Santiago Lionel,Lorca,30904465,1999-03-17,2201\n"),
    "ej5: the shortest bet": text("1:A,,1,2000-01-01,7\n"),
  }),
  ...opening("newline-fields", {
    batch: text("BET\n1\nÑandú\nPeña\n31999888\n1985-01-01\n9999\n\n"),
    "empty batch": text("BET\n\n"),
    done: text("CONFIRMATION\n1\n\n"),
    "done of agency 12345": text("CONFIRMATION\n12345\n\n"),
    question: text("WINNERS\n1\n\n"),
    "ej6: batch": text("1\nÑandú\nPeña\n31999888\n1985-01-01\n9999\n1\nA\nB\n1\n2000-01-01\n7\n\n"),
    "ej5: a bet": text("1\nÑandú\nPeña\n31999888\n1985-01-01\n9999\n\n"),
    "ej5: a bet of agency 12345": text("12345\nA\nB\n1\n2000-01-01\n7\n\n"),
  }),
];

/** What comes to open ports, and what comes near a dialect without being it. */
export const STRANGERS: Readonly<Record<string, Buffer>> = {
  "HTTP GET": text("GET / HTTP/1.1\r\nHost: quiniela\r\n\r\n"),
  "HTTP POST": text("POST /bets HTTP/1.1\r\n\r\n"),
  "HTTP/2": text("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  "TLS hello": hex("16030102000100 01fc0303 a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"),
  SSH: text("SSH-2.0-OpenSSH_9.6\r\n"),
  "CR LF": text("\r\n"),
  LF: text("\n"),
  blank: text(" \n"),
  JSON: text('{"agency":1}\n'),
  "bytes of ones": Buffer.alloc(80, 0xff),
  "an echo that is not the exercise's": text("hello\n"),
  "native's next version": text("QNL2"),
  "a word longer than BET": text("BETS\n1\n"),
  "a word in small letters": text("bet\n1\n"),
  "a word with CR LF": text("BET\r\n1\r\n"),
  "digits, then neither colon nor LF": text("1;4:A,B,1,2000-01-01,7\n"),
  "digits and a blank": text("1 \nA\n"),
  "no digits before the colon": text(":4:A,B,1,2000-01-01,7\n\r\n"),
  "a code of TLV's central": tlv(2, ""),
  "TLV without a number": tlv(3, "A#@0#"),
  "an MD5 frame of the central": md5Frame(2, "{result:success}"),
  "an MD5 frame of an unknown type": md5Frame(9, "{agency:1}"),
};

function opening(dialect: string, whats: Readonly<Record<string, Buffer>>): Opening[] {
  return Object.entries(whats).map(([what, bytes]) => ({ dialect, what, bytes }));
}

function text(content: string): Buffer {
  return Buffer.from(content);
}

function hex(digits: string): Buffer {
  return Buffer.from(digits.replaceAll(" ", ""), "hex");
}

function bytes(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat(parts);
}

function u32(value: number): Buffer {
  const field = Buffer.alloc(4);
  field.writeUInt32BE(value);
  return field;
}

function record(agency: number, firstName: string): Buffer {
  const field = Buffer.alloc(70);
  field.writeUInt32BE(agency, 0);
  field.write(firstName, 4, 24);
  field.write("Lorca", 28, 24);
  field.writeUInt32BE(30_904_465, 52);
  field.write("1999-03-17", 56);
  field.writeUInt32BE(2201, 66);
  return field;
}

function bet(agency: string, firstName: string): string {
  return `{agency:${agency},nombre:${firstName},apellido:Lorca,dni:30904465,nacimiento:1999-03-17,numero:2201}`;
}

function md5Frame(type: number, payload: string): Buffer {
  const body = text(payload);
  const head = Buffer.alloc(6);
  head.writeUInt32BE(18 + body.length, 0);
  head.writeUInt16BE(type, 4);
  return bytes(head, createHash("md5").update(body).digest(), body);
}

function tlv(code: number, body: string): Buffer {
  const content = text(body);
  return bytes(Buffer.of(code), u32(content.length), content);
}
