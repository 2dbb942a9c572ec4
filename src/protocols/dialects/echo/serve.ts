import type { Conversation, Peer } from "../../conversation.ts";
import type { ServeContext } from "../../dialect.ts";
import type { ProtocolError } from "../../protocol-error.ts";
import { LineDecoder } from "./decode.ts";
import { messageText } from "./message.ts";

/** One line, answered unchanged, then the end: docs/protocols/echo.md. */
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
    this.#peer.log("info", {
      action: "receive_message",
      result: "success",
      msg: messageText(line),
    });
    this.#peer.send(line);
    this.#end();
  }

  /** The exercise has no word for an error. */
  violated({ code, message }: ProtocolError): void {
    if (this.#over) return;
    this.#peer.log("warning", {
      action: "protocol_violation",
      result: "fail",
      dialect: "echo",
      code,
      error: message,
    });
    this.#end();
  }

  /** A line may end with the connection. */
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
