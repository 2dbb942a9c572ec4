import type { AgencyId } from "../lottery/bet.ts";

/** A connection as the desk of a draw sees it: the sender of messages. */
export interface Sender {
  /** Plain IPv4 text, as `172.25.125.3`; `unknown` where the peer had gone before it was accepted. */
  readonly address: string;
  /** The connection speaks for this agency of the draw. The first one counts, for the log. */
  speaksFor(agency: AgencyId): void;
  /** A message was refused: a connection of which too many are refused is ended. */
  refused(): void;
  /** Another session of its agency takes over. @param by that session's address */
  displaced(by: string): void;
  /**
   * It waits for the draw from now on: it counts against the limits on those, and makes way when there
   * are too many.
   *
   * @returns what to call when it waits no longer
   */
  awaitsDraw(agency: AgencyId): () => void;
  /** An operator, or the draw's end, ends the connection. @param reason for the log */
  dismiss(reason: string): void;
  /** The peer names an agency that it has not proven to be: its connection ends. @param reason for the log */
  distrust(reason: string): void;
  /** How long a batch must wait because its agency sends too many; undefined when it may come now. */
  heldBack(): number | undefined;
  /** There is room again for what it sends. */
  proceed(): void;
}
