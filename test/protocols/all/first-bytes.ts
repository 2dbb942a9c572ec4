import { frame } from "../dialects/md5-frames/codec.ts";
import { packet } from "../dialects/tlv/codec.ts";
import { SPOKEN } from "./spoken.ts";

/** What a client's program sends first on a connection: a whole message, to which it awaits an answer. */
export interface Opening {
  readonly dialect: string;
  /** The version of the dialect, and what is sent. */
  readonly what: string;
  readonly bytes: Buffer;
}

/** How connections begin, in every dialect and version. */
export const OPENINGS: readonly Opening[] = SPOKEN.flatMap(({ dialect, openings }) =>
  Object.entries(openings).map(([what, bytes]) => ({ dialect: dialect.name, what, bytes })),
);

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
  "a code of TLV's central": packet(2, ""),
  "TLV without a number": packet(3, "A#@0#"),
  "an MD5 frame of the central": frame(2, "{result:success}"),
  "an MD5 frame of an unknown type": frame(9, "{agency:1}"),
};

function text(content: string): Buffer {
  return Buffer.from(content);
}

function hex(digits: string): Buffer {
  return Buffer.from(digits.replaceAll(" ", ""), "hex");
}
