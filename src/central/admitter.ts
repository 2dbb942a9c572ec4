import type { Admitter, Claim, Counter, Purpose, Refusal } from "../protocols/counter.ts";
import { AgencyCounter } from "./counter.ts";
import type { DrawDesk } from "./draw-desk.ts";
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

/** Where sessions get their admitters. */
export interface Door {
  admitter(sender: Sender): SessionAdmitter;
}

/**
 * Admits one connection. It keeps the counter that it gave last, and none that was given before it: a peer
 * may name one agency after the other.
 */
export class DeskAdmitter implements SessionAdmitter {
  readonly #desk: DrawDesk;
  readonly #sender: Sender;
  readonly #begun = new Set<() => void>();
  #last: AgencyCounter | undefined;
  #closed = false;

  constructor(desk: DrawDesk, sender: Sender) {
    this.#desk = desk;
    this.#sender = sender;
  }

  get closed(): boolean {
    return this.#closed;
  }

  admit({ draw, agency, wants }: Claim): Counter | Refusal {
    const desk = this.#desk;
    if (draw !== "" && draw !== desk.draw)
      return this.#refuse({ kind: "unknown-draw" }, agency, wants);
    if (this.#last?.agency === agency) return this.#last;
    const id = desk.known(agency);
    if (id === undefined) return this.#refuse({ kind: "unknown-agency" }, agency, wants);
    this.#sender.speaksFor(id);
    this.#last = new AgencyCounter(desk, id, this.#sender, this);
    return this.#last;
  }

  get congested(): boolean {
    return this.#desk.room.congested;
  }

  waitForRoom(): void {
    this.#desk.room.wait(this.#sender);
  }

  close(): void {
    this.#closed = true;
    this.#desk.room.leave(this.#sender);
    for (const release of this.#begun) release();
    this.#begun.clear();
  }

  /** Has something undone when the connection ends. @returns forgets that */
  untilClosed(release: () => void): () => void {
    this.#begun.add(release);
    return () => void this.#begun.delete(release);
  }

  /** The agency is not one of the draw, so its number does not go into the source of the event. */
  #refuse(refusal: Refusal, agency: number, wants: Purpose | undefined): Refusal {
    const { events } = this.#desk;
    if (wants === undefined) return refusal;
    if (wants !== "attend") this.#sender.refused();
    const from = { address: this.#sender.address };
    if (typeof wants === "object") {
      const batch = { agency, count: wants.bets };
      events.publish({ kind: "batch-refused", from, batch, why: refusal });
    } else {
      const { kind: reason } = refusal;
      events.publish({ kind: "admission-refused", from, agency, wants, reason });
    }
    return refusal;
  }
}
