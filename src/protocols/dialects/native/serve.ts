import type { DoneClaim } from "../../../lottery/draw-book.ts";
import type { SealShare } from "../../../lottery/seal-proofs.ts";
import type { Standing } from "../../../lottery/standing.ts";
import type { DoneVerdict } from "../../../store/bet-store.ts";
import type { Conversation } from "../../conversation.ts";
import type { Claim, Counter, DrawView, Refusal } from "../../counter.ts";
import type { ServeContext } from "../../dialect.ts";
import type { FrameDecoder } from "../../kit/frame-decoder.ts";
import { ProtocolError, type ProtocolErrorCode } from "../../protocol-error.ts";
import {
  type AnsweredClient,
  Answers,
  pauseMs,
  ResultsPush,
  type ResultsTaker,
} from "./answers.ts";
import { createClientDecoder, owned } from "./decode.ts";
import { encodeCentral } from "./encode.ts";
import { CANCELLED, refusalMessage } from "./refuse.ts";
import {
  type BatchMessage,
  type BetMessage,
  type CentralMessage,
  type ClientMessage,
  EARLY_MESSAGES_MAX,
  type ErrorCode,
  type Hello,
  WINDOW,
} from "./wire.ts";
import { plural } from "../../../lottery/plural.ts";

/** The central's side of one quiniela/1 connection: docs/protocols/native.md. */
export function serveNative(context: ServeContext): Conversation<ClientMessage> {
  return new NativeConversation(context);
}

type Phase =
  /** Only HELLO is accepted. */
  | { readonly kind: "greeting" }
  /** Only PROOF is accepted, for this agency and draw. */
  | { readonly kind: "challenged"; readonly agency: number; readonly draw: string }
  /** The agency's standing is looked up; messages that come meanwhile wait. */
  | { readonly kind: "attending"; readonly early: ClientMessage[] }
  | { readonly kind: "serving"; readonly counter: Counter }
  /** Nothing is sent any more. */
  | { readonly kind: "over" };

type DonePhase =
  | { readonly kind: "unsaid" }
  /** DONE has come, but earlier batches are not settled yet. */
  | { readonly kind: "waiting"; readonly claim: DoneClaim }
  | { readonly kind: "recording" }
  | { readonly kind: "recorded" };

const GREETING: Phase = { kind: "greeting" };
const OVER: Phase = { kind: "over" };
const UNSAID: DonePhase = { kind: "unsaid" };

class NativeConversation implements Conversation<ClientMessage>, AnsweredClient, ResultsTaker {
  readonly decoder: FrameDecoder<ClientMessage>;
  /** Always false: batches are taken as they come, and several may be answered together. */
  readonly occupied = false;
  readonly #context: ServeContext;
  readonly #answers = new Answers(this);
  #phase = GREETING;
  #done = UNSAID;
  #results: ResultsPush | undefined;
  #peerEnded = false;
  /** SEAL has come, and is not answered yet. */
  #proving = false;

  constructor(context: ServeContext) {
    this.#context = context;
    this.decoder = createClientDecoder(context.limits);
  }

  get waitsFor(): "greeting" | "message" | "central" {
    if (this.#phase.kind === "challenged") return "greeting";
    const ours =
      this.#phase.kind === "attending" ||
      this.#phase.kind === "over" ||
      this.#answers.open > 0 ||
      this.#done.kind === "recording" ||
      this.#proving ||
      this.#results?.open === true;
    return ours ? "central" : "message";
  }

  take(message: ClientMessage): void {
    switch (this.#phase.kind) {
      case "greeting":
        if (message.kind === "hello") this.#greet(message);
        else this.#unexpected(message, "HELLO comes first");
        break;
      case "challenged":
        if (message.kind === "proof") void this.#attend({ ...this.#phase, proof: message.proof });
        else this.#unexpected(message, "PROOF comes before it");
        break;
      case "attending":
        // A client should wait for WELCOME; messages that it sends before are kept, up to a limit.
        if (this.#phase.early.length < EARLY_MESSAGES_MAX) this.#phase.early.push(owned(message));
        else this.#unexpected(message, `${EARLY_MESSAGES_MAX} messages wait for WELCOME already`);
        break;
      case "serving":
        this.#serve(message, this.#phase.counter);
        break;
      case "over":
        break;
    }
  }

  violated({ code, message }: ProtocolError): void {
    if (this.#over) return;
    const { peer } = this.#context;
    peer.report({ kind: "protocol-violated", code, error: message });
    this.#endWith(errorCode(code), message);
  }

  ended(truncated: ProtocolError | undefined): void {
    if (this.#over) return;
    if (truncated !== undefined) {
      this.violated(truncated);
    } else if (this.#phase.kind === "greeting" || this.#phase.kind === "challenged") {
      this.#finish();
    } else {
      this.#peerEnded = true;
      this.#settled();
    }
  }

  stopping(): void {
    if (this.#over) return;
    this.#say("STOPPING", "the central is stopping");
    this.closed();
  }

  expelled(): void {
    if (this.#over) return;
    this.#answers.flush();
    this.send(refusalMessage({ kind: "unproven", why: "no-proof" }));
    this.closed();
  }

  overdue(failure: string): void {
    if (this.#over) return;
    this.#say("TIMEOUT", failure);
    this.closed();
  }

  closed(): void {
    this.#phase = OVER;
    this.#answers.close();
    this.#results?.stop();
  }

  // Called by the answers and by the results.

  send(message: CentralMessage): void {
    this.#context.peer.send(encodeCentral(message));
  }

  answered(): void {
    this.#settled();
  }

  pushed(): void {
    this.#settled();
  }

  drawless(why: "DRAW_CANCELLED" | "STOPPING"): void {
    if (why === "STOPPING") this.#abandon();
    else if (!this.#over) this.#endWith(why, CANCELLED);
  }

  get #over(): boolean {
    return this.#phase.kind === "over";
  }

  #greet({ agency, draw }: Hello): void {
    const challenge = this.#context.admitter.challenge?.();
    if (challenge === undefined) {
      void this.#attend({ agency, draw });
      return;
    }
    this.#phase = { kind: "challenged", agency, draw };
    this.send({ kind: "challenge", challenge });
  }

  async #attend({ agency, draw, proof }: Pick<Claim, "agency" | "draw" | "proof">): Promise<void> {
    const counter = this.#context.admitter.admit({ agency, draw, proof, wants: "attend" });
    if (counter.kind !== "counter") {
      this.#refuse(counter);
      return;
    }
    const early: ClientMessage[] = [];
    this.#phase = { kind: "attending", early };
    try {
      const view = await counter.draw();
      const standing = await counter.standing();
      if (this.#over) return;
      if (view.state === "cancelled") {
        this.drawless("DRAW_CANCELLED");
        return;
      }
      this.#welcome(counter, view, standing);
    } catch {
      this.#abandon();
      return;
    }
    for (const message of early) this.take(message);
    this.#settled();
  }

  #welcome(counter: Counter, draw: DrawView, standing: Standing): void {
    this.#phase = { kind: "serving", counter };
    counter.hold(() => this.#fenced());
    this.send({
      kind: "welcome",
      draw: draw.name,
      state: draw.state,
      done: standing.done,
      // A store that does not remember batches counts the bets, but begins at sequence 1 again.
      chainKnown: standing.bets === 0 || standing.nextSequence > 1,
      nextSequence: standing.nextSequence,
      bets: standing.bets,
      head: standing.head,
      window: WINDOW,
      frameBytesMax: this.#context.limits.frameBytesMax,
    });
    if (standing.done) this.#awaitDraw(counter);
  }

  #refuse(refusal: Refusal): void {
    this.#answers.flush();
    this.send(refusalMessage(refusal));
    this.#finish();
  }

  #fenced(): void {
    if (this.#over) return;
    this.#endWith("FENCED", "another session of this agency has taken over");
  }

  #serve(message: ClientMessage, counter: Counter): void {
    switch (message.kind) {
      case "batch":
      case "bet":
        this.#register(message, counter);
        break;
      case "done":
        if (this.#done.kind === "unsaid") {
          this.#done = { kind: "waiting", claim: owned(message) };
          this.#settled();
        } else {
          this.#unexpected(message, "it was said before");
        }
        break;
      case "ping":
        this.send({ kind: "pong", token: message.token });
        break;
      case "seal":
        if (this.#results?.open !== false) this.#unexpected(message, "DRAWN comes before it");
        else if (this.#proving) this.#unexpected(message, "the one before is not answered yet");
        else void this.#showSeal(counter);
        break;
      case "hello":
        this.#unexpected(message, "it was said before");
        break;
      case "proof":
        this.#unexpected(message, "there is no CHALLENGE to answer");
        break;
    }
  }

  async #showSeal(counter: Counter): Promise<void> {
    this.#proving = true;
    let share: SealShare | undefined;
    try {
      share = await counter.sealShare();
    } catch {
      this.#abandon();
      return;
    }
    this.#proving = false;
    if (this.#over) return;
    const closedOut = share?.sealed.closedOut === true;
    this.send({ kind: "sealed", closedOut, ...(share && { proof: share.proof }) });
    this.#settled();
  }

  #register(message: BatchMessage | BetMessage, counter: Counter): void {
    const { sequence } = message;
    if (this.#answers.open >= WINDOW) {
      this.#unexpected(message, `${WINDOW} batches are unanswered already`);
      return;
    }
    const settle = this.#answers.expect(sequence);
    if (this.#done.kind === "waiting" || this.#done.kind === "recording") {
      // DONE has come but is not recorded yet, so the counter would still accept the batch.
      this.#context.peer.refused();
      settle({ kind: "late" });
    } else if (message.kind === "batch") {
      counter.submit(message, settle);
    } else {
      counter.submit({ sequence, count: 1, lines: message.line, single: true }, settle);
    }
  }

  /** Goes on with DONE or the end of the connection, once all batches are answered and results are sent. */
  #settled(): void {
    if (this.#phase.kind !== "serving" || this.#answers.open > 0) return;
    if (this.#done.kind === "waiting") void this.#recordDone(this.#phase.counter, this.#done.claim);
    else if (this.#peerEnded && this.waitsFor === "message") {
      // An agency that is done gets its results first, even after it has ended its side.
      this.#finish();
    }
  }

  async #recordDone(counter: Counter, claim: DoneClaim): Promise<void> {
    this.#done = { kind: "recording" };
    let verdict: DoneVerdict;
    try {
      verdict = await counter.done(claim);
    } catch {
      this.#abandon();
      return;
    }
    if (this.#over) return;
    switch (verdict.kind) {
      case "done":
        this.#done = { kind: "recorded" };
        this.#answers.flush();
        // The claim agrees with the store, so it has the last sequence and the chain head.
        this.send({ kind: "ack", sequence: claim.batches, head: claim.head, done: true });
        this.#awaitDraw(counter);
        this.#settled();
        break;
      case "mismatch": {
        const { nextSequence, bets } = verdict.standing;
        const batches = nextSequence - 1;
        const verb = batches === 1 ? "is" : "are";
        const stored = `${plural(batches, "batch")} with ${plural(bets, "bet")} ${verb} stored`;
        const claimed = `DONE says ${claim.batches} with ${claim.bets}, or another head`;
        this.#endWith("DONE_MISMATCH", `${stored}, ${claimed}`);
        break;
      }
      case "late":
        // This DONE has a claim, which an agency that was closed out can only miss or meet.
        this.#endWith("DRAW_CANCELLED", CANCELLED);
        break;
      case "busy":
        this.#answers.flush();
        this.send({ kind: "busy", sequence: 0, retryAfterMs: pauseMs(verdict.retryAfterMs) });
        this.#finish();
        break;
    }
  }

  #awaitDraw(counter: Counter): void {
    this.#results ??= new ResultsPush(this.#context, counter, this);
  }

  #unexpected(message: ClientMessage, state: string): void {
    const name = message.kind.toUpperCase();
    this.violated(new ProtocolError("UNEXPECTED_MESSAGE", `Cannot take ${name}: ${state}`));
  }

  /** Ends because storage failed or the central stops; the central logs that itself. */
  #abandon(): void {
    if (!this.#over) this.#endWith("STOPPING", "the central is stopping");
  }

  #endWith(code: ErrorCode, text: string): void {
    this.#say(code, text);
    this.#finish();
  }

  #say(code: ErrorCode, text: string): void {
    this.#answers.flush();
    this.send({ kind: "error", code, fatal: true, text });
  }

  #finish(): void {
    this.#answers.flush();
    this.closed();
    this.#context.peer.end();
  }
}

/** The code on the wire, which has none for an end within a frame: that is MALFORMED. */
function errorCode(code: ProtocolErrorCode): ErrorCode {
  return code === "FRAME_TRUNCATED" || code === "UNKNOWN_PROTOCOL" ? "MALFORMED" : code;
}
