import type { Framing } from "../../kit/frame-reader.ts";
import { UNKNOWN } from "../../kit/frame-reader.ts";
import { ProtocolError } from "../../protocol-error.ts";
import { COLON, CR, isDigit, LF } from "./layout.ts";

/** A message of an agency: from its sender's first digit to CR LF. */
export class ClientFraming implements Framing {
  readonly #bytesMax: number;
  #lineEnded = false;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Whether what has come so far is one line without a type, up to its LF and no further. */
  get lineEnded(): boolean {
    return this.#lineEnded;
  }

  measure(bytes: Buffer, at: number, available: number, examined: number): number {
    if (!isDigit(bytes[at])) {
      throw new ProtocolError("MALFORMED", "Cannot decode message: it begins with no digit");
    }
    const message = bytes.subarray(at, at + available);
    const size = sizeOf(message, examined);
    const least = size === UNKNOWN ? available : size;
    if (least > this.#bytesMax) {
      throw new ProtocolError(
        "FRAME_TOO_LARGE",
        `Cannot decode message: it has ${least} bytes or more, max is ${this.#bytesMax}`,
      );
    }
    this.#lineEnded = size === UNKNOWN && isLine(message);
    return size;
  }
}

/** An answer of the central: winners up to CR LF, anything else up to LF, as exercises 5 and 6 end. */
export class CentralFraming implements Framing {
  readonly #bytesMax: number;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  measure(bytes: Buffer, at: number, available: number, examined: number): number {
    const answer = bytes.subarray(at, at + available);
    const winners = answer[WINNERS_AT] === WINNERS && !answer.subarray(0, WINNERS_AT).includes(LF);
    const size = winners ? sizeOf(answer, examined) : lineSize(answer, examined);
    const least = size === UNKNOWN ? available : size;
    if (least <= this.#bytesMax) return size;
    throw new ProtocolError(
      "FRAME_TOO_LARGE",
      `Cannot decode answer: it has ${least} bytes or more, max is ${this.#bytesMax}`,
    );
  }
}

const WINNERS_AT = "server:".length;
const WINNERS = 0x33;

/** Bytes up to and with the first CR LF. */
function sizeOf(message: Buffer, examined: number): number {
  // A CR may have been the last byte then.
  let cr = message.indexOf(CR, Math.max(0, examined - 1));
  while (cr >= 0 && message[cr + 1] !== LF) cr = message.indexOf(CR, cr + 1);
  return cr < 0 ? UNKNOWN : cr + 2;
}

function lineSize(answer: Buffer, examined: number): number {
  const lf = answer.indexOf(LF, examined);
  return lf < 0 ? UNKNOWN : lf + 1;
}

function isLine(message: Buffer): boolean {
  const last = message.length - 1;
  if (message[last] !== LF || message.indexOf(LF) !== last) return false;
  const colon = senderEnd(message);
  return message[colon] === COLON && !isTyped(message, colon + 1);
}

/** Where the digits that a message begins with end. */
export function senderEnd(message: Uint8Array): number {
  let at = 0;
  while (isDigit(message[at])) at++;
  return at;
}

/** Whether a type stands here: one digit, then a colon or the end of the message. */
export function isTyped(message: Uint8Array, at: number): boolean {
  return isDigit(message[at]) && (message[at + 1] === COLON || message[at + 1] === CR);
}
