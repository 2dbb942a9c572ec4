import type { AgencyId } from "../../lottery/bet.ts";
import type { Decoder } from "../../protocols/codec.ts";
import { type Answer, type AnswerListener, broken } from "../answer.ts";
import { COURSE_BYTES_MAX } from "./course.ts";
import type { Dialogue, Driver, Talk } from "./driver.ts";
import { expectAnswer } from "./expect.ts";

/** How a dialect says what all dialects of turns say. */
export interface Turns<Message> {
  /** Whether the bytes are one positive answer to a batch, whole and alone. */
  readonly isTaken: (bytes: Buffer, length: number) => boolean;
  readonly createDecoder: () => Decoder<Message>;
  /** @returns "accepted" for a batch that is stored */
  readonly meaningOf: (message: Message) => Answer | "accepted";
}

/** An agency's last two messages. */
export interface Ending {
  readonly done: Uint8Array;
  readonly question: Uint8Array;
}

/** The driver of a dialect in which a batch is a message, and has one answer. */
export function turnsDriver<Message>(
  turns: Turns<Message>,
  parts: Pick<Driver, "dialer" | "connectionPerMessage" | "encodeBatch"> & {
    /** Undefined where there is no draw. */
    readonly ending: ((agency: AgencyId) => Ending) | undefined;
  },
): Driver {
  const { ending, ...others } = parts;
  return {
    ...others,
    windowMax: 1,
    batchBytesMax: COURSE_BYTES_MAX,
    converse: (agency) => new TurnsDialogue(turns, ending?.(agency)),
  };
}

/** Before the question is asked again: soon, for what is measured here is the draw and not the pause. */
const ASK_AGAIN_MS = 10;

/**
 * A conversation in turns: one message, one answer. As long as all goes well an answer is compared,
 * not decoded; whatever else comes goes through the dialect's own decoder.
 */
class TurnsDialogue<Message> implements Dialogue {
  readonly #turns: Turns<Message>;
  readonly #ending: Ending | undefined;
  #decoder: Decoder<Message>;

  constructor(turns: Turns<Message>, ending: Ending | undefined) {
    this.#turns = turns;
    this.#ending = ending;
    this.#decoder = turns.createDecoder();
  }

  restart(): void {
    this.#decoder = this.#turns.createDecoder();
  }

  read(bytes: Buffer, length: number, listener: AnswerListener): void {
    if (!this.#decoder.midFrame && this.#turns.isTaken(bytes, length)) {
      listener.accepted(1);
      return;
    }
    for (const decoded of this.#decoder.push(bytes.subarray(0, length))) {
      if (decoded.kind === "violation") listener.heard(broken(decoded.error.message));
      else {
        const meaning = this.#turns.meaningOf(decoded.message);
        if (meaning === "accepted") listener.accepted(1);
        else listener.heard(meaning);
      }
    }
  }

  async finish(talk: Talk): Promise<number> {
    const ending = this.#ending;
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
