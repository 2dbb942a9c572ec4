import type { Feed } from "../events/feed.ts";
import type { Claim, Counter, Refusal } from "../protocols/counter.ts";
import type { SessionAdmitter } from "./admitter.ts";
import type { ProvenPeer } from "./proven-peer.ts";
import { reportRefusal } from "./report-refusal.ts";
import type { Sender } from "./sender.ts";

/**
 * Admits a peer only as the agency that it has proven to be. It looks at every claim: most dialects name the
 * agency in every message. What the draw would say of an agency is not asked before.
 */
export class ProvenAdmitter implements SessionAdmitter {
  readonly #admitter: SessionAdmitter;
  readonly #peer: ProvenPeer;
  readonly #sender: Sender;
  readonly #events: Pick<Feed, "publish">;

  constructor(
    admitter: SessionAdmitter,
    peer: ProvenPeer,
    sender: Sender,
    events: Pick<Feed, "publish">,
  ) {
    this.#admitter = admitter;
    this.#peer = peer;
    this.#sender = sender;
    this.#events = events;
  }

  challenge(): Uint8Array | undefined {
    return this.#peer.challenge();
  }

  admit(claim: Claim): Counter | Refusal {
    const refusal = this.#peer.check(claim);
    if (refusal === undefined) return this.#admitter.admit(claim);
    // Some dialects do not say what each message is for: a lie is reported all the same.
    const { agency, wants = "attend" } = claim;
    reportRefusal(refusal, { agency, wants }, this.#sender, this.#events);
    this.#sender.distrust(refusal.kind === "unproven" ? `unproven: ${refusal.why}` : refusal.kind);
    return refusal;
  }

  get congested(): boolean {
    return this.#admitter.congested;
  }

  waitForRoom(): void {
    this.#admitter.waitForRoom();
  }

  close(): void {
    this.#admitter.close();
  }
}
