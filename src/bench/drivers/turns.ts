import type { Decoder } from "../../protocols/codec.ts";
import { type Answer, type AnswerListener, broken } from "../answer.ts";
import type { Conversation, Talk } from "./driver.ts";
import { expectAnswer } from "./expect.ts";

/** How a dialect says what all dialects of turns say. */
export interface TurnsParts<Message> {
  readonly greeting?: Uint8Array;
  /** Whether the bytes are one positive answer to a batch, whole and alone. */
  readonly isTaken: (bytes: Buffer, length: number) => boolean;
  readonly createDecoder: () => Decoder<Message>;
  /** @returns "accepted" for a batch that is stored */
  readonly meaningOf: (message: Message) => Answer | "accepted";
  /** Absent where there is no draw. */
  readonly ending?: { readonly done: Uint8Array; readonly question: Uint8Array };
}

/** Before the question is asked again: soon, for what is measured here is the draw and not the pause. */
const ASK_AGAIN_MS = 10;

/**
 * A conversation in turns: one message, one answer. As long as all goes well an answer is compared,
 * not decoded; whatever else comes goes through the dialect's own decoder.
 */
export class TurnsConversation<Message> implements Conversation {
  readonly greeting: Uint8Array;
  readonly #parts: TurnsParts<Message>;
  #decoder: Decoder<Message>;

  constructor(parts: TurnsParts<Message>) {
    this.greeting = parts.greeting ?? NOTHING;
    this.#parts = parts;
    this.#decoder = parts.createDecoder();
  }

  restart(): void {
    this.#decoder = this.#parts.createDecoder();
  }

  read(bytes: Buffer, length: number, listener: AnswerListener): void {
    if (!this.#decoder.midFrame && this.#parts.isTaken(bytes, length)) {
      listener.accepted(1);
      return;
    }
    for (const decoded of this.#decoder.push(bytes.subarray(0, length))) {
      if (decoded.kind === "violation") listener.heard(broken(decoded.error.message));
      else {
        const meaning = this.#parts.meaningOf(decoded.message);
        if (meaning === "accepted") listener.accepted(1);
        else listener.heard(meaning);
      }
    }
  }

  async finish(talk: Talk): Promise<number> {
    const { ending } = this.#parts;
    if (ending === undefined) throw new RangeError("Cannot finish: the dialect knows no draw");
    expectAnswer(await talk.ask(ending.done), "noted");
    for (;;) {
      const answer = expectAnswer(await talk.ask(ending.question), "winners", "not-yet");
      if (answer.kind === "winners") return answer.count;
      await talk.pause(ASK_AGAIN_MS);
    }
  }
}

/** Compares an answer with the one that is expected. */
export function isExactly(answer: Uint8Array): (bytes: Buffer, length: number) => boolean {
  return (bytes, length) => {
    if (length !== answer.length) return false;
    // A handful of bytes: a loop is done before a native comparison has begun.
    for (let at = 0; at < length; at++) if (bytes[at] !== answer[at]) return false;
    return true;
  };
}

const NOTHING = new Uint8Array(0);
