import type { Clock } from "../clock.ts";
import type { AgencyDialer } from "./agency-link.ts";
import type { Conversation, Peer } from "./conversation.ts";
import type { Admitter } from "./counter.ts";

/** What the first bytes of a connection say about a dialect. */
export type Recognition = "yes" | "no" | "more";

/** Limits that bound what one peer can make the central hold. */
export interface FrameLimits {
  /** Largest frame on the wire, all its bytes counted, in either direction. */
  readonly frameBytesMax: number;
}

export interface ServeLimits extends FrameLimits {
  /** Largest message of the course's dialects, which were made without a limit. */
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

/**
 * One wire language. The central holds a list of these and knows nothing else about them; adding one
 * touches its own folder and the list in {@link ./dialects.ts}.
 */
export interface Dialect {
  readonly name: string;
  /**
   * Looks at the first bytes of a connection. "more" only while the bytes so far are a true beginning
   * of this dialect; never for more than RECOGNISE_BYTES_MAX bytes.
   */
  recognise(head: Uint8Array): Recognition;
  /** The central's side of one connection; the bytes of `head` are given to `receive` again. */
  serve(context: ServeContext): Conversation;
  /** The agency's side; absent where a dialect takes no bets. */
  readonly dialer?: AgencyDialer;
  /**
   * The agency's side of earlier versions that differ on the wire, by the exercise they are of, as
   * `ej6`: an agency speaks one as `name/ej6`. The central serves all versions under the one name.
   */
  readonly earlier?: Readonly<Record<string, AgencyDialer>>;
}
