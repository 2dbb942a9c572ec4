import type { Clock } from "../clock.ts";
import type { AgencyDialer } from "./agency-link.ts";
import type { Conversation, Peer } from "./conversation.ts";
import type { Admitter, Refusal } from "./counter.ts";

/** What the first bytes of a connection say about a dialect. */
export type Recognition = "yes" | "no" | "more";

/** Limits for what the central must hold in memory for one peer. */
export interface FrameLimits {
  /** Largest frame on the wire, with all its bytes, in either direction. */
  readonly frameBytesMax: number;
}

export interface ServeLimits extends FrameLimits {
  /** Largest message of the course's dialects, which have no limit of their own. */
  readonly courseFrameBytesMax: number;
}

/** Time as conversations need it. */
export type Timers = Pick<Clock, "nowMs" | "after">;

/** All that a conversation can reach. */
export interface ServeContext {
  readonly peer: Peer;
  readonly admitter: Admitter;
  readonly limits: ServeLimits;
  readonly clock: Timers;
}

/** A dialect that its peers announce in the TLS handshake (ALPN). */
export interface AnnouncedDialect {
  readonly protocol: string;
  /** What a peer is sent that is refused; then the connection ends. */
  turnAway(refusal: Refusal): Uint8Array;
}

/**
 * One wire language. The central has a list of these and knows nothing else about them. A new one needs its
 * own folder and a line in {@link ./dialects.ts}.
 */
export interface Dialect {
  readonly name: string;
  /**
   * Looks at the first bytes of a connection. Returns "more" only while this dialect can begin with these
   * bytes and they do not decide yet; never after RECOGNISE_BYTES_MAX bytes.
   */
  recognise(head: Uint8Array): Recognition;
  /** The central's side of one connection. Its decoder gets all bytes, also those that were recognised. */
  serve(context: ServeContext): Conversation;
  /** Its peers can prove by a token who they are [a peer needs a certificate]. */
  readonly takesTokens?: boolean;
  /** How its peers are told over TLS that they are refused before they have said anything [they are not]. */
  readonly announced?: AnnouncedDialect;
  /** The agency's side; missing when the dialect takes no bets. */
  readonly dialer?: AgencyDialer;
  /**
   * The agency's side of earlier versions that differ on the wire, by their exercise, such as `ej6`: an
   * agency is configured with `name/ej6`. The central serves all versions under the one name.
   */
  readonly earlier?: Readonly<Record<string, AgencyDialer>>;
}
