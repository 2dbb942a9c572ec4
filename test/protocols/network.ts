import { once } from "node:events";
import { type Duplex, duplexPair } from "node:stream";
import { setImmediate } from "node:timers/promises";
import {
  type AgencyDialer,
  type AgencyLink,
  type Connect,
  LinkError,
} from "../../src/protocols/agency-link.ts";
import type { Door } from "../../src/central/admitter.ts";
import type { Dialect } from "../../src/protocols/dialect.ts";
import type { StartTimer } from "../../src/protocols/timers.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { pieces } from "./cuts.ts";
import { dialContext } from "./dial-context.ts";
import { turn } from "./scripted-desk.ts";
import { serveStream } from "./stream-peer.ts";

/** What both sides wrote on one connection, write by write. */
export interface Conversed {
  readonly fromAgency: readonly Buffer[];
  readonly fromCentral: readonly Buffer[];
}

export interface NetworkOptions {
  /** Bytes in each piece that comes out of it. */
  readonly pieceBytes?: number;
  /** After so many bytes, in both directions and on all connections, it is gone. */
  readonly bytesMax?: number;
  /** After so many bytes from the central the same. */
  readonly centralBytesMax?: number;
}

/** What comes of what an agency says, in place of being brought to the central. */
export type Interference = Uint8Array | "end" | "break" | "silence";

/** Turns without a byte after which both sides wait for time to pass. */
const QUIET_TURNS = 4;
/** Less than either side waits for: what happens meanwhile happens in between. */
const STEP_MS = 90;
/** More than any side ever waits for in a test. */
const PATIENCE_MS = 10 * 60_000;

/**
 * A central's port in memory that keeps what passes. Both sides live by one clock, which goes on when
 * neither has anything to say.
 */
export class Network {
  readonly clock = new FakeClock();
  /** For dialers. */
  readonly timer: StartTimer = (callback, delayMs) => this.clock.after(delayMs, callback);
  /** In the order in which they were made. */
  readonly conversations: Conversed[] = [];
  /** From now on, whatever an agency says. */
  interference: Interference | undefined;
  readonly #port: Pick<Dialect, "serve">;
  readonly #door: Door;
  readonly #options: NetworkOptions;
  readonly #streams: Duplex[] = [];
  readonly #over = new AbortController();
  #bytesLeft: number;
  #centralBytesLeft: number;
  #moved = 0;

  constructor(port: Pick<Dialect, "serve">, door: Door, options: NetworkOptions = {}) {
    this.#port = port;
    this.#door = door;
    this.#options = options;
    this.#bytesLeft = options.bytesMax ?? Infinity;
    this.#centralBytesLeft = options.centralBytesMax ?? Infinity;
  }

  dial(dialer: AgencyDialer, agency: number): Promise<AgencyLink> {
    return dialer.dial({
      ...dialContext(this.connect, agency, this.#over.signal),
      frameBytesMax: 131_072,
    });
  }

  readonly connect: Connect = () => {
    if (this.#gone) return Promise.reject(new LinkError("CONNECT_FAILED", "gone"));
    const [agency, near] = duplexPair();
    const [far, central] = duplexPair();
    const fromAgency: Buffer[] = [];
    const fromCentral: Buffer[] = [];
    this.conversations.push({ fromAgency, fromCentral });
    this.#streams.push(agency, near, far, central);
    for (const stream of [agency, near, far, central]) stream.on("error", () => undefined);
    serveStream(central, this.#port, this.#door, { clock: this.clock });
    const cut = (): void => [agency, central].forEach((end) => end.destroy());
    this.#relay({ from: near, to: far, kept: fromAgency, says: "agency", cut });
    this.#relay({ from: far, to: near, kept: fromCentral, says: "central", cut });
    return Promise.resolve(agency);
  };

  /** Lets time pass until the work is settled. @param msMax after which it is left as it is */
  async until<Value>(work: Promise<Value>, msMax = Infinity): Promise<void> {
    const state = { settled: false };
    const settle = (): void => {
      state.settled = true;
    };
    work.then(settle, settle);
    let quiet = 0;
    let moved = this.#moved;
    const endMs = this.clock.nowMs() + msMax;
    while (!state.settled && this.clock.nowMs() < endMs) {
      await setImmediate();
      quiet = moved === this.#moved ? quiet + 1 : 0;
      moved = this.#moved;
      if (quiet < QUIET_TURNS) continue;
      quiet = 0;
      this.clock.advance(STEP_MS);
    }
  }

  /** The same, for work that must be settled at last. @throws Error when it is not */
  async play<Value>(work: Promise<Value>): Promise<Value> {
    const over = new Error("Nothing happens any more, and both sides have waited long enough");
    await this.until(work, PATIENCE_MS);
    return Promise.race([work, turn().then(() => Promise.reject(over))]);
  }

  /** Tells the agencies to stop. */
  stop(): void {
    this.#over.abort(new Error("stopped"));
  }

  /** Cuts all connections, and has whatever still waits for an answer fail. */
  async close(): Promise<void> {
    this.stop();
    const open = this.#streams.filter((stream) => !stream.closed);
    const closed = open.map((stream) => once(stream, "close"));
    for (const stream of open) stream.destroy();
    await Promise.all(closed);
  }

  get #gone(): boolean {
    return this.#bytesLeft <= 0 || this.#centralBytesLeft <= 0;
  }

  #relay({ from, to, kept, says, cut }: Relay): void {
    from.on("data", (chunk: Buffer) => {
      this.#moved++;
      kept.push(chunk);
      const { interference } = this;
      if (says === "agency" && interference !== undefined) {
        // Not within the agency's own write: no network is that fast.
        void turn().then(() => this.#interfere(interference, from, cut));
        return;
      }
      for (const piece of pieces(chunk, [this.#options.pieceBytes ?? chunk.length])) {
        if (this.#gone) break;
        to.write(this.#whatPasses(piece, says));
      }
      if (this.#gone) cut();
    });
    from.on("end", () => {
      this.#moved++;
      to.end();
    });
  }

  /** @param back to the agency */
  #interfere(interference: Interference, back: Duplex, cut: () => void): void {
    if (interference === "end") back.end();
    else if (interference === "break") cut();
    else if (interference !== "silence") back.write(interference);
  }

  #whatPasses(piece: Buffer, says: Relay["says"]): Buffer {
    const fromCentral = says === "central";
    const left = Math.min(this.#bytesLeft, fromCentral ? this.#centralBytesLeft : Infinity);
    const passed = piece.subarray(0, left);
    this.#bytesLeft -= passed.length;
    if (fromCentral) this.#centralBytesLeft -= passed.length;
    return passed;
  }
}

interface Relay {
  readonly from: Duplex;
  readonly to: Duplex;
  readonly kept: Buffer[];
  readonly says: "agency" | "central";
  readonly cut: () => void;
}
