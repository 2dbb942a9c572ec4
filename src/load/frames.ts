/** A batch as it is on the wire. */
export interface Frame {
  readonly bytes: Uint8Array;
  readonly bets: number;
}

/** What one connection sends, in which order. */
export interface FramesPlan {
  /** At least one. */
  readonly frames: readonly Frame[];
  /** Batches in all; infinity for as long as the load goes on. */
  readonly batches: number;
  /** The very last batch, where it is another than would be next. */
  readonly last?: Frame | undefined;
}

/**
 * The batches of one connection, encoded before the clock starts, one behind the other in one piece of
 * memory: as many as may leave at the same time do so in one write.
 *
 * They are sent over and over. The first one is not: a batch that equals an agency's first one, at the
 * beginning of a connection, is what a central takes for a run that begins again (docs/replays.md).
 */
export class Frames {
  readonly bytes: Buffer;
  readonly batches: number;
  /** The same bytes: what writes to them through this is compiled to a store, through `bytes` to a call. */
  readonly #numbers: DataView;
  readonly #starts: number[] = [];
  readonly #bets: number[] = [];
  readonly #views: Buffer[] = [];
  readonly #slots: number;
  readonly #first: number;
  readonly #hasLast: boolean;

  constructor({ frames, batches, last }: FramesPlan) {
    const all = last === undefined ? frames : [...frames, last];
    this.bytes = Buffer.concat(all.map(({ bytes }) => bytes));
    this.#numbers = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
    this.batches = batches;
    this.#slots = frames.length;
    this.#first = firstAgain(frames.length);
    this.#hasLast = last !== undefined;
    let at = 0;
    for (const { bytes, bets } of all) {
      this.#starts.push(at);
      this.#bets.push(bets);
      this.#views.push(this.bytes.subarray(at, at + bytes.length));
      at += bytes.length;
    }
    this.#starts.push(at);
  }

  /** Different batches that are held. */
  get slots(): number {
    return this.#slots;
  }

  /** Bytes of the largest batch. */
  get bytesMost(): number {
    return this.#views.reduce((most, { length }) => Math.max(most, length), 0);
  }

  /** Where the batch after the one at `slot` is. @param index of that next batch, from 0 */
  after(slot: number, index: number): number {
    if (this.#hasLast && index === this.batches - 1) return this.#slots;
    return slot + 1 < this.#slots ? slot + 1 : this.#first;
  }

  /** Where the very first batch is. */
  get start(): number {
    return this.#hasLast && this.batches === 1 ? this.#slots : 0;
  }

  betsAt(slot: number): number {
    return this.#bets[slot] as number;
  }

  /** Gives the batch a number, of eight bytes at `at`; those of one connection only ever grow. */
  number(slot: number, at: number, sequence: number): void {
    const from = (this.#starts[slot] as number) + at;
    // Zeros are there from the beginning.
    if (sequence > 0xffff_ffff) {
      this.#numbers.setUint32(from, Math.floor(sequence / 0x1_0000_0000));
    }
    this.#numbers.setUint32(from + 4, sequence >>> 0);
  }

  /** The bytes of the batches from one slot to another, both included, which lie side by side. */
  view(from: number, to: number): Buffer {
    if (from === to) return this.#views[from] as Buffer;
    return this.bytes.subarray(this.#starts[from], this.#starts[to + 1]);
  }
}

/** Where frames begin anew. @param slots how many there are */
export function firstAgain(slots: number): number {
  return slots > 1 ? 1 : 0;
}
