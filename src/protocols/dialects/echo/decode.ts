import type { Decoded, SteppedDecoder } from "../../codec.ts";
import { ProtocolError } from "../../protocol-error.ts";

const LF = 0x0a;
const NOTHING = Buffer.alloc(0);

/** One line, which ends with LF or with the connection; what follows it is nobody's. */
export class LineDecoder implements SteppedDecoder<Buffer> {
  readonly #bytesMax: number;
  #chunk: Uint8Array = NOTHING;
  /** What has come of the line, in bytes of its own: no more than the limit. */
  #parts: Buffer[] = [];
  #bytes = 0;
  #over = false;

  /** @param bytesMax of the line, its LF counted */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get midFrame(): boolean {
    return this.#bytes > 0 && !this.#over;
  }

  get usedUp(): boolean {
    return this.#chunk.length === 0;
  }

  *push(chunk: Uint8Array): Generator<Decoded<Buffer>, void> {
    this.feed(chunk);
    const decoded = this.next();
    if (decoded !== undefined) yield decoded;
  }

  feed(chunk: Uint8Array): void {
    if (!this.#over) this.#chunk = chunk;
  }

  next(): Decoded<Buffer> | undefined {
    const chunk = this.#chunk;
    this.#chunk = NOTHING;
    const lf = chunk.indexOf(LF);
    const part = lf < 0 ? chunk : chunk.subarray(0, lf + 1);
    this.#bytes += part.length;
    if (this.#bytes > this.#bytesMax) return this.#tooLong();
    if (part.length > 0) this.#parts.push(Buffer.from(part));
    return lf < 0 ? undefined : { kind: "message", message: this.rest() };
  }

  retain(): void {
    this.#chunk = Buffer.from(this.#chunk);
  }

  end(): undefined {}

  /** What has come of the line. Nothing is decoded any more. */
  rest(): Buffer {
    const line = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#over = true;
    return line;
  }

  #tooLong(): Decoded<Buffer> {
    this.rest();
    const message = `Cannot echo line: it has more than ${this.#bytesMax} bytes`;
    return { kind: "violation", error: new ProtocolError("FRAME_TOO_LARGE", message) };
  }
}
