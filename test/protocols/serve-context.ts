import type { Door } from "../../src/central/admitter.ts";
import type { Sender } from "../../src/central/sender.ts";
import type { Peer } from "../../src/protocols/conversation.ts";
import type { ServeContext, ServeLimits } from "../../src/protocols/dialect.ts";
import { FakeClock } from "../support/fake-clock.ts";

export const SERVE_LIMITS: ServeLimits = { frameBytesMax: 8192, courseFrameBytesMax: 131_072 };

/** A peer that a test plays: as a session is, it is the sender of what it says too. */
export interface PlayedPeer extends Peer, Sender {
  /** The connection is of no more use from here on: its admitter is closed then, as a session does. */
  onOver(callback: () => void): void;
}

/** What a conversation is served with; time stands still unless a test brings its own clock. */
export function serveContext(
  peer: PlayedPeer,
  door: Door,
  others: Partial<Pick<ServeContext, "limits" | "clock">> = {},
): ServeContext {
  const admitter = door.admitter(peer);
  peer.onOver(() => admitter.close());
  return { peer, admitter, limits: SERVE_LIMITS, clock: new FakeClock(), ...others };
}
