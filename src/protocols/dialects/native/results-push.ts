import type { AgencyResults, Counter } from "../../counter.ts";
import type { ServeContext } from "../../dialect.ts";
import { drained } from "../../kit/send-in-parts.ts";
import { drawnMessages } from "./drawn.ts";
import type { Drawn } from "./messages.ts";

/** Frames of results that are sent before the peer must have read them. */
const FRAMES_AT_ONCE = 8;

export interface ResultsTaker {
  send(message: Drawn): void;
  /** All results have been sent. */
  pushed(): void;
  /** The central gave up waiting or could not tell, but not because of {@link ResultsPush.stop}. */
  drawless(): void;
}

/** Waits for the draw and pushes an agency's results, once. */
export class ResultsPush {
  readonly #context: ServeContext;
  readonly #taker: ResultsTaker;
  readonly #abort = new AbortController();
  #over = false;

  constructor(context: ServeContext, counter: Counter, taker: ResultsTaker) {
    this.#context = context;
    this.#taker = taker;
    void this.#wait(counter);
  }

  /** Whether results are still to be sent, of a draw to come or of one that has taken place. */
  get open(): boolean {
    return !this.#over;
  }

  /** Ends the wait, or the push where it is. */
  stop(): void {
    this.#over = true;
    this.#abort.abort();
  }

  async #wait(counter: Counter): Promise<void> {
    try {
      await this.#push(await counter.results(this.#abort.signal));
    } catch {
      if (!this.#over) this.#taker.drawless();
      return;
    }
    if (this.#over) return;
    this.#over = true;
    this.#taker.pushed();
  }

  /** A part at a time: thousands of winners at once would pass the cap on unsent bytes. */
  async #push(results: AgencyResults): Promise<void> {
    const { peer, limits } = this.#context;
    let frames = 0;
    for await (const message of drawnMessages(results, limits.frameBytesMax)) {
      if (frames === FRAMES_AT_ONCE) {
        await drained(peer, this.#abort.signal);
        frames = 0;
      }
      if (this.#over) return;
      this.#taker.send(message);
      frames++;
    }
  }
}
