import type { AgencyId } from "../lottery/bet.ts";
import type { Claim, Refusal } from "../protocols/counter.ts";

/**
 * Ends a connection whose peer is not allowed here any more.
 *
 * @param until `for-now`: it may try again, at once even
 */
export type Expel = (reason: string, until: "for-good" | "for-now") => void;

/** What the peer of a connection has proven, as its session sees it. */
export interface ProvenPeer {
  /** The agency that the peer has proven to be; undefined as long as it has proven nothing. */
  readonly agency: AgencyId | undefined;
  /** @returns what the peer must answer with a token; undefined when it has proven already who it is */
  challenge(): Uint8Array | undefined;
  /** @returns why the peer may not name this agency; undefined when it may */
  check(claim: Claim): Refusal | undefined;
  /** How long the agency's next batch must wait, in milliseconds; undefined when it may come now. */
  heldBack(): number | undefined;
  /** @param expel called when its peer is not allowed here any more */
  attach(expel: Expel): void;
  /** The connection is gone. Idempotent. */
  release(): void;
}
