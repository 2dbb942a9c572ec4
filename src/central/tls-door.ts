import type { Clock } from "../clock.ts";
import type { Feed } from "../events/feed.ts";
import type { Identity } from "../identity/load-identity.ts";
import type { Dialect } from "../protocols/dialect.ts";
import { describeError } from "./central-error.ts";
import { Guard } from "./guard.ts";
import { Handshakes } from "./handshakes.ts";
import { type Listen, openPort } from "./listener.ts";

/** By what a central judges who its peers are. */
export interface CentralIdentity {
  /** As it is at the start. */
  readonly loaded: Identity;
  /** Reads the files again, all of them or none. @throws what is wrong with them */
  readonly load: () => Promise<Identity>;
  /** The most handshakes that may be under way [1,024]. */
  readonly handshakesMax?: number;
}

export interface TlsDoorOptions {
  readonly identity: CentralIdentity;
  readonly dialects: readonly Dialect[];
  readonly events: Feed;
  readonly clock: Clock;
}

/** The way into a central whose peers prove who they are, and the reload of what that is judged by. */
export class TlsDoor {
  readonly #options: TlsDoorOptions;
  readonly #guard: Guard;
  #handshakes: Handshakes | undefined;
  /** The last reload that was asked for: they do not overlap. */
  #reloading: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: TlsDoorOptions) {
    const { identity, events, clock } = options;
    this.#options = options;
    this.#guard = new Guard(identity.loaded, clock, events);
    const { size: agencies } = identity.loaded.directory;
    events.publish({ kind: "identity-loaded", again: false, agencies, ended: 0 });
  }

  readonly listen: Listen = async (listening) => {
    const { dialects, clock, identity } = this.#options;
    const { config, events, onConnection } = listening;
    const handshakes = new Handshakes({
      guard: this.#guard,
      dialects,
      events,
      clock,
      timeoutMs: config.limits.headerTimeoutMs,
      handshakesMax: identity.handshakesMax,
      onConnection,
    });
    this.#handshakes = handshakes;
    const listener = await openPort(listening, (incoming, address) =>
      handshakes.begin(incoming, address),
    );
    return {
      address: listener.address,
      close: () => {
        listener.close();
        handshakes.close();
      },
    };
  };

  /** Reads the files again, after every reload that was asked for before. @throws what is wrong with them */
  reload(): Promise<void> {
    const reloading = this.#reloading.catch(() => undefined).then(() => this.#reload());
    this.#reloading = reloading;
    return reloading;
  }

  /** Judges nobody any more. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#guard.stop();
    this.#handshakes?.close();
  }

  async #reload(): Promise<void> {
    const { identity, events } = this.#options;
    try {
      const fresh = await identity.load();
      if (this.#closed) return;
      // In one turn: nobody is judged half by the old files and half by the new ones.
      const ended = this.#guard.replace(fresh);
      this.#handshakes?.renew();
      const { size: agencies } = fresh.directory;
      events.publish({ kind: "identity-loaded", again: true, agencies, ended });
    } catch (error) {
      events.publish({ kind: "identity-reload-failed", error: describeError(error) });
      throw error;
    }
  }
}
