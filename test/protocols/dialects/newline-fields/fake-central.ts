import { type Duplex, duplexPair } from "node:stream";
import type { Connect } from "../../../../src/protocols/agency-link.ts";
import { ASK_AGAIN_MS } from "../../../../src/protocols/dialects/newline-fields/wire.ts";
import { startTimer, type StartTimer } from "../../../../src/protocols/timers.ts";

/** What the central does with a message: says pieces, and ends the connection if it is to. */
export interface Reply {
  readonly says: readonly string[];
  readonly after?: "end" | "break";
}

/** A central that hears messages of newline-fields, and answers each as a test says. */
export class FakeCentral {
  /** The messages of each connection, in order. */
  readonly heard: string[][] = [];
  /** How many writes each connection took. */
  readonly writes: number[] = [];
  readonly #agencySides: Duplex[] = [];
  readonly #reply: (message: string, connection: number) => Reply;

  /** @param reply is given the message, and on which connection it came, from 0 */
  constructor(reply: (message: string, connection: number) => Reply) {
    this.#reply = reply;
  }

  /** Connections that the agency has not let go of. */
  get open(): number {
    return this.#agencySides.filter(({ destroyed }) => !destroyed).length;
  }

  readonly connect: Connect = () => {
    const [ours, theirs] = duplexPair();
    this.#agencySides.push(ours);
    this.#serve(theirs, ours);
    return Promise.resolve(ours);
  };

  #serve(stream: Duplex, agencySide: Duplex): void {
    const messages: string[] = [];
    const connection = this.heard.push(messages) - 1;
    this.writes.push(0);
    let text = "";
    stream.on("data", (chunk: Buffer) => {
      this.writes[connection] = (this.writes[connection] ?? 0) + 1;
      text += chunk.toString();
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        const message = text.slice(0, end + 2);
        text = text.slice(end + 2);
        messages.push(message);
        const { says, after } = this.#reply(message, connection);
        for (const piece of says) stream.write(piece);
        if (after === "end") stream.end();
        if (after === "break") agencySide.destroy(new Error("reset"));
      }
    });
    stream.on("end", () => stream.end());
  }
}

/** Node's timers, but without the pause between two questions. */
export const hastyTimer: StartTimer = (callback, delayMs) =>
  startTimer(callback, delayMs === ASK_AGAIN_MS ? 0 : delayMs);
