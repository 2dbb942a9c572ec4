import { type Connection, type DialContext, LinkError, lost, unsound } from "../agency-link.ts";
import type { Decoder } from "../codec.ts";
import { AnswerTimeout, type StartTimer } from "../timers.ts";

/** How long an orderly end of the connection may take before it is cut. */
const CLOSE_GRACE_MS = 1000;

/** The owner of a channel, which gets its messages. */
export interface ChannelListener<Message> {
  /**
   * A message of the central has come; views inside it are valid until this returns.
   * @throws LinkError when the message is not allowed here or ends the conversation: then the channel fails
   */
  message(message: Message): void;
  /** Whether an answer is awaited: then the answer timeout runs. */
  readonly awaiting: boolean;
  /** The connection has failed, or was closed with {@link Channel.close}. Called once. */
  failed(error: LinkError): void;
}

export interface ChannelParts<Message> {
  readonly duplex: Connection;
  readonly context: Pick<DialContext, "answerTimeoutMs" | "signal">;
  /** Decodes what the central sends. */
  readonly decoder: Decoder<Message>;
  readonly listener: ChannelListener<Message>;
  readonly startTimer: StartTimer;
}

/** One error for all: some dialects close a connection after every message, and making a stack is slow. */
const CLOSED = lost("the agency closed the connection");

function ended(): LinkError {
  return new LinkError(
    "CONNECTION_ENDED",
    "Cannot go on with the central: it ended the connection",
  );
}

/** Opens the connection for a channel. @param announced as for {@link Connect} @throws LinkError */
export async function openConnection(
  { connect, signal }: Pick<DialContext, "connect" | "signal">,
  announced?: string,
): Promise<Connection> {
  try {
    return await connect(signal, announced);
  } catch (cause) {
    if (cause instanceof LinkError) throw cause;
    throw new LinkError("CONNECT_FAILED", "Cannot connect to the central", { cause });
  }
}

/**
 * One connection to a central, as messages. It keeps frames in order while the connection is congested,
 * watches for answers that do not come, and turns every end of the connection into a {@link LinkError}.
 */
export class Channel<Message> {
  readonly #duplex: Connection;
  readonly #decoder: Decoder<Message>;
  readonly #timeout: AnswerTimeout;
  readonly #startTimer: StartTimer;
  readonly #signal: AbortSignal;
  readonly #onAbort = (): void => this.fail(lost("it was given up", this.#signal.reason));
  /** Frames that wait until the connection drains; their number is bounded by the caller's window. */
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

  /** Gives the channel to another listener, also in the middle of a chunk. */
  listen(listener: ChannelListener<Message>): void {
    this.#listener = listener;
  }

  /** Sends a frame. Do not change the bytes afterwards. */
  send(bytes: Uint8Array): void {
    if (this.#failure !== undefined) return;
    if (this.#congested) this.#outbox.push(bytes);
    else this.#congested = !this.#duplex.write(bytes);
    // A write may fail at once, and then nothing is awaited any more.
    if (this.#failure === undefined && this.#listener.awaiting) this.#timeout.arm();
  }

  /** Ends the connection now, with this error. */
  fail(error: LinkError): void {
    if (this.#failure !== undefined) return;
    this.#release(error);
    this.#duplex.destroy();
    this.#listener.failed(error);
  }

  /**
   * Resets the connection: the peer may only be slow. After an orderly end the system would still try to
   * deliver the sent bytes, and they might arrive after those that a new connection sends again.
   */
  #giveUp(error: LinkError): void {
    this.#duplex.resetAndDestroy?.();
    this.fail(error);
  }

  /** Ends the connection after the bytes already written. Idempotent, never rejects. */
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
