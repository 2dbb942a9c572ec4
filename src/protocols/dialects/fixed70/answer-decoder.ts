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
 * Decodes what a central sends. The bytes alone do not say what they mean: the agency says what it expects.
 * Each expectation is for one message; without one any byte is a violation.
 */
export class AnswerDecoder implements Decoder<CentralMessage> {
  #expected: Expected | undefined;
  /** How many bytes of the confirmation, or of the current word, have come. */
  #bytes = 0;
  #word = 0;
  /** The count of winners, once it has come. */
  #count: number | undefined;
  #documents: string[] = [];
  #violated = false;
  readonly #onLoneOne: () => void;

  /**
   * @param onLoneOne called after a chunk when {@link loneOne} is true
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
   * Whether winners are expected and only a `1` has come: it is their count, or the confirmation of an empty
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
