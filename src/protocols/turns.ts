import type { AgencyId } from "../lottery/bet.ts";
import type { Decoder } from "./codec.ts";
import type { Awaiting, Conversation } from "./desk.ts";
import type { ServeContext } from "./dialect.ts";
import { ProtocolError } from "./protocol-error.ts";

/** Whether the conversation goes on after a message, or ends with its answer. */
export type Turn = "next" | "end";

/**
 * Makes the connection its agency's only one: an older one ends, so that what a killed client left on
 * its way cannot mix with what its successor sends. Nothing happens to strangers, whom the desk refuses
 * with whatever they ask.
 *
 * @throws the reason of the conversation's end
 */
export type HoldAgency = (agency: number) => Promise<void>;

/** A dialect in which peers take turns: a message, then its answer, then the next message. */
export interface TurnTaker<Message> {
  /** The dialect's name, for the log. */
  readonly dialect: string;
  readonly decoder: Decoder<Message>;
  /**
   * Does what a message asks and sends the answer. The next message is decoded only once this is
   * over: views inside this one are valid until then.
   *
   * @param over aborted when the conversation is: for what may wait long
   * @param hold for dialects in which one connection is the agency
   * @throws ProtocolError when the message may not come here; the reason of `over`
   */
  take(message: Message, over: AbortSignal, hold: HoldAgency): Turn | Promise<Turn>;
  /** What to tell a peer before the end because of `error`, if the dialect has a word for it. */
  refusal?(error: ProtocolError): Uint8Array | undefined;
}

/** The central's side of a connection whose peers take turns. */
export function serveTurns<Message>(
  context: ServeContext,
  taker: TurnTaker<Message>,
): Conversation {
  return new TurnConversation(context, taker);
}

class TurnConversation<Message> implements Conversation {
  readonly #context: ServeContext;
  readonly #taker: TurnTaker<Message>;
  readonly #ending = new AbortController();
  readonly #hold: HoldAgency = (agency) => this.#holdAgency(agency);
  #held: { release(): void } | undefined;
  #greeted = false;
  #occupied = false;
  #peerEnded = false;
  #over = false;

  constructor(context: ServeContext, taker: TurnTaker<Message>) {
    this.#context = context;
    this.#taker = taker;
  }

  get occupied(): boolean {
    return this.#occupied;
  }

  get awaiting(): Awaiting {
    if (this.#occupied || this.#over) return "central";
    if (!this.#greeted) return "greeting";
    return this.#taker.decoder.midFrame ? "rest" : "message";
  }

  *receive(chunk: Uint8Array): Generator<void, void> {
    if (this.#over) return;
    for (const decoded of this.#taker.decoder.push(chunk)) {
      if (decoded.kind === "violation") this.#violate(decoded.error);
      else this.#take(decoded.message);
      if (this.#over) return;
      yield;
    }
  }

  ended(): void {
    if (this.#over) return;
    const truncated = this.#taker.decoder.end();
    if (truncated !== undefined && !this.#occupied) this.#violate(truncated);
    this.#peerEnded = true;
    if (!this.#occupied) this.#finish();
  }

  stopping(): void {
    this.closed();
  }

  closed(): void {
    this.#over = true;
    this.#ending.abort();
    this.#held?.release();
    this.#held = undefined;
  }

  #take(message: Message): void {
    this.#greeted = true;
    try {
      const turn = this.#taker.take(message, this.#ending.signal, this.#hold);
      if (typeof turn === "string") {
        if (turn === "end") this.#finish();
        return;
      }
      this.#occupied = true;
      void this.#await(turn);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #await(turn: Promise<Turn>): Promise<void> {
    let next: Turn = "end";
    try {
      next = await turn;
    } catch (error) {
      this.#fail(error);
    }
    this.#occupied = false;
    if (this.#over) return;
    if (next === "end" || this.#peerEnded) this.#finish();
    else this.#context.peer.proceed();
  }

  async #holdAgency(agency: number): Promise<void> {
    const { desk } = this.#context;
    if (this.#held !== undefined || desk.known(agency) === undefined) return;
    const attendance = await desk.attend(agency, "");
    this.#ending.signal.throwIfAborted();
    if (attendance.kind === "welcome") this.#held = attendance.hold(() => this.#finish());
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    if (error instanceof ProtocolError) {
      this.#violate(error);
      return;
    }
    // The desk has failed us: storage broke, or the central stops. It tells that itself.
    const known = error instanceof Error && "code" in error;
    this.#context.peer.log(known ? "debug" : "error", {
      action: "serve",
      result: "fail",
      dialect: this.#taker.dialect,
      error: error instanceof Error ? error.message : String(error),
    });
    this.#finish();
  }

  #violate(error: ProtocolError): void {
    const { peer } = this.#context;
    const { code, message } = error;
    const { dialect } = this.#taker;
    peer.log("warning", {
      action: "protocol_violation",
      result: "fail",
      dialect,
      code,
      error: message,
    });
    const refusal = this.#taker.refusal?.(error);
    if (refusal !== undefined) peer.send(refusal);
    this.#finish();
  }

  #finish(): void {
    if (this.#over) return;
    this.closed();
    this.#context.peer.end();
  }
}

/**
 * The agency that a peer names where it sends no bets, if it is one of the draw's. The log hears of
 * any other.
 *
 * @param action what the peer wanted
 */
export function knownAgency(
  { desk, peer }: Pick<ServeContext, "desk" | "peer">,
  number: number,
  action: "register_done" | "query_winners",
): AgencyId | undefined {
  const agency = desk.known(number);
  if (agency === undefined) {
    peer.log("warning", { action, result: "fail", agency: number, reason: "unknown-agency" });
  }
  return agency;
}
