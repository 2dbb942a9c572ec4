import type { DoneClaim } from "../../../lottery/draw-book.ts";
import type { Standing } from "../../../lottery/standing.ts";
import {
  type AgencyDialer,
  type AgencyLink,
  type Answer,
  type Connection,
  type DialContext,
  type LinkDraw,
  LinkError,
  type LinkResults,
  type LinkSealShare,
  type OutgoingBatch,
  unsound,
} from "../../agency-link.ts";
import { Channel, type ChannelListener, openConnection } from "../../kit/channel.ts";
import { startTimer, type StartTimer } from "../../timers.ts";
import { createCentralDecoder } from "./decode.ts";
import { encodeClient } from "./encode.ts";
import { ResultsCollector, Unanswered } from "./unanswered.ts";
import {
  type Ack,
  ALPN,
  BATCH_OVERHEAD_BYTES,
  type Busy,
  type CentralMessage,
  type Challenge,
  type ClientMessage,
  type Drawn,
  type ErrorCode,
  type ErrorMessage,
  FRAME_BYTES_MAX,
  type Pong,
  type SealedMessage,
  PREFACE,
  type Welcome,
} from "./wire.ts";

/** @param timer tests give their own */
export function createNativeDialer(timer: StartTimer = startTimer): AgencyDialer {
  return {
    chained: true,
    measure: {
      overheadBytes: BATCH_OVERHEAD_BYTES,
      betBytes: (_bet, lineBytes) => lineBytes,
    },
    async dial(context) {
      return greet(await openConnection(context, ALPN), context, timer);
    },
  };
}

/** Sends HELLO and waits for WELCOME; then the link takes the channel over. */
function greet(duplex: Connection, context: DialContext, timer: StartTimer): Promise<AgencyLink> {
  return new Promise((resolve, reject) => {
    let answered = false;
    let proven = false;
    const greeter: ChannelListener<CentralMessage> = {
      awaiting: true,
      // Not when the central ended the connection itself: then it has read the greeting already.
      failed: (error) =>
        reject(answered || error.code !== "CONNECTION_LOST" ? error : greetingLeft(error)),
      message(message) {
        answered = true;
        expectNoEnd(message);
        if (message.kind === "challenge" && !proven) {
          proven = true;
          channel.send(encodeClient({ kind: "proof", proof: prove(message, duplex, context) }));
          return;
        }
        if (message.kind !== "welcome") {
          throw unsound(`it answers HELLO with ${message.kind.toUpperCase()}`);
        }
        if (context.draw !== "" && message.draw !== context.draw) {
          throw unsound("it welcomes to another draw than was asked for");
        }
        resolve(new NativeLink(channel, message, timer));
      },
    };
    const channel = new Channel({
      duplex,
      context,
      decoder: createCentralDecoder({ frameBytesMax: FRAME_BYTES_MAX }),
      listener: greeter,
      startTimer: timer,
    });
    const { agency, draw } = context;
    const hello = encodeClient({ kind: "hello", agency, draw, credentials: NO_CREDENTIALS });
    channel.send(Buffer.concat([PREFACE, hello]));
  });
}

const NO_CREDENTIALS = new Uint8Array(0);

/** @throws LinkError */
function prove({ challenge }: Challenge, duplex: Connection, context: DialContext): Uint8Array {
  const proof = context.prove?.(challenge, duplex);
  if (proof !== undefined) return proof;
  throw new LinkError(
    "REFUSED",
    "Cannot go on with the central: it asks for a proof of who this is, and the agency has neither a certificate nor a token",
  );
}

/** How often the agency asks, while it waits for the draw, whether the central is still there. */
const PING_INTERVAL_MS = 15_000;

interface Waiter<Value> {
  readonly resolve: (value: Value) => void;
  readonly reject: (error: LinkError) => void;
}

/** The agency's side of a quiniela/1 conversation, after WELCOME. */
export class NativeLink implements AgencyLink, ChannelListener<CentralMessage> {
  readonly standing: Standing;
  readonly draw: LinkDraw;
  readonly chainKnown: boolean;
  readonly window: number;
  readonly #channel: Channel<CentralMessage>;
  readonly #startTimer: StartTimer;
  readonly #frameBytesMax: number;
  readonly #unanswered: Unanswered;
  readonly #collector = new ResultsCollector();
  /** How many bets this agency has, once it has said DONE. */
  #betsDone: number | undefined;
  #done: (Waiter<void> & { readonly claim: DoneClaim }) | undefined;
  #results: LinkResults | undefined;
  #resultsWaiters: Waiter<LinkResults>[] = [];
  #sealWaiter: Waiter<LinkSealShare> | undefined;
  #pingToken = 0;
  #pingOpen = false;
  #cancelPing: (() => void) | undefined;

  /** Takes the channel over, in the middle of the chunk that has `welcome`. */
  constructor(channel: Channel<CentralMessage>, welcome: Welcome, startTimer: StartTimer) {
    const { nextSequence, bets, head, done } = welcome;
    this.standing = { nextSequence, bets, head: Buffer.from(head), done };
    this.draw = { name: welcome.draw, state: welcome.state };
    this.chainKnown = welcome.chainKnown;
    this.window = welcome.window;
    this.#channel = channel;
    this.#startTimer = startTimer;
    this.#frameBytesMax = welcome.frameBytesMax;
    this.#unanswered = new Unanswered(nextSequence - 1);
    if (done) this.#betsDone = bets;
    channel.listen(this);
  }

  async send({ sequence, bets, lines }: OutgoingBatch): Promise<Answer> {
    return this.#register({ kind: "batch", sequence, count: bets.length, lines });
  }

  async sendSingle({ sequence, lines }: OutgoingBatch): Promise<Answer> {
    return this.#register({ kind: "bet", sequence, line: lines });
  }

  async done(claim: DoneClaim): Promise<void> {
    this.#check();
    if (this.#done !== undefined) throw new RangeError("Cannot say DONE: it is being answered");
    await new Promise<void>((resolve, reject) => {
      this.#betsDone = claim.bets;
      this.#done = { claim, resolve, reject };
      this.#channel.send(encodeClient({ kind: "done", ...claim }));
    });
  }

  async results(): Promise<LinkResults> {
    if (this.#results !== undefined) return this.#results;
    this.#check();
    return new Promise((resolve, reject) => {
      this.#resultsWaiters.push({ resolve, reject });
      this.#cancelPing ??= this.#startTimer(() => this.#ping(), PING_INTERVAL_MS);
    });
  }

  async sealShare(): Promise<LinkSealShare> {
    this.#check();
    if (this.#results === undefined || this.#sealWaiter !== undefined) {
      throw new RangeError(
        "Cannot ask for the seal: the results have not come, or it was asked for",
      );
    }
    return new Promise((resolve, reject) => {
      this.#sealWaiter = { resolve, reject };
      this.#channel.send(encodeClient({ kind: "seal" }));
    });
  }

  close(): Promise<void> {
    return this.#channel.close();
  }

  get awaiting(): boolean {
    return (
      this.#unanswered.size > 0 ||
      this.#done !== undefined ||
      this.#sealWaiter !== undefined ||
      this.#pingOpen
    );
  }

  message(message: CentralMessage): void {
    expectNoEnd(message);
    switch (message.kind) {
      case "ack":
        this.#acknowledged(message);
        break;
      case "reject":
        this.#unanswered.reject(message);
        break;
      case "busy":
        this.#unanswered.busy(message);
        break;
      case "drawn":
        this.#drawn(message);
        break;
      case "pong":
        this.#ponged(message);
        break;
      case "sealed":
        this.#sealed(message);
        break;
      case "welcome":
        throw unsound("it welcomes twice");
      case "challenge":
        throw unsound("it asks for a proof after its welcome");
      case "error":
        break;
    }
  }

  failed(error: LinkError): void {
    this.#cancelPing?.();
    this.#unanswered.fail(error);
    this.#done?.reject(error);
    this.#done = undefined;
    this.#sealWaiter?.reject(error);
    this.#sealWaiter = undefined;
    for (const waiter of this.#resultsWaiters.splice(0)) waiter.reject(error);
  }

  #register(message: Extract<ClientMessage, { kind: "batch" | "bet" }>): Promise<Answer> {
    this.#check();
    if (this.#unanswered.size >= this.window) {
      throw new RangeError(`Cannot send batch ${message.sequence}: the window is ${this.window}`);
    }
    const frame = encodeClient(message);
    if (frame.length > this.#frameBytesMax) {
      throw new LinkError(
        "REFUSED",
        `Cannot send batch ${message.sequence}: its frame has ${frame.length} bytes, ` +
          `the central takes ${this.#frameBytesMax}`,
      );
    }
    const answer = this.#unanswered.add(message.sequence);
    this.#channel.send(frame);
    return answer;
  }

  #check(): void {
    const { failure } = this.#channel;
    if (failure !== undefined) throw failure;
  }

  #acknowledged(ack: Ack): void {
    this.#unanswered.ack(ack);
    if (!ack.done) return;
    const done = this.#done;
    if (done === undefined) throw unsound("it acknowledges a DONE that was not said");
    if (ack.sequence !== done.claim.batches || Buffer.compare(ack.head, done.claim.head) !== 0) {
      throw unsound("it acknowledges DONE with another chain head");
    }
    this.#done = undefined;
    done.resolve();
  }

  #drawn(drawn: Drawn): void {
    if (this.#betsDone === undefined) throw unsound("it draws before this agency is done");
    if (this.#results !== undefined) throw unsound("it draws twice");
    const results = this.#collector.take(drawn, this.#betsDone);
    if (results === undefined) return;
    this.#results = results;
    this.#cancelPing?.();
    for (const waiter of this.#resultsWaiters.splice(0)) waiter.resolve(results);
  }

  #sealed({ closedOut, proof }: SealedMessage): void {
    const waiter = this.#sealWaiter;
    if (waiter === undefined) throw unsound("it shows a seal that was not asked for");
    this.#sealWaiter = undefined;
    waiter.resolve({ closedOut, proof });
  }

  #ping(): void {
    this.#pingOpen = true;
    this.#pingToken = (this.#pingToken + 1) % 0x1_0000_0000;
    this.#channel.send(encodeClient({ kind: "ping", token: this.#pingToken }));
  }

  #ponged({ token }: Pong): void {
    if (!this.#pingOpen || token !== this.#pingToken) throw unsound("it answers no PING of ours");
    this.#pingOpen = false;
    if (this.#results !== undefined) return;
    this.#cancelPing = this.#startTimer(() => this.#ping(), PING_INTERVAL_MS);
  }
}

/** @throws LinkError when the message ends the conversation */
function expectNoEnd(message: CentralMessage): void {
  if (message.kind === "error" && message.fatal) throw refusedError(message);
  if (message.kind === "busy" && message.sequence === 0) throw busyError(message);
}

/** The same error, marked as one of a connection whose HELLO was not answered. */
export function greetingLeft({ code, message, cause }: LinkError): LinkError {
  return new LinkError(code, message, { cause, greetingLeft: true });
}

/** The error for a BUSY that refuses the whole conversation. */
function busyError({ retryAfterMs }: Busy): LinkError {
  return new LinkError(
    "CENTRAL_BUSY",
    `Cannot go on with the central: it is busy, try again in ${retryAfterMs} ms`,
    { retryAfterMs },
  );
}

function refusedError(error: ErrorMessage): LinkError {
  const code = LINK_CODES[error.code];
  return new LinkError(code, `Cannot go on with the central: ${error.code}, ${error.text}`);
}

const LINK_CODES = {
  MALFORMED: "REFUSED",
  FRAME_TOO_LARGE: "REFUSED",
  UNKNOWN_TYPE: "REFUSED",
  UNEXPECTED_MESSAGE: "REFUSED",
  UNKNOWN_AGENCY: "REFUSED",
  UNKNOWN_DRAW: "REFUSED",
  DONE_MISMATCH: "REFUSED",
  FENCED: "FENCED",
  STOPPING: "CONNECTION_LOST",
  TIMEOUT: "CONNECTION_LOST",
  NO_CURRENT_DRAW: "REFUSED",
  DRAW_CANCELLED: "REFUSED",
  UNPROVEN: "REFUSED",
} as const satisfies Record<ErrorCode, LinkError["code"]>;
