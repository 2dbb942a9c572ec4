import type { Desk, Peer } from "../../src/protocols/desk.ts";
import type { ServeContext, ServeLimits } from "../../src/protocols/dialect.ts";
import { FakeClock } from "../support/fake-clock.ts";

export const SERVE_LIMITS: ServeLimits = { frameBytesMax: 8192, courseFrameBytesMax: 131_072 };

/** What a conversation is served with; time stands still unless a test brings its own clock. */
export function serveContext(
  peer: Peer,
  desk: Desk,
  others: Partial<Pick<ServeContext, "limits" | "clock" | "newest">> = {},
): ServeContext {
  return { peer, desk, limits: SERVE_LIMITS, clock: new FakeClock(), newest: new Map(), ...others };
}
