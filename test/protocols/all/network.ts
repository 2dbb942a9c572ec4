import { once } from "node:events";
import { type Duplex, duplexPair } from "node:stream";
import { setImmediate } from "node:timers/promises";
import type { AgencyId } from "../../../src/lottery/bet.ts";
import type { AgencyDialer, AgencyLink } from "../../../src/protocols/agency-link.ts";
import type { Door } from "../../../src/central/admitter.ts";
import { DIALECTS } from "../../../src/protocols/dialects.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { serveStream } from "../stream-peer.ts";
import { SERVE_LIMITS } from "../serve-context.ts";
import { sharedPort } from "./shared-port.ts";

/** What both sides wrote on one connection, write by write. */
export interface Conversed {
  readonly fromAgency: readonly Buffer[];
  readonly fromCentral: readonly Buffer[];
}

export interface Network {
  /** The central's. */
  readonly clock: FakeClock;
  /** In the order in which they were made. */
  readonly conversations: readonly Conversed[];
  dial(dialer: AgencyDialer, agency: AgencyId): Promise<AgencyLink>;
  /** Cuts all connections, and has whatever still waits for an answer fail. */
  close(): Promise<void>;
}

/** A central's port in memory, spoken to in any dialect, that keeps what passes. */
export function openNetwork(desk: Door): Network {
  const conversations: Conversed[] = [];
  const streams: Duplex[] = [];
  const port = sharedPort(DIALECTS);
  const over = new AbortController();
  const clock = new FakeClock();
  const connect = (): Promise<Duplex> => {
    const [ours, theirs] = duplexPair();
    const fromAgency: Buffer[] = [];
    const fromCentral: Buffer[] = [];
    conversations.push({ fromAgency, fromCentral });
    streams.push(ours, theirs);
    theirs.on("data", (chunk: Buffer) => fromAgency.push(chunk));
    ours.on("data", (chunk: Buffer) => fromCentral.push(chunk));
    theirs.on("error", () => undefined);
    serveStream(theirs, port, desk, { limits: SERVE_LIMITS, clock });
    return Promise.resolve(ours);
  };
  return {
    clock,
    conversations,
    dial: (dialer, agency) =>
      dialer.dial({
        agency,
        draw: "",
        connect,
        answerTimeoutMs: 60_000,
        frameBytesMax: SERVE_LIMITS.courseFrameBytesMax,
        signal: over.signal,
      }),
    async close() {
      over.abort();
      const open = streams.filter((stream) => !stream.closed);
      const closed = open.map((stream) => once(stream, "close"));
      for (const stream of open) stream.destroy();
      await Promise.all(closed);
    },
  };
}

/** Lets the loop turn until the work is settled, or long enough. */
export async function turnUntilSettled(
  work: Promise<unknown>,
  onTurn: (turn: number) => void,
  turnsMax: number = Number.POSITIVE_INFINITY,
): Promise<void> {
  const state = { settled: false };
  const settle = (): void => {
    state.settled = true;
  };
  work.then(settle, settle);
  for (let turn = 0; turn < turnsMax && !state.settled; turn++) {
    onTurn(turn);
    await setImmediate();
  }
}
