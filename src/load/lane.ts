import type { Welcome } from "../protocols/dialects/native/wire.ts";
import type { Answer, AnswerListener } from "./answer.ts";
import { BenchError } from "./bench-error.ts";
import type { Clock } from "../clock.ts";
import type { Dialogue, Sent, Talk } from "./drivers/driver.ts";
import type { Frames } from "./frames.ts";
import type { Pace, Pumped } from "./pace.ts";
import type { Recorder } from "./recorder.ts";
import type { OpenWire, Wire } from "./wire.ts";
import { plural } from "../lottery/plural.ts";

export interface LaneParts {
  /** From 0. */
  readonly index: number;
  readonly conversation: Dialogue;
  readonly frames: Frames;
  readonly window: number;
  /** Where in a batch its number stands. */
  readonly sequenceAt: number | undefined;
  readonly connectionPerMessage: boolean;
  readonly openWire: OpenWire;
  readonly pace: Pace;
  readonly recorder: Recorder;
  readonly clock: Clock;
  /** Told once: nothing more is sent, and nothing is awaited. */
  readonly onQuiet: () => void;
}

/**
 * One agency's load: sends frames as its pace has them due, while there is room in its window, and
 * notes when each is answered. What is done for every batch makes no objects and no promises.
 *
 * It stops at the first refusal, for what follows one is not what was to be measured.
 */
export class Lane implements AnswerListener, Pumped {
  readonly #parts: LaneParts;
  readonly #frames: Frames;
  readonly #conversation: Dialogue;
  readonly #recorder: Recorder;
  /** When the unanswered batches were due, the oldest one at `#oldest`, in a ring. */
  readonly #due: Float64Array;
  #oldest = 0;
  #unanswered = 0;
  #begun = 0;
  #answered = 0;
  #bets = 0;
  #lastBets = 0;
  #largestBets = 0;
  /** Places of the next batch to be sent, and of the next one to be answered. */
  #nextSlot: number;
  #answeredSlot: number;
  #lastSequence = 0;
  #welcome: Welcome | undefined;
  #wire: Wire | undefined;
  #waiter: Waiter | undefined;
  /** Whether answers may come that nobody has asked for yet, and those. */
  #finishing = false;
  readonly #unasked: Answer[] = [];
  #nowMs = 0;
  #refused = false;
  #over = false;
  #quiet = false;

  constructor(parts: LaneParts) {
    this.#parts = parts;
    this.#frames = parts.frames;
    this.#conversation = parts.conversation;
    this.#recorder = parts.recorder;
    this.#due = new Float64Array(parts.window);
    this.#nextSlot = parts.frames.start;
    this.#answeredSlot = parts.frames.start;
  }

  /** Where the central said that the agency stood, in dialects that say so. */
  get welcome(): Welcome | undefined {
    return this.#welcome;
  }

  /** Batches and bets that are stored. */
  get stored(): { readonly batches: number; readonly bets: number } {
    return { batches: this.#answered, bets: this.#bets };
  }

  /** Bets of the last batch that is stored, and of the largest one. */
  get lastBets(): number {
    return this.#lastBets;
  }

  get largestBets(): number {
    return this.#largestBets;
  }

  /** Whether something went wrong. */
  get failed(): boolean {
    return this.#refused || this.#over;
  }

  /** Connects, and greets where the dialect does. @throws BenchError */
  async connect(): Promise<void> {
    if (this.#parts.connectionPerMessage) return;
    const answer = await this.#await(() => this.#open());
    if (this.#conversation.welcomed !== true) return;
    if (answer.kind !== "welcome") {
      const state =
        "reason" in answer ? answer.reason : `it answers ${answer.kind} to the greeting`;
      throw new BenchError("LOAD_FAILED", state);
    }
    this.#welcome = answer.welcome;
    this.#lastSequence = answer.welcome.nextSequence - 1;
  }

  pump(nowMs: number): void {
    const { pace, window, index } = this.#parts;
    const room = this.#parts.connectionPerMessage && this.#wire !== undefined ? 0 : window;
    let batches = 0;
    while (this.#unanswered < room && this.#begun + batches < this.#frames.batches) {
      const dueMs = this.failed
        ? Number.POSITIVE_INFINITY
        : pace.dueMs(index, this.#begun + batches, nowMs);
      if (dueMs > nowMs) break;
      this.#due[(this.#oldest + this.#unanswered) % window] = dueMs;
      this.#unanswered++;
      batches++;
    }
    if (batches > 0) this.#send(batches);
  }

  /** To be called when the pace has been stopped: what was due by then still leaves, and no more. */
  windUp(nowMs: number): void {
    this.#nowMs = nowMs;
    this.pump(nowMs);
    this.#checkQuiet();
  }

  accepted(batches: number): void {
    if (this.#unanswered === 0) {
      this.heard({ kind: "noted" });
      return;
    }
    if (batches > this.#unanswered) {
      this.#fail(`${batches} batches are answered, ${plural(this.#unanswered, "batch")} sent`);
      return;
    }
    const recorder = this.#recorder;
    let bets = 0;
    for (let left = batches; left > 0; left--) {
      recorder.answered(this.#due[this.#oldest] as number, this.#nowMs);
      this.#oldest = (this.#oldest + 1) % this.#due.length;
      this.#lastBets = this.#frames.betsAt(this.#answeredSlot);
      if (this.#lastBets > this.#largestBets) this.#largestBets = this.#lastBets;
      bets += this.#lastBets;
      this.#answered++;
      this.#answeredSlot = this.#frames.after(this.#answeredSlot, this.#answered);
    }
    this.#unanswered -= batches;
    this.#bets += bets;
    recorder.batches += batches;
    recorder.bets += bets;
    recorder.lastAnswerMs = this.#nowMs;
    if (this.#parts.connectionPerMessage) this.#hangUp();
    this.pump(this.#nowMs);
    if (this.#unanswered === 0) this.#checkQuiet();
  }

  heard(answer: Answer): void {
    this.#recorder.lastHeardMs = this.#parts.clock.nowMs();
    if (this.#unanswered > 0) {
      if (answer.kind === "refused") this.#refuse(answer.reason);
      else this.#fail("reason" in answer ? answer.reason : `it answers ${answer.kind} to a batch`);
      return;
    }
    const waiter = this.#waiter;
    this.#waiter = undefined;
    if (waiter !== undefined) waiter.resolve(answer);
    else if ("reason" in answer) this.#fail(answer.reason);
    else if (this.#finishing) this.#unasked.push(answer);
    else this.#fail("it answers more than was sent");
  }

  /** Says that all was sent, and waits for the draw. @returns how many winners. @throws BenchError */
  async finish(sent: Sent): Promise<number> {
    this.#finishing = true;
    const talk: Talk = {
      ask: async (message) => {
        const answer = await this.#await(() => {
          if (this.#wire === undefined) this.#open();
          this.#write(message);
        });
        if (this.#parts.connectionPerMessage) this.#hangUp();
        return answer;
      },
      next: () => {
        const early = this.#unasked.shift();
        return early === undefined ? this.#await(() => undefined) : Promise.resolve(early);
      },
      pause: (delayMs) => new Promise((resolve) => void this.#parts.clock.after(delayMs, resolve)),
    };
    const winners = await this.#conversation.finish(talk, sent);
    // Some centrals end the connection behind the winners: that is no error.
    this.close();
    return winners;
  }

  /**
   * Ends it if an answer is owed, and counts what will have none: also what was due before the pace was
   * stopped and had no room to leave.
   *
   * @param dueBeforeMs batches that were due later than this may still be answered
   */
  giveUp(reason: string, dueBeforeMs: number = Number.POSITIVE_INFINITY): void {
    if (this.#over) return;
    if (this.#unanswered > 0) {
      if ((this.#due[this.#oldest] as number) >= dueBeforeMs) return;
      if (!this.failed) this.#missOverdue();
    } else if (this.#waiter === undefined) return;
    this.#fail(reason);
  }

  /** Ends it, whatever is on its way; nobody is told, but who still waits for an answer. */
  close(reason: string = GONE): void {
    this.#over = true;
    this.#hangUp();
    const waiter = this.#waiter;
    this.#waiter = undefined;
    waiter?.reject(new BenchError("LOAD_FAILED", reason));
  }

  #open(): void {
    this.#conversation.restart?.();
    let opened = false;
    const wire = this.#parts.openWire({
      opened: () => {
        opened = true;
        if (this.#wire !== wire || this.#parts.connectionPerMessage) return;
        const { greeting, welcomed = false } = this.#conversation;
        if (greeting !== undefined && greeting.length > 0) this.#write(greeting);
        if (!welcomed) this.heard({ kind: "noted" });
      },
      received: (bytes, length) => {
        if (this.#wire !== wire) return;
        this.#nowMs = this.#parts.clock.nowMs();
        this.#recorder.bytesIn += length;
        this.#conversation.read(bytes, length, this);
      },
      closed: (error) => {
        if (this.#wire !== wire) return;
        const how = error === undefined ? "" : `: ${error.message}`;
        this.#fail(opened ? `the central has ended the connection${how}` : `cannot connect${how}`);
      },
    });
    this.#wire = wire;
  }

  #hangUp(): void {
    const wire = this.#wire;
    this.#wire = undefined;
    wire?.close();
  }

  #write(bytes: Uint8Array): void {
    this.#recorder.bytesOut += bytes.length;
    this.#wire?.write(bytes);
  }

  /** Writes the next batches, those that lie side by side at once. */
  #send(batches: number): void {
    if (this.#wire === undefined) this.#open();
    for (let left = batches; left > 0; ) {
      const from = this.#nextSlot;
      let to = from;
      for (;;) {
        this.#number(to);
        left--;
        this.#begun++;
        this.#nextSlot = this.#frames.after(to, this.#begun);
        if (left === 0 || this.#nextSlot !== to + 1) break;
        to++;
      }
      this.#write(this.#frames.view(from, to));
    }
  }

  /** Gives the batch its number, in place: nothing else holds these bytes while they are unanswered. */
  #number(slot: number): void {
    const { sequenceAt } = this.#parts;
    if (sequenceAt !== undefined) this.#frames.number(slot, sequenceAt, ++this.#lastSequence);
  }

  /** Does something, and waits for the first answer to it. */
  #await(doIt: () => void): Promise<Answer> {
    if (this.#over) return Promise.reject(new BenchError("LOAD_FAILED", GONE));
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
      doIt();
    });
  }

  #checkQuiet(): void {
    if (this.#quiet || this.#unanswered > 0) return;
    const { pace, index, onQuiet } = this.#parts;
    const more = !this.failed && this.#begun < this.#frames.batches;
    if (more && pace.dueMs(index, this.#begun, this.#nowMs) < Number.POSITIVE_INFINITY) return;
    this.#quiet = true;
    onQuiet();
  }

  /** What was due before the pace was stopped, and had no room to leave. */
  #missOverdue(): void {
    const { pace, index, clock } = this.#parts;
    const nowMs = clock.nowMs();
    const overdue = pace.overdue?.(index, this.#begun) ?? 0;
    const end = Math.min(this.#begun + overdue, this.#frames.batches);
    for (; this.#begun < end; this.#begun++) {
      this.#recorder.missed(pace.dueMs(index, this.#begun, nowMs), nowMs);
    }
  }

  #refuse(reason: string): void {
    this.#recorder.refuse(reason);
    this.#refused = true;
    this.#oldest = (this.#oldest + 1) % this.#due.length;
    this.#unanswered--;
    if (this.#unanswered === 0) this.#hangUp();
    this.#checkQuiet();
  }

  #fail(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#hangUp();
    const nowMs = this.#parts.clock.nowMs();
    for (; this.#unanswered > 0; this.#unanswered--) {
      this.#recorder.missed(this.#due[this.#oldest] as number, nowMs);
      this.#oldest = (this.#oldest + 1) % this.#due.length;
    }
    const waiter = this.#waiter;
    this.#waiter = undefined;
    if (waiter === undefined) this.#recorder.fail(reason);
    else waiter.reject(new BenchError("LOAD_FAILED", reason));
    this.#checkQuiet();
  }
}

const GONE = "The connection is gone";

interface Waiter {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: BenchError) => void;
}
