import type { Conversation, Peer } from "../../src/protocols/conversation.ts";
import type { Admitter, Counter, Purpose } from "../../src/protocols/counter.ts";
import type { Dialect, ServeContext } from "../../src/protocols/dialect.ts";
import { type FrameCodec, FrameDecoder } from "../../src/protocols/kit/frame-decoder.ts";
import { expectFrameBytes, UNKNOWN } from "../../src/protocols/kit/frame-reader.ts";
import type { ProtocolError } from "../../src/protocols/protocol-error.ts";
import type { Winners } from "../../src/store/bet-store.ts";
import { documentsOf } from "../support/documents.ts";

const MAGIC = "LINES\n";

/**
 * A dialect for tests of the central: commands and answers are lines of text.
 *
 * ```
 * LINES                                     first of all
 * HELLO <agency> <draw, or - for any>       WELCOME <agency> <next> <state> | REFUSED <kind>
 * BATCH <agency> <sequence> <count> <bytes> and so many bytes: SETTLED <sequence> <kind>
 * BET <agency> <sequence> <bytes>           the same, a single bet
 * DONE <agency>                             DONE <kind>, later DRAWN <documents>
 * ASK <agency>                              RESULTS <documents> | NOTYET
 * PING <text>                               PONG <text>
 * FLOOD <bytes> <times>                     so many bytes, so many times, whether they are read or not
 * PACED <bytes> <times>                     the same, each part after the one before has left
 * BYE                                       the central ends the connection
 * BOOM                                      the dialect has a bug
 * ```
 */
export const linesDialect: Dialect = {
  name: "lines",
  recognise(head) {
    const text = Buffer.from(head).toString("latin1");
    if (text.startsWith(MAGIC)) return "yes";
    return MAGIC.startsWith(text) ? "more" : "no";
  },
  serve: (context) => new LinesConversation(context),
};

interface Command {
  readonly words: readonly string[];
  readonly payload: Uint8Array;
}

const LF = 0x0a;

/** A line; after the lines of batches and bets come so many bytes. */
function linesCodec(frameBytesMax: number): FrameCodec<Command> {
  return {
    measure(bytes, at, available) {
      const end = bytes.subarray(at, at + available).indexOf(LF);
      const line = bytes.toString("utf8", at, at + Math.max(end, 0));
      const payload = /^(BATCH|BET) /.test(line) ? Number(line.split(" ").at(-1)) : 0;
      expectFrameBytes(end < 0 ? available : end + 1 + payload, frameBytesMax);
      return end < 0 ? UNKNOWN : end + 1 + payload;
    },
    parse(frame) {
      const end = frame.indexOf(LF);
      const line = frame.toString("utf8", 0, end);
      if (line === "LINES") return undefined;
      return { words: line.split(" "), payload: frame.subarray(end + 1) };
    },
  };
}

class LinesDecoder extends FrameDecoder<Command> {
  received = 0;

  override feed(chunk: Uint8Array): void {
    this.received += chunk.length;
    super.feed(chunk);
  }
}

class LinesConversation implements Conversation<Command> {
  readonly decoder: LinesDecoder;
  readonly occupied = false;
  readonly #peer: Peer;
  readonly #admitter: Admitter;
  readonly #gone = new AbortController();
  #pending = 0;

  constructor({ peer, admitter, limits }: ServeContext) {
    this.#peer = peer;
    this.#admitter = admitter;
    this.decoder = new LinesDecoder(linesCodec(limits.frameBytesMax));
  }

  get waitsFor(): "message" | "central" {
    return this.#pending > 0 ? "central" : "message";
  }

  take({ words, payload }: Command): void {
    this.#obey([...words], payload);
  }

  violated({ code }: ProtocolError): void {
    this.#say(`ERROR ${code}`);
    this.#peer.end();
  }

  /** For tests that have to know how far the central has read. */
  quiet(): void {
    const { received } = this.decoder;
    this.#note("received", "success", { received });
  }

  ended(truncated: ProtocolError | undefined): void {
    const whole = truncated === undefined;
    this.#note("ended", "success", { whole });
  }

  stopping(): void {
    this.#say("STOPPING");
  }

  closed(): void {
    this.#gone.abort(new Error("The connection is gone"));
    this.#note("released", "success");
  }

  #obey([verb = "", ...args]: string[], payload: Uint8Array): void {
    const [first = "", second = "", third = ""] = args;
    const agency = Number(first);
    switch (verb) {
      case "HELLO":
        return this.#wait(this.#hello(agency, second === "-" ? "" : second));
      case "BATCH":
        return this.#submit(agency, Number(second), Number(third), payload, false);
      case "BET":
        return this.#submit(agency, Number(second), 1, payload, true);
      case "DONE":
        return this.#wait(this.#done(agency));
      case "ASK":
        return this.#wait(this.#ask(agency));
      case "PING":
        return this.#say(`PONG ${args.join(" ")}`);
      case "FLOOD":
        return this.#flood(Buffer.alloc(agency, "x"), Number(second), (next) => setImmediate(next));
      case "PACED":
        return this.#flood(Buffer.alloc(agency, "x"), Number(second), (next) =>
          this.#peer.whenDrained(next),
        );
      case "BYE":
        return this.#peer.end();
      default:
        throw new RangeError(`Cannot obey ${verb}`);
    }
  }

  #admit(agency: number, wants: Purpose, draw = ""): Counter | undefined {
    const counter = this.#admitter.admit({ draw, agency, wants });
    if (counter.kind === "counter") return counter;
    this.#say(`REFUSED ${counter.kind}`);
    return undefined;
  }

  async #hello(agency: number, draw: string): Promise<void> {
    const counter = this.#admit(agency, "attend", draw);
    if (counter === undefined) return;
    const { state } = await counter.draw();
    const { nextSequence } = await counter.standing();
    if (this.#gone.signal.aborted) return;
    counter.hold(() => {
      this.#say("FENCED");
      this.#peer.end();
    });
    this.#say(`WELCOME ${agency} ${nextSequence} ${state}`);
  }

  #submit(
    agency: number,
    sequence: number,
    count: number,
    lines: Uint8Array,
    single: boolean,
  ): void {
    const counter = this.#admit(agency, { bets: count });
    if (counter === undefined) return;
    this.#pending++;
    counter.submit({ sequence, count, lines, single }, ({ kind }) => {
      this.#pending--;
      this.#say(`SETTLED ${sequence} ${kind}`);
    });
  }

  async #done(agency: number): Promise<void> {
    const counter = this.#admit(agency, "register_done");
    if (counter === undefined) return;
    const { kind } = await counter.done();
    this.#say(`DONE ${kind}`);
    if (kind !== "done") return;
    const { winners } = await counter.results(this.#gone.signal);
    this.#say(`DRAWN ${await documents(winners)}`);
  }

  async #ask(agency: number): Promise<void> {
    const counter = this.#admit(agency, "query_winners");
    if (counter === undefined) return;
    const results = await counter.resultsNow();
    this.#say(results === undefined ? "NOTYET" : `RESULTS ${await documents(results.winners)}`);
  }

  #flood(part: Uint8Array, times: number, then: (next: () => void) => void): void {
    if (times === 0) return this.#say("FLOODED");
    this.#peer.send(part);
    then(() => this.#flood(part, times - 1, then));
  }

  #wait(work: Promise<void>): void {
    this.#pending++;
    work.then(
      () => this.#pending--,
      (error: Error) => {
        this.#pending--;
        this.#note("gave_up", "fail", { error: error.message });
      },
    );
  }

  /** For tests that have to know what the conversation was told. */
  #note(
    action: string,
    result: "success" | "fail",
    details: Readonly<Record<string, string | number | boolean>> = {},
  ): void {
    this.#peer.report({ kind: "peer-noted", level: "debug", action, result, details });
  }

  #say(line: string): void {
    this.#peer.send(Buffer.from(`${line}\n`));
  }
}

async function documents(winners: Winners): Promise<string> {
  return (await documentsOf(winners))?.join(",") ?? "";
}
