import type { Decoded, Decoder } from "../../codec.ts";
import { ProtocolError } from "../../protocol-error.ts";
import {
  type CentralMessage,
  CONFIRMATIONS,
  U32_BYTES,
  type Version,
  WINNERS_MAX,
} from "./wire.ts";

/** What an agency waits for: the confirmation of a version, or the winners. */
export type Expected = Version | "winners";

/**
 * Decodes what a central says. The bytes alone do not tell what they are: the agency says what it
 * expects. Each expectation is for one message; without one any byte is a violation.
 */
export class AnswerDecoder implements Decoder<CentralMessage> {
  #expected: Expected | undefined;
  /** Bytes of the confirmation, or of the word, that have come. */
  #bytes = 0;
  #word = 0;
  /** Winners announced, once that is known. */
  #count: number | undefined;
  #documents: string[] = [];
  #violated = false;
  readonly #onLoneOne: () => void;

  /**
   * @param onLoneOne called when a chunk leaves it at a {@link loneOne}
   */
  constructor(onLoneOne: () => void = () => undefined) {
    this.#onLoneOne = onLoneOne;
  }

  expect(expected: Expected): void {
    this.#expected = expected;
    this.#count = undefined;
    this.#documents = [];
  }

  get midFrame(): boolean {
    return !this.#violated && (this.#bytes > 0 || this.#count !== undefined);
  }

  /**
   * Winners are expected, and `1` is all that has come: their count, or the confirmation of an empty
   * batch.
   */
  get loneOne(): boolean {
    const one = this.#count === 1 && this.#documents.length === 0;
    return one && this.#bytes === 0 && !this.#violated;
  }

  *push(chunk: Uint8Array): Generator<Decoded<CentralMessage>, void> {
    if (this.#violated) return;
    try {
      for (const byte of chunk) {
        const message = this.#take(byte);
        if (message !== undefined) yield { kind: "message", message };
      }
      if (this.loneOne) this.#onLoneOne();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#violated = true;
      yield { kind: "violation", error };
    }
  }

  end(): ProtocolError | undefined {
    return this.midFrame
      ? new ProtocolError("FRAME_TRUNCATED", "Cannot decode answer: the connection ended inside it")
      : undefined;
  }

  #take(byte: number): CentralMessage | undefined {
    const expected = this.#expected;
    if (expected === undefined) throw malformed("nothing was asked");
    return expected === "winners"
      ? this.#takeOfWinners(byte)
      : this.#takeOfConfirmation(byte, expected);
  }

  #takeOfConfirmation(byte: number, version: Version): CentralMessage | undefined {
    const confirmation = CONFIRMATIONS[version];
    if (byte !== confirmation[this.#bytes]) throw malformed("it is no confirmation");
    if (++this.#bytes < confirmation.length) return undefined;
    this.#bytes = 0;
    return this.#complete({ kind: "confirmation", version });
  }

  #takeOfWinners(byte: number): CentralMessage | undefined {
    this.#word = ((this.#word << 8) | byte) >>> 0;
    if (++this.#bytes < U32_BYTES) return undefined;
    this.#bytes = 0;
    if (this.#count !== undefined) this.#documents.push(`${this.#word}`);
    else if (this.#word > WINNERS_MAX) {
      throw malformed(`it announces ${this.#word} winners, max is ${WINNERS_MAX}`);
    } else this.#count = this.#word;
    if (this.#documents.length < this.#count) return undefined;
    return this.#complete({ kind: "winners", documents: this.#documents });
  }

  #complete(message: CentralMessage): CentralMessage {
    this.#expected = undefined;
    this.#count = undefined;
    return message;
  }
}

function malformed(state: string): ProtocolError {
  return new ProtocolError("MALFORMED", `Cannot decode answer: ${state}`);
}
