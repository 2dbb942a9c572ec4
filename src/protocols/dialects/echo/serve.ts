import type { Awaiting, Conversation, Peer } from "../../conversation.ts";
import type { ServeContext } from "../../dialect.ts";
import { messageText } from "./message.ts";

const LF = 0x0a;

/** One line, answered unchanged, then the end: docs/protocols/echo.md. */
export function serveEcho({ peer, limits }: ServeContext): Conversation {
  return new EchoConversation(peer, limits.frameBytesMax);
}

class EchoConversation implements Conversation {
  readonly #peer: Peer;
  readonly #lineBytesMax: number;
  /** What has come of the line, in chunks of its own: no more bytes than the limit. */
  #chunks: Buffer[] = [];
  #bytes = 0;
  #over = false;

  constructor(peer: Peer, lineBytesMax: number) {
    this.#peer = peer;
    this.#lineBytesMax = lineBytesMax;
  }

  get awaiting(): Awaiting {
    return this.#over ? "central" : "greeting";
  }

  *receive(chunk: Uint8Array): Generator<void, void> {
    if (this.#over) return;
    const lf = chunk.indexOf(LF);
    const part = lf < 0 ? chunk : chunk.subarray(0, lf + 1);
    this.#bytes += part.length;
    if (this.#bytes > this.#lineBytesMax) {
      this.#refuse();
      return;
    }
    this.#chunks.push(Buffer.from(part));
    if (lf < 0) return;
    this.#answer();
    yield;
  }

  ended(): void {
    if (this.#over) return;
    if (this.#bytes > 0) this.#answer();
    else this.#end();
  }

  stopping(): void {
    this.closed();
  }

  closed(): void {
    this.#over = true;
    this.#chunks = [];
  }

  #answer(): void {
    const line = Buffer.concat(this.#chunks);
    this.#peer.log("info", {
      action: "receive_message",
      result: "success",
      msg: messageText(line),
    });
    this.#peer.send(line);
    this.#end();
  }

  /** The exercise has no word for an error. */
  #refuse(): void {
    this.#peer.log("warning", {
      action: "protocol_violation",
      result: "fail",
      dialect: "echo",
      code: "FRAME_TOO_LARGE",
      error: `Cannot echo line: it has more than ${this.#lineBytesMax} bytes`,
    });
    this.#end();
  }

  #end(): void {
    this.closed();
    this.#peer.end();
  }
}
