import { type DialContext, type LinkError, lost, unsound } from "../agency-link.ts";
import { Channel, type ChannelListener, openConnection } from "./channel.ts";
import type { Decoder } from "../codec.ts";
import { startTimer, type StartTimer } from "../timers.ts";

/** How long an answer may take: `answer` as configured, `draw` without a limit. */
export type Patience = "answer" | "draw";

export interface AskerOptions<Reply> {
  readonly context: DialContext;
  /**
   * Makes the decoder of what the central sends. Its messages must not be views: a reply is used after its
   * bytes are gone.
   */
  readonly createDecoder: () => Decoder<Reply>;
  /** Tests give their own. */
  readonly startTimer?: StartTimer | undefined;
}

/** One connection on which the agency asks and the central answers, in turns. */
export class Asker<Reply> implements ChannelListener<Reply> {
  readonly #channel: Channel<Reply>;
  #asked:
    | {
        readonly patience: Patience;
        readonly resolve: (reply: Reply) => void;
        readonly reject: (error: LinkError) => void;
      }
    | undefined;

  private constructor(channel: (listener: Asker<Reply>) => Channel<Reply>) {
    this.#channel = channel(this);
  }

  /** Connects. @throws LinkError CONNECT_FAILED */
  static async open<Reply>(options: AskerOptions<Reply>): Promise<Asker<Reply>> {
    const { context, createDecoder } = options;
    const duplex = await openConnection(context);
    return new Asker((listener) => {
      const decoder = createDecoder();
      return new Channel({
        duplex,
        context,
        decoder,
        listener,
        startTimer: options.startTimer ?? startTimer,
      });
    });
  }

  /** Sends, in one write, what is not answered. Do not change the bytes afterwards. @throws LinkError */
  tell(bytes: Uint8Array): void {
    const { failure } = this.#channel;
    if (failure !== undefined) throw failure;
    this.#channel.send(bytes);
  }

  /** Sends, in one write, and waits for the answer. Do not change the bytes afterwards. @throws LinkError */
  ask(bytes: Uint8Array, patience: Patience = "answer"): Promise<Reply> {
    const { failure } = this.#channel;
    if (failure !== undefined) return Promise.reject(failure);
    if (this.#asked !== undefined) throw new RangeError("Cannot ask: an answer is awaited already");
    return new Promise((resolve, reject) => {
      this.#asked = { patience, resolve, reject };
      this.#channel.send(bytes);
    });
  }

  /** Ends the connection. Idempotent, never rejects. */
  close(): Promise<void> {
    return this.#channel.close();
  }

  // Called by the channel.

  get awaiting(): boolean {
    return this.#asked?.patience === "answer";
  }

  message(reply: Reply): void {
    const asked = this.#asked;
    if (asked === undefined) throw unsound("it answers what was not asked");
    this.#asked = undefined;
    asked.resolve(reply);
  }

  failed(error: LinkError): void {
    const asked = this.#asked;
    this.#asked = undefined;
    asked?.reject(error);
  }
}

/** Waits before the next question. @throws LinkError when the agency stops meanwhile */
export function pauseBetween(
  delayMs: number,
  { signal }: Pick<DialContext, "signal">,
  timer: StartTimer = startTimer,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => {
      cancel();
      reject(lost("it was given up", signal.reason));
    };
    const cancel = timer(() => {
      signal.removeEventListener("abort", aborted);
      resolve();
    }, delayMs);
    if (signal.aborted) aborted();
    else signal.addEventListener("abort", aborted, { once: true });
  });
}
