import { type Duplex, duplexPair } from "node:stream";
import type { Version } from "../../../../src/protocols/dialects/colon-lines/encode.ts";
import { createColonLinesDialer } from "../../../../src/protocols/dialects/colon-lines/dial.ts";
import type { AgencyLink, DialContext } from "../../../../src/protocols/agency-link.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { turn } from "../../scripted-desk.ts";
import { AGENCY } from "../../plain-bets.ts";

export const ANSWER_TIMEOUT_MS = 5000;

/** The other end of what an agency dials: hears bytes, and says what the test tells it to. */
export class CentralStage {
  readonly clock = new FakeClock();
  readonly abort = new AbortController();
  /** The central's side of every connection, in their order. */
  readonly sides: Duplex[] = [];
  /** What has come on each connection. */
  readonly heard: string[] = [];
  /** How many connections the agency has ended. */
  ended = 0;
  /** Refuses connections. */
  absent = false;

  get context(): DialContext {
    return {
      agency: AGENCY,
      draw: "",
      connect: async () => this.#connect(),
      answerTimeoutMs: ANSWER_TIMEOUT_MS,
      frameBytesMax: 8192,
      signal: this.abort.signal,
    };
  }

  dial(version: Version, context: Partial<DialContext> = {}): Promise<AgencyLink> {
    const dialer = createColonLinesDialer(version, (callback, delayMs) =>
      this.clock.after(delayMs, callback),
    );
    return dialer.dial({ ...this.context, ...context });
  }

  /** Waits for what moves, then says something on the newest connection. */
  async say(...pieces: readonly string[]): Promise<void> {
    await this.settled();
    for (const piece of pieces) {
      this.sides.at(-1)?.write(piece);
      await turn();
    }
    await this.settled();
  }

  /** Ends the newest connection. */
  async end(): Promise<void> {
    await this.settled();
    this.sides.at(-1)?.end();
    await this.settled();
  }

  async settled(): Promise<void> {
    for (let turns = 0; turns < 4; turns++) await turn();
  }

  #connect(): Duplex {
    if (this.absent) throw new Error("nobody listens");
    const [ours, theirs] = duplexPair();
    const index = this.sides.push(theirs) - 1;
    this.heard.push("");
    theirs.on("data", (chunk: Buffer) => {
      this.heard[index] += chunk.toString();
    });
    theirs.on("end", () => this.ended++);
    return ours;
  }
}
