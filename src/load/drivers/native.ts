import type { AgencyId } from "../../lottery/bet.ts";
import { createNativeDialer } from "../../protocols/dialects/native/dial.ts";
import { createCentralDecoder } from "../../protocols/dialects/native/decode.ts";
import { encodeClient } from "../../protocols/dialects/native/encode.ts";
import {
  CENTRAL_TYPES,
  type CentralMessage,
  FRAME_BYTES_MAX,
  LENGTH_BYTES,
  PREFACE,
  TYPE_BYTES,
  WINDOW,
} from "../../protocols/dialects/native/wire.ts";
import { type Answer, type AnswerListener, broken } from "../answer.ts";
import type { Dialogue, Driver, Sent, Talk } from "./driver.ts";
import { expectAnswer } from "./expect.ts";

const SEQUENCE_AT = LENGTH_BYTES + TYPE_BYTES;

export const nativeDriver: Driver = {
  dialer: createNativeDialer(),
  windowMax: WINDOW,
  batchBytesMax: FRAME_BYTES_MAX,
  connectionPerMessage: "no",
  sequenceAt: SEQUENCE_AT,
  encodeBatch: (_agency, bets, lines) =>
    // The number is filled in when the batch is sent.
    encodeClient({ kind: "batch", sequence: 0, count: bets.length, lines }),
  converse: (agency) => new NativeDialogue(agency),
};

/** An ACK: length, type, sequence, head, flags. */
const ACK_BYTES = LENGTH_BYTES + TYPE_BYTES + 8 + 32 + 1;
const ACK_FLAGS_AT = ACK_BYTES - 1;

class NativeDialogue implements Dialogue {
  readonly greeting: Buffer;
  readonly welcomed = true;
  readonly #decoder = createCentralDecoder({ frameBytesMax: FRAME_BYTES_MAX });
  #acknowledged = 0;

  constructor(agency: AgencyId) {
    const credentials = new Uint8Array(0);
    const hello = encodeClient({ kind: "hello", agency, draw: "", credentials });
    this.greeting = Buffer.concat([PREFACE, hello]);
  }

  read(bytes: Buffer, length: number, listener: AnswerListener): void {
    let at = 0;
    let last = 0;
    if (!this.#decoder.midFrame) {
      while (at + ACK_BYTES <= length && isAck(bytes, at)) {
        last = sequenceOf(bytes, at);
        at += ACK_BYTES;
      }
    }
    if (last > 0) this.#acknowledge(last, listener);
    if (at < length) this.#decode(bytes.subarray(at, length), listener);
  }

  async finish(talk: Talk, { batches, bets, head }: Sent): Promise<number> {
    if (head === undefined) throw new RangeError("Cannot say DONE: there is no chain head");
    expectAnswer(await talk.ask(encodeClient({ kind: "done", batches, bets, head })), "noted");
    let winners = 0;
    for (;;) {
      const answer = expectAnswer(await talk.next(), "winners");
      winners += answer.count;
      if (answer.last) return winners;
    }
  }

  /** An ACK answers all before it. None is stored behind one that was refused: it is not sent again. */
  #acknowledge(sequence: number, listener: AnswerListener): void {
    const batches = sequence - this.#acknowledged;
    if (batches <= 0) {
      listener.heard(broken(`ACK ${sequence} comes after ACK ${this.#acknowledged}`));
      return;
    }
    this.#acknowledged = sequence;
    listener.accepted(batches);
  }

  #decode(chunk: Buffer, listener: AnswerListener): void {
    for (const decoded of this.#decoder.push(chunk)) {
      if (decoded.kind === "violation") listener.heard(broken(decoded.error.message));
      else this.#hear(decoded.message, listener);
    }
  }

  #hear(message: CentralMessage, listener: AnswerListener): void {
    switch (message.kind) {
      case "ack":
        if (message.done) listener.heard({ kind: "noted" });
        else this.#acknowledge(message.sequence, listener);
        return;
      case "welcome":
        this.#acknowledged = message.nextSequence - 1;
        // Its head is a view on the chunk.
        listener.heard({
          kind: "welcome",
          welcome: { ...message, head: Buffer.from(message.head) },
        });
        return;
      case "reject":
        listener.heard({ kind: "refused", reason: `REJECT ${message.code}: ${message.reason}` });
        return;
      case "busy":
        listener.heard(busyAnswer(message));
        return;
      case "drawn":
        listener.heard({
          kind: "winners",
          count: message.documents.length,
          last: message.index + message.documents.length >= message.total,
        });
        return;
      case "error":
        listener.heard(broken(`ERROR ${message.code}: ${message.text}`));
        return;
      case "challenge":
        listener.heard(broken("it asks for a proof, and a load has only certificates"));
        return;
      case "pong":
      case "sealed":
        return;
      default:
        return message satisfies never;
    }
  }
}

function busyAnswer({ sequence, retryAfterMs }: Extract<CentralMessage, { kind: "busy" }>): Answer {
  const reason = `BUSY, again after ${retryAfterMs} ms`;
  return sequence === 0 ? broken(reason) : { kind: "refused", reason };
}

function isAck(bytes: Buffer, at: number): boolean {
  return bytes[at + LENGTH_BYTES] === CENTRAL_TYPES.ack && bytes[at + ACK_FLAGS_AT] === 0;
}

/** A u64 by its bytes. */
function sequenceOf(bytes: Buffer, at: number): number {
  const high = bytes.readUInt32BE(at + SEQUENCE_AT);
  return high * 0x1_0000_0000 + bytes.readUInt32BE(at + SEQUENCE_AT + 4);
}
