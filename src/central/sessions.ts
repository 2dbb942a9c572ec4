import type { Duplex } from "node:stream";
import type { Dialect } from "../protocols/dialect.ts";
import { recogniser } from "../protocols/recognise.ts";
import { allowances, sweepPeriodMs } from "./deadline.ts";
import type { ProvenPeer } from "./proven-peer.ts";
import { Rounds } from "./rounds.ts";
import { Session, type SessionContext } from "./session.ts";
import { WaitingRoom } from "./waiting-room.ts";

export interface SessionsOptions
  extends Pick<SessionContext, "door" | "limits" | "events" | "clock"> {
  /** In the order in which they are asked whether a connection is theirs. */
  readonly dialects: readonly Dialect[];
  /** Told by name in the log, and turned away. */
  readonly disabledDialects: readonly Dialect[];
}

/** All open connections, and what they have in common. */
export class Sessions {
  readonly #context: SessionContext;
  readonly #open = new Set<Session>();
  readonly #stopSweep: () => void;
  #onEmptied: (() => void)[] = [];

  constructor(options: SessionsOptions) {
    const { dialects, disabledDialects, door, limits, events, clock } = options;
    this.#context = {
      door,
      limits,
      events,
      clock,
      rounds: new Rounds(clock),
      waitingRoom: new WaitingRoom(limits),
      recognise: recogniser(dialects, disabledDialects),
      allowances: allowances(limits),
      onClosed: (session) => this.#remove(session),
    };
    this.#stopSweep = clock.every(sweepPeriodMs(limits), () => this.#sweep());
  }

  get size(): number {
    return this.#open.size;
  }

  /**
   * @param address the peer's, as the log shows it
   * @param proven what the peer has proven [every peer is believed]
   */
  open(connection: Duplex, address: string, proven?: ProvenPeer): void {
    this.#open.add(new Session(connection, address, this.#context, proven));
  }

  /** Receives nothing more from anybody, and stops looking at deadlines: the end is near. */
  freeze(): void {
    this.#stopSweep();
    for (const session of this.#open) session.freeze();
  }

  farewell(): void {
    for (const session of this.#open) session.farewell();
  }

  cut(reason: string): void {
    this.#stopSweep();
    for (const session of this.#open) session.cut(reason);
  }

  /** Resolves when no session is open. */
  emptied(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onEmptied.push(resolve));
  }

  #sweep(): void {
    const nowMs = this.#context.clock.nowMs();
    for (const session of this.#open) session.sweep(nowMs);
  }

  #remove(session: Session): void {
    this.#open.delete(session);
    if (this.#open.size > 0) return;
    const callbacks = this.#onEmptied;
    this.#onEmptied = [];
    for (const callback of callbacks) callback();
  }
}
