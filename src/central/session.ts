// This file is long because it is one state machine: what is read, what is answered and how it ends depend on
// one another, and no part is right without the others.
import type { Duplex } from "node:stream";
import type { CentralLimits } from "../config/central-config.ts";
import { LINGER_BYTES_MAX } from "../limits.ts";
import type { Source } from "../events/central-event.ts";
import type { Feed } from "../events/feed.ts";
import type { AgencyId } from "../lottery/bet.ts";
import type { Conversation, Peer, PeerEvent } from "../protocols/conversation.ts";
import type { Dialect } from "../protocols/dialect.ts";
import type { Recognised, Recogniser, RecognitionErrorCode } from "../protocols/recognise.ts";
import type { Door, SessionAdmitter } from "./admitter.ts";
import { describeError } from "./central-error.ts";
import type { Clock } from "../clock.ts";
import { type Allowances, Deadline, type Waiting } from "./deadline.ts";
import { GOING_ON, type Rounds, type Turn } from "./rounds.ts";
import type { ProvenPeer } from "./proven-peer.ts";
import { ProvenAdmitter } from "./proven-admitter.ts";
import type { Sender } from "./sender.ts";
import type { Place, WaitingRoom } from "./waiting-room.ts";

/** What all sessions of a central share. */
export interface SessionContext {
  readonly door: Door;
  /** What a connection speaks, by all its bytes so far. */
  readonly recognise: Recogniser;
  readonly limits: CentralLimits;
  readonly allowances: Allowances;
  readonly events: Pick<Feed, "publish">;
  readonly clock: Clock;
  /** Whose turn it is. */
  readonly rounds: Rounds;
  readonly waitingRoom: WaitingRoom;
  /** The connection is gone and everything released. */
  onClosed(session: Session): void;
}

/** How many of a stranger's first bytes the log shows. */
const STRANGER_BYTES_SHOWN = 32;

/** How long a peer that is not allowed here any more may take to read the last answer. */
const EXPEL_GRACE_MS = 500;

const NOTHING: Buffer = Buffer.alloc(0);

/**
 * - `open`: serving;
 * - `frozen`: the central is stopping: nothing more is received, answers still go out;
 * - `ending`: our side is ended: what comes in is thrown away until the peer ends its own;
 * - `cut`: destroyed, or gone.
 */
type State = "open" | "frozen" | "ending" | "cut";

type Result = "success" | "fail";

/** A peer that is turned away by its first bytes. */
type Stranger =
  | Extract<Recognised, { kind: "disabled" | "unknown" }>
  | { readonly kind: "unproven"; readonly dialect: Dialect };

/** The code of each, and the reason for which the session ends. */
const STRANGERS: Readonly<
  Record<Stranger["kind"], readonly [code: RecognitionErrorCode, reason: string]>
> = {
  unknown: ["UNKNOWN_PROTOCOL", "unknown protocol"],
  disabled: ["DIALECT_DISABLED", "dialect disabled"],
  unproven: ["UNPROVEN_DIALECT", "no certificate, and a dialect that can prove nothing"],
};

/**
 * One connection: recognises the dialect, drives its conversation, and holds the peer to the limits.
 *
 * Memory is bounded by never taking more from a peer than can be given to the desk and answered: while
 * the desk is congested, or answers pile up unread, or other sessions have their turn, the session
 * takes no message and reads nothing.
 *
 * An error in a conversation ends its own connection, and no other.
 */
export class Session implements Peer, Sender {
  readonly address: string;
  readonly #context: SessionContext;
  /** Its chunks last no longer than the event that brings them. */
  readonly #connection: Duplex;
  readonly #admitter: SessionAdmitter;
  /** What the peer has proven; undefined when every peer is believed. */
  readonly #proven: ProvenPeer | undefined;
  readonly #deadline: Deadline;
  readonly #turn: Turn;
  #state: State = "open";
  /** What has arrived of a connection whose dialect is not known yet. */
  #head: Buffer = NOTHING;
  #dialect: string | undefined;
  #conversation: Conversation | undefined;
  #messages = 0;
  #refused = 0;
  #discarded = 0;
  /** Whether a byte has come. */
  #heard = false;
  #peerEnded = false;
  /** The peer has reset the connection, or the network has lost it. */
  #lost = false;
  #agency: AgencyId | undefined;
  #place: Place | undefined;
  #stranger = false;
  /** Called when the connection has taken what was sent. */
  #onDrained: (() => void)[] | undefined;
  #outcome: { readonly result: Result; readonly reason: string } | undefined;

  constructor(
    connection: Duplex,
    address: string,
    context: SessionContext,
    proven: ProvenPeer | undefined,
  ) {
    this.address = address;
    this.#connection = connection;
    this.#context = context;
    this.#proven = proven;
    const admitter = context.door.admitter(this);
    this.#admitter =
      proven === undefined ? admitter : new ProvenAdmitter(admitter, proven, this, context.events);
    proven?.attach((reason, until) => this.expel(reason, until));
    this.#deadline = new Deadline(context.allowances, context.clock.nowMs());
    this.#turn = context.rounds.join(() => this.proceed());
    connection.on("data", (chunk) => this.#receive(chunk));
    connection.on("end", () => this.#receiveEnd());
    connection.on("drain", () => this.#drained());
    connection.on("error", (error) => this.#lose(error));
    connection.on("close", () => this.#release());
  }

  // The connection as the conversation sees it.

  send(bytes: Uint8Array): void {
    if (!this.#answering) return;
    this.#connection.write(bytes);
    const { writableLength: unsent } = this.#connection;
    const { peerBufferBytesMax } = this.#context.limits;
    if (unsent > peerBufferBytesMax) {
      this.cut(`not reading: ${unsent} bytes wait, max is ${peerBufferBytesMax}`);
    } else if (this.#peerEnded) {
      // A turn later, so that an answer in several parts is whole.
      this.#context.clock.soon(() => this.#endIfAnswered());
    }
  }

  whenDrained(callback: () => void): void {
    this.#onDrained ??= [];
    this.#onDrained.push(callback);
    // Never at once: a sender of many parts would otherwise pile up calls on the stack.
    if (this.#connection.writableNeedDrain) return;
    this.#context.clock.soon(() => this.#drained());
  }

  end(): void {
    this.#end("success", "ended by the central");
  }

  report(event: PeerEvent): void {
    const dialect = this.#dialect;
    if (dialect === undefined) throw new Error("Cannot report: no dialect is recognised yet");
    this.#context.events.publish({ ...event, from: this.#source, dialect });
  }

  // The session as the desk sees it.

  speaksFor(agency: AgencyId): void {
    this.#agency ??= agency;
  }

  refused(): void {
    const { refusedMax } = this.#context.limits;
    this.#refused++;
    if (this.#refused !== refusedMax) return;
    // A turn later, so that the last one is answered too.
    this.#context.clock.soon(() => {
      this.#guarded(() => this.#conversation?.closed());
      this.#end("fail", `too many messages refused, max is ${refusedMax}`);
    });
  }

  displaced(by: string): void {
    this.#noteOutcome("fail", `displaced by a newer session of its agency, from ${by}`);
  }

  dismiss(reason: string): void {
    this.#noteOutcome("fail", reason);
    this.#guarded(() => this.#conversation?.stopping());
    this.#end("fail", reason);
  }

  distrust(reason: string): void {
    this.#noteOutcome("fail", reason);
    // A turn later, so that a dialect that has an answer for this can give it.
    this.#context.clock.soon(() => this.#end("fail", reason));
  }

  heldBack(): number | undefined {
    return this.#proven?.heldBack();
  }

  awaitsDraw(agency: AgencyId): () => void {
    if (!this.#answering) return () => undefined;
    const place = this.#context.waitingRoom.enter(this.address, agency, (reason) =>
      this.cut(reason),
    );
    this.#place = place;
    if (this.#peerEnded) place.halfClose();
    return () => place.leave();
  }

  // The session as the central sees it.

  /** Goes on with the chunk at hand: there is room in the store, the connection or the conversation again. */
  proceed(): void {
    if (this.#state !== "open") return;
    if (this.#hasInput) this.#advance();
    else if (this.#connection.isPaused()) this.#readOn();
  }

  /** Ends the session if it is over or late; otherwise finds out whether the peer is still there. */
  sweep(nowMs: number): void {
    this.#endIfAnswered();
    this.#deadline.observe(this.#waiting(), this.#messages, nowMs);
    const failure = this.#deadline.overdue(nowMs);
    if (failure !== undefined) this.#expire(failure);
    else this.#probe();
  }

  /** Receives nothing more; what was submitted is still answered. */
  freeze(): void {
    if (this.#state !== "open") return;
    this.#state = "frozen";
    this.#turn.leave();
    this.#connection.pause();
  }

  /** Says goodbye in the dialect's way and ends the connection. */
  farewell(): void {
    if (!this.#answering) return;
    this.#guarded(() => this.#conversation?.stopping());
    this.#end("success", "central stopping");
  }

  /** Ends the connection soon, whatever its peer does: it is not allowed here any more. Idempotent. */
  expel(reason: string, until: "for-good" | "for-now"): void {
    if (this.#state === "cut") return;
    if (!this.#answering) {
      this.cut(reason);
      return;
    }
    const conversation = this.#conversation;
    this.#guarded(() => {
      if (until === "for-now" || conversation?.expelled === undefined) conversation?.stopping();
      else conversation.expelled();
    });
    this.#end("fail", reason);
    this.#context.clock.afterIfAlive(EXPEL_GRACE_MS, () => this.cut(reason));
  }

  /** Closes the connection at once; what is unsent is lost. */
  cut(reason: string): void {
    this.#noteOutcome("fail", reason);
    this.#state = "cut";
    this.#connection.destroy();
  }

  /** The peer is late. Tell it, if its dialect has a message for that and the peer reads what it is sent. */
  #expire(failure: string): void {
    const conversation = this.#conversation;
    const reads = this.#answering && this.#connection.writableLength === 0;
    if (!reads || conversation?.overdue === undefined) {
      this.cut(failure);
      return;
    }
    this.#guarded(() => conversation.overdue?.(failure));
    this.#end("fail", failure);
  }

  /**
   * A peer may wait for the draw for as long as it takes. While nothing is read from it, or after it has ended
   * its side, no event says that it is gone. The system knows it, from the peer or by keep-alive, and reports
   * it when it is asked to send something, even if that is nothing.
   */
  #probe(): void {
    const unheard = this.#peerEnded || this.#connection.isPaused();
    if (unheard && this.#answering && this.#waiting() === "central")
      this.#connection.write(NOTHING);
  }

  /** Whether what the conversation sends still goes out. */
  get #answering(): boolean {
    return this.#state === "open" || this.#state === "frozen";
  }

  #receive(chunk: Buffer): void {
    this.#heard = true;
    if (this.#state === "ending") this.#discard(chunk.length);
    if (this.#state !== "open") return;
    this.#turn.use(0, chunk.length);
    const conversation = this.#conversation;
    if (conversation === undefined) {
      this.#head = Buffer.concat([this.#head, chunk]);
      this.#recognise();
      return;
    }
    this.#give(conversation, chunk);
    // The next read of another connection overwrites this memory.
    if (this.#hasInput) this.#guarded(() => conversation.decoder.retain());
  }

  #discard(bytes: number): void {
    this.#discarded += bytes;
    if (this.#discarded > LINGER_BYTES_MAX) this.cut("goes on sending after the end");
  }

  #receiveEnd(): void {
    this.#peerEnded = true;
    this.#place?.halfClose();
    if (this.#state !== "open") return;
    if (this.#conversation === undefined && this.#head.length > 0) this.#recognise();
    else if (!this.#hasInput) this.#hearEnd();
  }

  #recognise(): void {
    const { recognise, limits, clock } = this.#context;
    const recognised = recognise(this.#head, this.#peerEnded);
    switch (recognised.kind) {
      case "dialect": {
        if (!this.#mayProve(recognised.dialect)) {
          this.#turnAway({ kind: "unproven", dialect: recognised.dialect });
          return;
        }
        const head = this.#head;
        this.#head = NOTHING;
        this.#dialect = recognised.dialect.name;
        const context = { peer: this, admitter: this.#admitter, limits, clock };
        this.#guarded(() => {
          this.#conversation = recognised.dialect.serve(context);
        });
        if (this.#conversation !== undefined) this.#give(this.#conversation, head);
        return;
      }
      case "disabled":
      case "unknown":
        this.#turnAway(recognised);
        return;
      case "more":
        return;
    }
  }

  /** Whether the peer has proven who it is, or can do so in this dialect. */
  #mayProve({ takesTokens }: Dialect): boolean {
    return this.#proven === undefined || this.#proven.agency !== undefined || takesTokens === true;
  }

  #turnAway(stranger: Stranger): void {
    const [code, reason] = STRANGERS[stranger.kind];
    this.#stranger = true;
    this.#context.events.publish({
      kind: "stranger-turned-away",
      from: this.#source,
      code,
      dialect: stranger.kind === "unknown" ? undefined : stranger.dialect.name,
      head: this.#head.toString("hex", 0, STRANGER_BYTES_SHOWN),
    });
    this.#end("fail", reason);
  }

  /** Whether bytes have come that are not decoded yet. */
  get #hasInput(): boolean {
    return this.#conversation?.decoder.usedUp === false;
  }

  #give(conversation: Conversation, chunk: Buffer): void {
    // Not guarded() with a function: every chunk comes this way.
    try {
      conversation.decoder.feed(chunk);
      conversation.stirred?.();
    } catch (error) {
      this.#breakOff(error);
      return;
    }
    this.#advance();
  }

  /** Takes messages for as long as there is room for them and for their answers. */
  #advance(): void {
    const connection = this.#connection;
    this.#turn.use(GOING_ON, 0);
    // Answers that are given on the spot leave together.
    connection.cork();
    try {
      while (this.#state === "open" && this.#hasInput && !this.#mustWait()) this.#takeNext();
    } catch (error) {
      this.#breakOff(error);
    } finally {
      connection.uncork();
    }
    this.#observe();
    if (this.#hasInput || this.#state !== "open") return;
    if (this.#peerEnded) this.#hearEnd();
    else this.#readOn();
  }

  /** What more the peer has to say stays in the network while there is no room for it. */
  #readOn(): void {
    if (this.#admitter.congested) {
      this.#admitter.waitForRoom();
      this.#connection.pause();
    } else if (this.#connection.writableNeedDrain) {
      // Until it has taken its answers.
      this.#connection.pause();
    } else if (this.#connection.isPaused()) {
      this.#connection.resume();
    }
  }

  #takeNext(): void {
    const conversation = this.#conversation;
    const decoded = conversation?.decoder.next();
    if (conversation === undefined) return;
    if (decoded !== undefined) {
      this.#messages++;
      this.#turn.use(1, 0);
      if (decoded.kind === "message") conversation.take(decoded.message);
      else conversation.violated(decoded.error);
    }
    if (!this.#hasInput && this.#state === "open") conversation.quiet?.();
  }

  #guarded(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#breakOff(error);
    }
  }

  #breakOff(error: unknown): void {
    this.report({
      kind: "conversation-failed",
      error: describeError(error),
      expected: false,
    });
    // Whatever was noted before: this is why the connection ends.
    this.#outcome = { result: "fail", reason: "internal error" };
    this.cut("internal error");
  }

  /** Whether the next step has to wait; then {@link proceed} or the drain will go on with it. */
  #mustWait(): boolean {
    if (this.#admitter.congested) {
      this.#admitter.waitForRoom();
    } else if (!this.#connection.writableNeedDrain && this.#conversation?.occupied !== true) {
      if (this.#turn.lasts) return false;
      this.#turn.wait();
    }
    this.#connection.pause();
    return true;
  }

  #drained(): void {
    if (this.#connection.writableNeedDrain) return;
    this.#observe();
    const callbacks = this.#onDrained ?? [];
    this.#onDrained = undefined;
    for (const callback of callbacks) if (this.#answering) this.#guarded(callback);
    this.proceed();
  }

  #observe(): void {
    this.#deadline.observe(this.#waiting(), this.#messages, this.#context.clock.nowMs());
  }

  /** The peer has ended its side, and everything that came before was taken. */
  #hearEnd(): void {
    const midMessage = this.#awaits() === "rest";
    this.#noteOutcome(
      midMessage ? "fail" : "success",
      midMessage ? "ended by the peer within a message" : "ended by the peer",
    );
    this.#guarded(() => this.#conversation?.ended(this.#conversation.decoder.end()));
    this.#endIfAnswered();
  }

  /** A peer that has ended its side may still wait for answers; without those the session is over. */
  #endIfAnswered(): void {
    if (!this.#peerEnded || this.#state !== "open" || this.#hasInput) return;
    if (this.#awaits() !== "central") this.#end("success", "ended by the peer");
  }

  #end(result: Result, reason: string): void {
    if (!this.#answering) return;
    this.#noteOutcome(result, reason);
    this.#state = "ending";
    this.#admitter.close();
    this.#connection.end();
    // The peer's own end is only seen by reading up to it.
    if (this.#connection.isPaused()) this.#connection.resume();
  }

  #lose(error: unknown): void {
    this.#lost = true;
    this.#noteOutcome("fail", `lost: ${describeError(error)}`);
  }

  /** Keeps the first reason: those that follow are its consequences. */
  #noteOutcome(result: Result, reason: string): void {
    this.#outcome ??= { result, reason };
  }

  #waiting(): Waiting {
    if (this.#state === "ending") return this.#connection.writableFinished ? "linger" : "drain";
    if (this.#connection.writableNeedDrain) return "drain";
    return this.#awaits();
  }

  /** What the conversation waits for. */
  #awaits(): Waiting {
    const conversation = this.#conversation;
    if (conversation === undefined) return "greeting";
    // The central has no room, or owes an answer: the peer can do nothing about that.
    if (this.#hasInput || conversation.occupied) return "central";
    if (this.#messages === 0 || conversation.waitsFor === "greeting") return "greeting";
    return conversation.decoder.midFrame ? "rest" : conversation.waitsFor;
  }

  #release(): void {
    this.#state = "cut";
    this.#turn.leave();
    this.#place?.leave();
    this.#admitter.close();
    this.#proven?.release();
    this.#guarded(() => this.#conversation?.closed());
    // A probe that only looks whether the port is open.
    const isProbe = !this.#heard && (this.#peerEnded || this.#lost);
    const { result, reason } = this.#outcome ?? { result: "fail", reason: "lost" };
    this.#context.events.publish({
      kind: "session-closed",
      from: this.#source,
      result,
      reason,
      dialect: this.#dialect,
      minor: isProbe || this.#stranger,
    });
    this.#context.onClosed(this);
  }

  get #source(): Source {
    return { address: this.address, agency: this.#agency };
  }
}
