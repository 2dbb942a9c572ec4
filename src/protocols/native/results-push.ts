import type { AgencyId } from "../../lottery/bet.ts";
import type { AgencyResults } from "../desk.ts";
import type { ServeContext } from "../dialect.ts";
import { drawnMessages } from "./drawn.ts";
import type { Drawn } from "./messages.ts";

/** Frames of results that are sent before the peer must have read them. */
const FRAMES_AT_ONCE = 8;

/** Waits for the draw and pushes an agency's results, once. */
export class ResultsPush {
  readonly #context: ServeContext;
  readonly #send: (message: Drawn) => void;
  readonly #onFailure: () => void;
  readonly #abort = new AbortController();
  #phase: "waiting" | "pushing" | "stopped" = "waiting";

  /** @param onFailure the desk gave up waiting, but not because of {@link stop} */
  constructor(
    context: ServeContext,
    agency: AgencyId,
    send: (message: Drawn) => void,
    onFailure: () => void,
  ) {
    this.#context = context;
    this.#send = send;
    this.#onFailure = onFailure;
    void this.#wait(agency);
  }

  /** Whether the draw is still to come. */
  get waiting(): boolean {
    return this.#phase === "waiting";
  }

  /** Ends the wait, or the push where it is. */
  stop(): void {
    this.#phase = "stopped";
    this.#abort.abort();
  }

  async #wait(agency: AgencyId): Promise<void> {
    const { desk, limits } = this.#context;
    let results: AgencyResults;
    try {
      results = await desk.results(agency, this.#abort.signal);
    } catch {
      if (!this.#stopped) this.#onFailure();
      return;
    }
    if (this.#stopped) return;
    this.#phase = "pushing";
    this.#push(drawnMessages(results, limits.frameBytesMax));
  }

  get #stopped(): boolean {
    return this.#phase === "stopped";
  }

  /** A part at a time: thousands of winners at once would pass the cap on unsent bytes. */
  #push(messages: Iterator<Drawn, void>): void {
    if (this.#stopped) return;
    for (let frames = 0; frames < FRAMES_AT_ONCE; frames++) {
      const next = messages.next();
      if (next.done === true) return;
      this.#send(next.value);
    }
    this.#context.peer.whenDrained(() => this.#push(messages));
  }
}
