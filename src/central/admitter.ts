import type { Feed } from "../events/feed.ts";
import type { Admitter, Claim, Counter, Purpose, Refusal } from "../protocols/counter.ts";
import { reportRefusal } from "./report-refusal.ts";
import { AgencyCounter } from "./counter.ts";
import type { DrawDesk } from "./draw-desk.ts";
import type { RoomQueue } from "./room-queue.ts";
import type { Sender } from "./sender.ts";

/** The admitter of one session: what its dialect asks, and what the session itself needs. */
export interface SessionAdmitter extends Admitter {
  /** True while batches would only be refused as busy, in the draw that the connection speaks of. */
  readonly congested: boolean;
  /** Calls `proceed` of the sender once there is room, each waiting session in its turn. */
  waitForRoom(): void;
  /** The connection is of no more use: lets go of everything that was begun for it. Idempotent. */
  close(): void;
}

/** Where an admitter finds the desks of the draws. */
export interface DeskFinder {
  readonly events: Feed;
  /** The draw for peers that name none. */
  readonly current: DrawDesk | undefined;
  find(draw: string): DrawDesk | undefined;
}

/** Where sessions get their admitters. */
export interface Door {
  admitter(sender: Sender): SessionAdmitter;
}

/**
 * Admits one connection. It keeps the counter that it gave last, and none that was given before it: a peer
 * may name one agency after the other.
 */
export class RegisterAdmitter implements SessionAdmitter {
  readonly #register: DeskFinder;
  readonly #sender: Sender;
  readonly #begun = new Set<() => void>();
  #last: AgencyCounter | undefined;
  /** The draw that the connection speaks of. It stays: what is meant by no name must not change unsaid. */
  #desk: DrawDesk | undefined;
  /** Where it waits, or has waited, for room. */
  #room: RoomQueue | undefined;
  #closed = false;

  constructor(register: DeskFinder, sender: Sender) {
    this.#register = register;
    this.#sender = sender;
  }

  get closed(): boolean {
    return this.#closed;
  }

  admit({ draw, agency, wants }: Claim): Counter | Refusal {
    const desk = draw === "" ? (this.#desk ?? this.#register.current) : this.#register.find(draw);
    if (desk === undefined) {
      const kind = draw === "" ? "no-current-draw" : "unknown-draw";
      return this.#refuse({ kind }, agency, wants);
    }
    if (desk.isCancelled) return this.#refuse({ kind: "draw-cancelled" }, agency, wants);
    if (this.#last?.agency === agency && this.#desk === desk) return this.#last;
    const id = desk.known(agency);
    if (id === undefined) return this.#refuse({ kind: "unknown-agency" }, agency, wants);
    this.#absent();
    this.#desk = desk;
    this.#sender.speaksFor(id);
    if (!this.#closed) desk.presence.enter(id, this.#sender);
    this.#last = new AgencyCounter(desk, id, this.#sender, this);
    return this.#last;
  }

  get congested(): boolean {
    return (this.#desk ?? this.#register.current)?.room.congested ?? false;
  }

  waitForRoom(): void {
    const room = (this.#desk ?? this.#register.current)?.room;
    if (room !== this.#room) this.#room?.leave(this.#sender);
    this.#room = room;
    room?.wait(this.#sender);
  }

  close(): void {
    this.#closed = true;
    this.#room?.leave(this.#sender);
    this.#absent();
    for (const release of this.#begun) release();
    this.#begun.clear();
  }

  /** Has something undone when the connection ends. @returns forgets that */
  untilClosed(release: () => void): () => void {
    this.#begun.add(release);
    return () => void this.#begun.delete(release);
  }

  /** It speaks for the agency of its last counter no more. */
  #absent(): void {
    if (this.#last !== undefined) this.#desk?.presence.leave(this.#last.agency, this.#sender);
  }

  #refuse(refusal: Refusal, agency: number, wants: Purpose | undefined): Refusal {
    reportRefusal(refusal, { agency, wants }, this.#sender, this.#register.events);
    return refusal;
  }
}
