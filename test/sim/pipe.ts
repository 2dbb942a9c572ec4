import { crc32 } from "node:zlib";
import type { SimSocket } from "./sim-socket.ts";
import type { World } from "./world.ts";

/** Bytes that the systems take from a sender before it has to wait. */
const BUFFER_BYTES = 4096;

export interface PipeShape {
  readonly latencyMs: number;
  /** How arriving bytes are cut into pieces. */
  readonly cut: "as sent" | "merged" | "pieces" | "crumbs";
}

interface Parcel {
  readonly bytes: Uint8Array;
  readonly arrivesMs: number;
}

/** One direction of a connection: bytes arrive in order, in pieces, at some time. */
export class Pipe {
  readonly #world: World;
  readonly #from: SimSocket;
  readonly #to: SimSocket;
  readonly #shape: PipeShape;
  readonly #onReceived: ((bytes: Uint8Array) => void) | undefined;
  #parcels: Parcel[] = [];
  #bytes = 0;
  #lastArrivalMs = 0;
  #stalledUntilMs = 0;
  #endMs: number | undefined;
  #ended = false;
  #swallows = false;
  #wanted = false;
  #cancelDelivery: (() => void) | undefined;
  /** The sender waits until there is room. */
  #onRoom: (() => void) | undefined;

  constructor(
    world: World,
    from: SimSocket,
    to: SimSocket,
    shape: PipeShape,
    onReceived?: (bytes: Uint8Array) => void,
  ) {
    this.#world = world;
    this.#from = from;
    this.#to = to;
    this.#shape = shape;
    this.#onReceived = onReceived;
  }

  /** Whether the end has arrived. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether bytes are on their way. */
  get carries(): boolean {
    return this.#parcels.length > 0 && !this.#swallows && !this.#to.gone;
  }

  /** Whether bytes have arrived that the receiver has not taken. */
  get waiting(): boolean {
    const [first] = this.#parcels;
    return first !== undefined && first.arrivesMs <= this.#world.nowMs;
  }

  /** @param taken called when the systems have taken the bytes */
  send(bytes: Uint8Array, taken: () => void): void {
    this.#world.note(this.#from.name, `sends ${gist(bytes)}`);
    this.#parcels.push({ bytes, arrivesMs: this.#arrivalMs() });
    this.#bytes += bytes.length;
    this.#onRoom = taken;
    this.#tellRoom();
    this.#pump();
  }

  sendEnd(): void {
    this.#endMs ??= this.#arrivalMs();
    this.#pump();
  }

  /** The receiver takes bytes. */
  want(): void {
    this.#wanted = true;
    this.#pump();
  }

  /** The receiver takes nothing for the moment. */
  unwant(): void {
    this.#wanted = false;
  }

  stall(untilMs: number): void {
    this.#stalledUntilMs = Math.max(this.#stalledUntilMs, untilMs);
  }

  /** Changes the time at which a stall ends. */
  unstall(atMs: number): void {
    this.#stalledUntilMs = Math.min(this.#stalledUntilMs, atMs);
    this.#cancelDelivery?.();
    this.#cancelDelivery = undefined;
    this.#pump();
  }

  /** Drops the bytes on their way. */
  drop(): void {
    this.#parcels = [];
    this.#bytes = 0;
  }

  /** From now on all bytes are lost, and the sender does not notice. */
  swallow(): void {
    this.#swallows = true;
  }

  /** The receiver is gone: its system answers bytes that come. */
  receiverGone(): void {
    this.#cancelDelivery?.();
    this.#cancelDelivery = undefined;
    if (this.#parcels.length > 0) this.#pump();
  }

  #arrivalMs(): number {
    const { chance, nowMs } = this.#world;
    const { latencyMs } = this.#shape;
    const arrivesMs = nowMs + latencyMs * chance.between(0.8, chance.hits(0.02) ? 20 : 1.3);
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, arrivesMs);
    return this.#lastArrivalMs;
  }

  #tellRoom(): void {
    const taken = this.#onRoom;
    if (taken === undefined || this.#bytes > BUFFER_BYTES) return;
    this.#onRoom = undefined;
    this.#from.life.soon(`${this.#from.name} has room`, taken);
  }

  #pump(): void {
    if (this.#cancelDelivery !== undefined || this.#swallows) return;
    const gone = this.#to.gone;
    const nextMs = this.#parcels[0]?.arrivesMs ?? this.#endMs;
    if (nextMs === undefined || this.#ended || (!this.#wanted && !gone)) return;
    const { nowMs } = this.#world;
    const delayMs = Math.max(nextMs, this.#stalledUntilMs) - nowMs;
    // A process that has ended or is paused takes nothing, but its system does.
    const life = gone ? undefined : this.#to.life;
    this.#cancelDelivery = this.#world.schedule(life, delayMs, `${this.#to.name} delivery`, () => {
      this.#cancelDelivery = undefined;
      this.#deliver();
    });
  }

  #deliver(): void {
    const { nowMs } = this.#world;
    if (this.#swallows) return;
    if (nowMs < this.#stalledUntilMs || (!this.#wanted && !this.#to.gone)) return this.#pump();
    const [first] = this.#parcels;
    if (this.#to.gone) {
      const answered = first !== undefined;
      this.drop();
      if (answered && !this.#from.gone) this.#to.answerReset();
      return;
    }
    if (first !== undefined) {
      this.#handOver(this.#takePiece(first));
    } else if (this.#endMs !== undefined) {
      this.#ended = true;
      this.#to.push(null);
      return;
    }
    this.#tellRoom();
    this.#pump();
  }

  #takePiece(first: Parcel): Uint8Array {
    const { chance, nowMs } = this.#world;
    const { cut } = this.#shape;
    if (cut === "as sent") {
      this.#parcels.shift();
      return first.bytes;
    }
    const arrived = this.#parcels.filter(({ arrivesMs }) => arrivesMs <= nowMs);
    this.#parcels.splice(0, arrived.length);
    const all = Buffer.concat(arrived.map(({ bytes }) => bytes));
    if (cut === "merged") return all;
    const most = cut === "crumbs" ? 3 : all.length;
    const size = Math.min(all.length, chance.whole(1, most));
    if (size < all.length) {
      const rest = { bytes: all.subarray(size), arrivesMs: nowMs + chance.spread(0.01, 0.5) };
      this.#parcels.unshift(rest);
      this.#lastArrivalMs = Math.max(this.#lastArrivalMs, rest.arrivesMs);
    }
    return all.subarray(0, size);
  }

  #handOver(bytes: Uint8Array): void {
    this.#bytes -= bytes.length;
    this.#world.note(this.#to.name, `gets ${gist(bytes)}`);
    this.#onReceived?.(bytes);
    this.#wanted = this.#to.receive(bytes);
  }
}

/** For the trace: bytes by their length and checksum. */
function gist(bytes: Uint8Array): string {
  return `${bytes.length}#${crc32(bytes).toString(16)}`;
}
