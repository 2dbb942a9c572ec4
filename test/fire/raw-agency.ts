import { createHash } from "node:crypto";
import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { RawBatch } from "./marked-bets.ts";

/** The pause between two attempts to connect to a central that does not listen. */
const RETRY_MS = 10;

const DONE = 0b01;
const GAP = 3;
const STOPPING = 8;

export interface RawAgencyOptions {
  readonly agency: number;
  readonly port: number;
  readonly batches: readonly RawBatch[];
  /** Unanswered batches at a time; never more than the central allows. */
  readonly window: number;
}

/**
 * An agency in this process, written only from docs/protocols/native.md. It knows at every moment
 * what it has sent and received, on all of its connections, and does not trust the central: it
 * fails at a head that is not the one of its own chain, and at a WELCOME that has forgotten
 * acknowledged batches.
 */
export class RawAgency {
  readonly agency: number;
  /** Batches that were put on the wire, once or more often. */
  sent = 0;
  /** The first so many batches were acknowledged. */
  acknowledged = 0;
  doneAcknowledged = false;
  /** The winners, once all of them were received. */
  winners: readonly string[] | undefined;
  seal: string | undefined;
  /** How often it was told to come again later. */
  busy = 0;
  /** Everything that was received, one list for each connection. */
  readonly received: Buffer[][] = [];
  /** Called whenever something was acknowledged or refused. */
  onAnswer: () => void = () => undefined;
  readonly #options: RawAgencyOptions;
  readonly #heads: Buffer[] = [Buffer.alloc(32)];
  #socket: Socket | undefined;
  #stopped = false;
  #mayFinish: () => void = () => undefined;
  readonly #finishing: Promise<void>;

  constructor(options: RawAgencyOptions) {
    this.agency = options.agency;
    this.#options = options;
    for (const [index, batch] of options.batches.entries()) {
      this.#heads.push(headAfter(this.#heads[index] ?? Buffer.alloc(0), index + 1, batch));
    }
    this.#finishing = new Promise((resolve) => {
      this.#mayFinish = resolve;
    });
  }

  get batches(): readonly RawBatch[] {
    return this.#options.batches;
  }

  /** Lets the agency say DONE; it waits for this call. */
  allowDone(): void {
    this.#mayFinish();
  }

  /**
   * Sends everything, says DONE and takes its winners, over as many connections as needed.
   * @throws Error if the central sends what it must not
   */
  async run(): Promise<void> {
    while (!this.#stopped && this.winners === undefined) {
      await this.#converse();
      await pause(RETRY_MS);
    }
  }

  /**
   * Resolves when the connection, if there is one, has ended and everything on it has been read.
   */
  async quiet(): Promise<void> {
    if (this.#socket !== undefined) await closed(this.#socket);
  }

  stop(): void {
    this.#stopped = true;
    this.#socket?.destroy();
  }

  /** One connection, to its end. */
  async #converse(): Promise<void> {
    const socket = connect({ port: this.#options.port, host: "127.0.0.1", noDelay: true });
    this.#socket = socket;
    const inbox: Buffer[] = [];
    this.received.push(inbox);
    const talk = new Talk(this, this.#options, this.#heads, socket, this.#finishing);
    let unsound: unknown;
    let rest: Buffer = Buffer.alloc(0);
    socket.on("connect", () => {
      socket.write(Buffer.concat([Buffer.from("QNL1"), hello(this.agency)]));
    });
    // A listener and not an iterator, because bytes that came before a reset must not be lost.
    socket.on("data", (chunk) => {
      inbox.push(chunk);
      rest = Buffer.concat([rest, chunk]);
      try {
        while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
          const end = 4 + rest.readUInt32BE(0);
          talk.take(rest.readUInt8(4), rest.subarray(5, end));
          rest = rest.subarray(end);
        }
      } catch (error) {
        unsound ??= error;
      }
      this.onAnswer();
      if (unsound !== undefined || this.winners !== undefined) socket.destroy();
    });
    socket.on("error", () => undefined);
    await closed(socket);
    this.#socket = undefined;
    if (unsound !== undefined) throw unsound;
  }
}

/** The central has sent what it must not. */
class Unsound extends Error {}

/** One connection's conversation. */
class Talk {
  readonly #agency: RawAgency;
  readonly #options: RawAgencyOptions;
  readonly #heads: readonly Buffer[];
  readonly #socket: Socket;
  readonly #mayFinish: Promise<void>;
  #window = 1;
  #next = 1;
  readonly #unanswered = new Set<number>();
  /** How long to wait when all batches are answered, because one was answered busy. */
  #putOffMs: number | undefined;
  /** Nothing is sent while it waits or says DONE. */
  #finishing = false;
  #winners: string[] = [];

  constructor(
    agency: RawAgency,
    options: RawAgencyOptions,
    heads: readonly Buffer[],
    socket: Socket,
    mayFinish: Promise<void>,
  ) {
    this.#agency = agency;
    this.#options = options;
    this.#heads = heads;
    this.#socket = socket;
    this.#mayFinish = mayFinish;
  }

  take(type: number, body: Buffer): void {
    switch (type) {
      case 0x81:
        this.#welcome(body);
        break;
      case 0x82:
        this.#ack(Number(body.readBigUInt64BE(0)), body.subarray(8, 40), body.readUInt8(40));
        break;
      case 0x83:
        this.#reject(Number(body.readBigUInt64BE(0)), body);
        break;
      case 0x84:
        this.#busy(Number(body.readBigUInt64BE(0)), body.readUInt32BE(8));
        break;
      case 0x85:
        this.#drawn(body);
        break;
      case 0x86:
        this.#error(body);
        break;
      default:
        throw new Unsound(`A message of type ${type}`);
    }
    this.#goOn();
  }

  #welcome(body: Buffer): void {
    const at = 1 + body.readUInt8(0);
    const flags = body.readUInt8(at + 1);
    this.#next = Number(body.readBigUInt64BE(at + 2));
    const head = body.subarray(at + 18, at + 50);
    this.#window = Math.min(this.#options.window, body.readUInt16BE(at + 50));
    const stored = this.#next - 1;
    const agency = this.#agency;
    this.#expect(stored >= agency.acknowledged, `${agency.acknowledged} batches, not ${stored}`);
    this.#expect(stored <= agency.sent, `no more than ${agency.sent} batches, not ${stored}`);
    this.#expectHead(stored, head);
    agency.acknowledged = stored;
    const done = (flags & DONE) !== 0;
    this.#expect(done || !agency.doneAcknowledged, "a central that remembers the DONE");
    agency.doneAcknowledged = done;
    this.#finishing = done;
  }

  #ack(sequence: number, head: Buffer, flags: number): void {
    const agency = this.#agency;
    this.#expect(sequence >= agency.acknowledged && sequence < this.#next, `no ACK ${sequence}`);
    this.#expectHead(sequence, head);
    agency.acknowledged = sequence;
    for (const waiting of this.#unanswered)
      if (waiting <= sequence) this.#unanswered.delete(waiting);
    if ((flags & DONE) !== 0) agency.doneAcknowledged = true;
  }

  #reject(sequence: number, body: Buffer): void {
    const code = body.readUInt8(8);
    this.#expect(code === GAP && this.#putOffMs !== undefined, `no REJECT ${code} of ${sequence}`);
    this.#expect(this.#unanswered.delete(sequence), `no answer to ${sequence}`);
  }

  #busy(sequence: number, retryAfterMs: number): void {
    this.#agency.busy++;
    this.#putOffMs = Math.max(this.#putOffMs ?? 0, retryAfterMs);
    if (sequence > 0) this.#expect(this.#unanswered.delete(sequence), `no answer to ${sequence}`);
    // This was the DONE: the session is over, and the next one says it again.
    else void pause(retryAfterMs).then(() => this.#socket.destroy());
  }

  #drawn(body: Buffer): void {
    const winners = body.readUInt32BE(34);
    this.#expect(this.#agency.doneAcknowledged, "no DRAWN before the DONE is acknowledged");
    this.#expect(body.readUInt32BE(38) === this.#winners.length, "DRAWN without a hole");
    let at = 44;
    for (let count = body.readUInt16BE(42); count > 0; count--) {
      const end = at + 1 + body.readUInt8(at);
      this.#winners.push(body.toString("utf8", at + 1, end));
      at = end;
    }
    if (this.#winners.length < winners) return;
    this.#agency.seal = body.toString("hex", 2, 34);
    this.#agency.winners = this.#winners;
  }

  #error(body: Buffer): void {
    const code = body.readUInt8(0);
    this.#expect(code === STOPPING, `no ERROR ${code}: ${body.toString("utf8", 4)}`);
  }

  /** Sends what may be sent now. */
  #goOn(): void {
    const { batches } = this.#options;
    if (this.#putOffMs !== undefined) {
      if (this.#unanswered.size === 0 && !this.#finishing) void this.#goOnAfter(this.#putOffMs);
      return;
    }
    const frames: Buffer[] = [];
    while (this.#unanswered.size < this.#window && this.#next <= batches.length) {
      const batch = batches[this.#next - 1];
      if (batch === undefined) break;
      frames.push(batchFrame(this.#next, batch));
      this.#unanswered.add(this.#next);
      this.#agency.sent = Math.max(this.#agency.sent, this.#next);
      this.#next++;
    }
    if (frames.length > 0) this.#socket.write(Buffer.concat(frames));
    if (this.#finishing || this.#agency.acknowledged < batches.length) return;
    this.#finishing = true;
    void this.#finish();
  }

  async #goOnAfter(pauseMs: number): Promise<void> {
    this.#finishing = true;
    await pause(pauseMs);
    this.#putOffMs = undefined;
    this.#finishing = false;
    this.#next = this.#agency.acknowledged + 1;
    if (!this.#socket.destroyed) this.#goOn();
  }

  async #finish(): Promise<void> {
    await this.#mayFinish;
    if (!this.#socket.destroyed) this.#socket.write(this.#done());
  }

  #done(): Buffer {
    const { batches } = this.#options;
    const body = Buffer.alloc(48);
    body.writeBigUInt64BE(BigInt(batches.length), 0);
    body.writeBigUInt64BE(BigInt(batches.reduce((sum, { count }) => sum + count, 0)), 8);
    body.set(this.#heads[batches.length] ?? [], 16);
    return frame(0x04, body);
  }

  #expectHead(sequence: number, head: Buffer): void {
    const own = this.#heads[sequence];
    this.#expect(own !== undefined && own.equals(head), `its own head after batch ${sequence}`);
  }

  #expect(good: boolean, what: string): void {
    if (!good) throw new Unsound(`Agency ${this.#agency.agency} expected ${what}`);
  }
}

/** `events.once` would reject if the socket fails. */
async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
}

function headAfter(before: Buffer, sequence: number, { count, lines }: RawBatch): Buffer {
  const numbers = Buffer.alloc(12);
  numbers.writeBigUInt64BE(BigInt(sequence), 0);
  numbers.writeUInt32BE(count, 8);
  const content = createHash("sha256").update(lines).digest();
  return createHash("sha256").update(before).update(numbers).update(content).digest();
}

function hello(agency: number): Buffer {
  const body = Buffer.alloc(7);
  body.writeUInt32BE(agency, 0);
  return frame(0x01, body);
}

function batchFrame(sequence: number, { count, lines }: RawBatch): Buffer {
  const numbers = Buffer.alloc(10);
  numbers.writeBigUInt64BE(BigInt(sequence), 0);
  numbers.writeUInt16BE(count, 8);
  return frame(0x02, Buffer.concat([numbers, lines]));
}

function frame(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(1 + body.length, 0);
  head.writeUInt8(type, 4);
  return Buffer.concat([head, body]);
}
