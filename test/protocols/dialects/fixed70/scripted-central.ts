import { type Duplex, duplexPair } from "node:stream";
import type { AgencyLink, DialContext } from "../../../../src/protocols/agency-link.ts";
import { createFixed70Dialer } from "../../../../src/protocols/dialects/fixed70/dial.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { turn } from "../../scripted-desk.ts";
import { agency } from "./bytes.ts";

/** The other end of what an agency dials: hears bytes, and says what the test tells it to. */
export class ScriptedCentral {
  readonly clock = new FakeClock();
  readonly abort = new AbortController();
  /** The agency's side, and ours. */
  readonly #pair: readonly [Duplex, Duplex] = duplexPair();
  heard: Buffer = Buffer.alloc(0);
  agencyEnded = false;
  /** Turns connections away. */
  absent = false;
  #onHeard: () => void = () => undefined;

  constructor() {
    const [, central] = this.#pair;
    central.on("data", (chunk: Buffer) => {
      this.heard = Buffer.concat([this.heard, chunk]);
      this.#onHeard();
    });
    central.on("end", () => (this.agencyEnded = true));
  }

  dial(
    version: "final" | "ej6" = "final",
    context: Partial<DialContext> = {},
  ): Promise<AgencyLink> {
    const dialer = createFixed70Dialer(version, (callback, delayMs) =>
      this.clock.after(delayMs, callback),
    );
    return dialer.dial({
      agency: agency(1),
      draw: "",
      connect: async () => {
        if (this.absent) throw new Error("nobody listens");
        return this.#pair[0];
      },
      answerTimeoutMs: 5000,
      frameBytesMax: 8192,
      signal: this.abort.signal,
      ...context,
    });
  }

  /** Says something once so many bytes, in all, have been heard. */
  async sayAfter(bytes: number, ...pieces: readonly Uint8Array[]): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#onHeard = () => {
        if (this.heard.length >= bytes) resolve();
      };
      this.#onHeard();
    });
    for (const piece of pieces) {
      this.#pair[1].write(piece);
      await turn();
    }
  }

  end(): void {
    this.#pair[1].end();
  }

  /** The connection breaks. */
  cut(): void {
    this.#pair[0].destroy();
  }
}
