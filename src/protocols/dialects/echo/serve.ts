import type { Decoded, SteppedDecoder } from "../../codec.ts";
import type { Conversation, Peer } from "../../conversation.ts";
import type { ServeContext } from "../../dialect.ts";
import { ProtocolError } from "../../protocol-error.ts";
import { messageText } from "./message.ts";

/** Sends one line back unchanged, then ends the connection: docs/protocols/echo.md. */
export function serveEcho({ peer, limits }: ServeContext): Conversation<Buffer> {
  return new EchoConversation(peer, limits.frameBytesMax);
}

class EchoConversation implements Conversation<Buffer> {
  readonly decoder: LineDecoder;
  readonly occupied = false;
  readonly #peer: Peer;
  #over = false;

  constructor(peer: Peer, lineBytesMax: number) {
    this.#peer = peer;
    this.decoder = new LineDecoder(lineBytesMax);
  }

  get waitsFor(): "message" | "central" {
    return this.#over ? "central" : "message";
  }

  take(line: Buffer): void {
    if (this.#over) return;
    this.#peer.report({ kind: "message-echoed", text: messageText(line) });
    this.#peer.send(line);
    this.#end();
  }

  /** Ends without an answer: the exercise has no message for an error. */
  violated({ code, message }: ProtocolError): void {
    if (this.#over) return;
    this.#peer.report({ kind: "protocol-violated", code, error: message });
    this.#end();
  }

  /** The end of the connection may end a line. */
  ended(): void {
    if (this.decoder.midFrame) this.take(this.decoder.rest());
    else if (!this.#over) this.#end();
  }

  stopping(): void {
    this.closed();
  }

  closed(): void {
    this.#over = true;
  }

  #end(): void {
    this.closed();
    this.#peer.end();
  }
}

const LF = 0x0a;
const NOTHING = Buffer.alloc(0);

/** Decodes one line, which ends with LF or with the connection. Bytes after it are ignored. */
export class LineDecoder implements SteppedDecoder<Buffer> {
  readonly #bytesMax: number;
  #chunk: Uint8Array = NOTHING;
  /** Copies of the line's bytes so far, within the limit. */
  #parts: Buffer[] = [];
  #bytes = 0;
  #over = false;

  /** @param bytesMax the most bytes of the line, with its LF */
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

  /** Gives the line as far as it has come. Nothing is decoded any more. */
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
