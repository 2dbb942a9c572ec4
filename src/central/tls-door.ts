import type { Clock } from "../clock.ts";
import type { Feed } from "../events/feed.ts";
import type { Identity } from "../identity/load-identity.ts";
import type { Dialect } from "../protocols/dialect.ts";
import { describeError } from "./central-error.ts";
import { Guard } from "./guard.ts";
import { Handshakes } from "./handshakes.ts";
import { type Listen, openPort } from "./listener.ts";
import type { TimeOfDay } from "./watched-clock.ts";

/** How long the files may take to be read: 100,000 agencies take half a minute on a small machine. */
const RELOAD_WITHIN_MS = 180_000;

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
  /** The time by which certificates end. */
  readonly time: () => TimeOfDay;
}

/** The way into a central whose peers prove who they are, and the reload of what that is judged by. */
export class TlsDoor {
  readonly #options: TlsDoorOptions;
  readonly #guard: Guard;
  #handshakes: Handshakes | undefined;
  /** The reload that is under way: they do not overlap. */
  #reloading: Promise<void> | undefined;
  /** The next one, for all who ask meanwhile: what it reads is as new as they want it. */
  #next: Promise<void> | undefined;
  #closed = false;

  constructor(options: TlsDoorOptions) {
    const { identity, events, clock, time } = options;
    this.#options = options;
    this.#guard = new Guard(identity.loaded, clock, time, events);
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

  /** Reads the files as they are now, or as they are a little later. @throws what is wrong with them */
  reload(): Promise<void> {
    if (this.#next !== undefined) return this.#next;
    if (this.#reloading === undefined) return this.#begin();
    this.#next = this.#reloading
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.#begin();
      });
    return this.#next;
  }

  #begin(): Promise<void> {
    const reloading = this.#reload().finally(() => {
      this.#reloading = undefined;
    });
    this.#reloading = reloading;
    return reloading;
  }

  /** Judges nobody any more. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#guard.stop();
    this.#handshakes?.close();
  }

  /** A file that cannot be read to its end, on a disk that is away, must not hold up the reloads after this one. */
  #within<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = this.#options.clock.after(RELOAD_WITHIN_MS, () =>
        reject(new Error(`the files could not be read within ${RELOAD_WITHIN_MS / 1000} s`)),
      );
      void work.then(resolve, reject).finally(cancel);
    });
  }

  async #reload(): Promise<void> {
    const { identity, events } = this.#options;
    try {
      const fresh = await this.#within(identity.load());
      await this.#guard.prepare(fresh);
      if (this.#closed) return;
      // In one turn: nobody is judged half by the old files and half by the new ones. First what may fail.
      this.#handshakes?.renew(fresh);
      const ended = this.#guard.replace(fresh);
      const { size: agencies } = fresh.directory;
      events.publish({ kind: "identity-loaded", again: true, agencies, ended });
    } catch (error) {
      events.publish({ kind: "identity-reload-failed", error: describeError(error) });
      throw error;
    }
  }
}
