import { type Connection, type DialContext, LinkError, lost, unsound } from "../agency-link.ts";
import type { Decoder } from "../codec.ts";
import { AnswerTimeout, type StartTimer } from "../timers.ts";

/** How long the goodbye may take before the connection is cut. */
const CLOSE_GRACE_MS = 1000;

/** What a channel tells its owner. */
export interface ChannelListener<Message> {
  /**
   * The central has said something; views inside it are valid until this returns.
   * @throws LinkError when it may not say that here, or ends the conversation: the channel fails with it
   */
  message(message: Message): void;
  /** Whether an answer is awaited, and so the answer timeout runs. */
  readonly awaiting: boolean;
  /** The connection is of no more use. Called once, unless {@link Channel.close} came first. */
  failed(error: LinkError): void;
}

export interface ChannelParts<Message> {
  readonly duplex: Connection;
  readonly context: Pick<DialContext, "answerTimeoutMs" | "signal">;
  /** Of what the central says. */
  readonly decoder: Decoder<Message>;
  readonly listener: ChannelListener<Message>;
  readonly startTimer: StartTimer;
}

/** One for all: some dialects close a connection after every message, and an error's stack costs. */
const CLOSED = lost("the agency closed the connection");

function ended(): LinkError {
  return new LinkError(
    "CONNECTION_ENDED",
    "Cannot go on with the central: it ended the connection",
  );
}

/** Opens the connection that a channel is made of. @throws LinkError */
export async function openConnection({
  connect,
  signal,
}: Pick<DialContext, "connect" | "signal">): Promise<Connection> {
  try {
    return await connect(signal);
  } catch (cause) {
    if (cause instanceof LinkError) throw cause;
    throw new LinkError("CONNECT_FAILED", "Cannot connect to the central", { cause });
  }
}

/**
 * One connection to a central, as messages. It keeps the order of what is sent while the connection
 * is congested, watches for answers that do not come, and turns every way in which a connection can
 * end into a {@link LinkError}.
 */
export class Channel<Message> {
  readonly #duplex: Connection;
  readonly #decoder: Decoder<Message>;
  readonly #timeout: AnswerTimeout;
  readonly #startTimer: StartTimer;
  readonly #signal: AbortSignal;
  readonly #onAbort = (): void => this.fail(lost("it was given up", this.#signal.reason));
  /** What waits for the connection to drain; bounded by the window, which callers respect. */
  readonly #outbox: Uint8Array[] = [];
  #congested = false;
  #listener: ChannelListener<Message>;
  #failure: LinkError | undefined;
  #closing: Promise<void> | undefined;

  constructor({ duplex, context, decoder, listener, startTimer }: ChannelParts<Message>) {
    this.#duplex = duplex;
    this.#decoder = decoder;
    this.#startTimer = startTimer;
    this.#signal = context.signal;
    this.#listener = listener;
    this.#timeout = new AnswerTimeout(startTimer, context.answerTimeoutMs, () =>
      this.#giveUp(lost(`no answer came within ${context.answerTimeoutMs} ms`)),
    );
    duplex.on("data", (chunk: Buffer) => this.#receive(chunk));
    duplex.on("drain", () => this.#drain());
    duplex.on("end", () => this.fail(ended()));
    duplex.on("error", (error) => this.fail(lost("the connection broke", error)));
    duplex.on("close", () => this.fail(lost("the connection closed")));
    if (context.signal.aborted) this.#onAbort();
    else if (duplex.destroyed) this.fail(lost("the connection closed"));
    else context.signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Why nothing can be sent any more. */
  get failure(): LinkError | undefined {
    return this.#failure;
  }

  /** Hands the channel over to another listener, in the middle of a chunk where need be. */
  listen(listener: ChannelListener<Message>): void {
    this.#listener = listener;
  }

  /** Sends a frame. The bytes are handed over. */
  send(bytes: Uint8Array): void {
    if (this.#failure !== undefined) return;
    if (this.#congested) this.#outbox.push(bytes);
    else this.#congested = !this.#duplex.write(bytes);
    if (this.#listener.awaiting) this.#timeout.arm();
  }

  /** Ends the conversation for good, here and now. */
  fail(error: LinkError): void {
    if (this.#failure !== undefined) return;
    this.#release(error);
    this.#duplex.destroy();
    this.#listener.failed(error);
  }

  /**
   * The peer may be there all the same, and slow. After an orderly end the system would go on trying to
   * deliver what was sent, while a new connection sends it again: it might come behind that one.
   */
  #giveUp(error: LinkError): void {
    this.#duplex.resetAndDestroy?.();
    this.fail(error);
  }

  /** Ends the connection after what is on its way. Idempotent, never rejects. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#failure === undefined) {
      this.#release(CLOSED);
      this.#listener.failed(CLOSED);
    }
    const duplex = this.#duplex;
    if (duplex.closed) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#startTimer(() => {
        duplex.destroy();
        resolve();
      }, CLOSE_GRACE_MS);
      duplex.once("close", () => {
        cancel();
        resolve();
      });
      if (!duplex.destroyed) duplex.end(() => duplex.destroy());
    });
  }

  #release(failure: LinkError): void {
    this.#failure = failure;
    this.#timeout.disarm();
    this.#outbox.length = 0;
    this.#signal.removeEventListener("abort", this.#onAbort);
  }

  #receive(chunk: Buffer): void {
    for (const decoded of this.#decoder.push(chunk)) {
      if (this.#failure !== undefined) return;
      if (decoded.kind === "violation") {
        this.fail(unsound("it sent bytes that are no message", decoded.error));
        return;
      }
      this.#take(decoded.message);
    }
  }

  #take(message: Message): void {
    try {
      this.#listener.message(message);
    } catch (error) {
      if (!(error instanceof LinkError)) throw error;
      this.fail(error);
    }
    if (this.#failure !== undefined) return;
    if (this.#listener.awaiting) this.#timeout.restart();
    else this.#timeout.disarm();
  }

  #drain(): void {
    this.#congested = false;
    while (!this.#congested) {
      const bytes = this.#outbox.shift();
      if (bytes === undefined) return;
      this.#congested = !this.#duplex.write(bytes);
    }
  }
}
