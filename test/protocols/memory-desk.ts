import type { SessionAdmitter, Door } from "../../src/central/admitter.ts";
import { DrawDesk } from "../../src/central/draw-desk.ts";
import type { Sender } from "../../src/central/sender.ts";
import type { AgencyId, Bet } from "../../src/lottery/bet.ts";
import { encodeLines } from "../../src/lottery/canonical-line.ts";
import type { DrawBook } from "../../src/lottery/draw-book.ts";
import type { ReplayMode } from "../../src/lottery/repetitions.ts";
import { counterAt } from "../central/counter-at.ts";
import { doorTo } from "../central/door-to.ts";
import { type MemoryStore, memoryStore } from "../stores/memory-store.ts";
import { eventsTo } from "../support/events-to.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { type MemoryLogger, memoryLogger } from "../support/memory-logger.ts";

function onFault(error: unknown): never {
  throw error;
}

/** The central's own desk of a draw, over a store in memory, in time that tests let pass. */
export class MemoryDesk implements Door {
  readonly store: MemoryStore;
  readonly clock: FakeClock;
  readonly logger: MemoryLogger = memoryLogger();
  readonly #desk: DrawDesk;

  constructor(
    agencies: number,
    replay: ReplayMode = "detect",
    clock: FakeClock = new FakeClock(new Date("2026-11-20T12:00:00Z")),
  ) {
    this.clock = clock;
    this.store = memoryStore({ agencies, replay, retryAfterMs: 5 });
    const { store, logger } = this;
    this.#desk = new DrawDesk({ store, events: eventsTo(logger), clock, onFault });
  }

  get book(): DrawBook {
    return this.store.book;
  }

  /** Canonical lines of everything that was stored, in that order. */
  get lines(): string {
    return Buffer.concat(this.store.batches.map((batch) => batch.lines)).toString();
  }

  /** What was refused because its agency is none of the draw's: `register_done 9`. */
  get strangers(): string[] {
    return this.logger.events
      .map(({ event }) => event)
      .filter(({ reason, code }) => reason === "unknown-agency" || code === "UNKNOWN_AGENCY")
      .map(({ action, agency }) => `${action} ${agency}`);
  }

  /** Bets of each batch that the log calls refused. */
  get refusedCounts(): unknown[] {
    const refused = this.logger.of("apuesta_recibida").filter(({ result }) => result === "fail");
    return refused.map(({ cantidad }) => cantidad);
  }

  /** Batches to be refused as busy before anything is stored again. */
  set busy(batches: number) {
    this.store.refuseNext(batches);
  }

  /** As if an agency had sent so many bets, all in one batch, on a connection of its own. */
  async take(bets: readonly [Bet, ...Bet[]]): Promise<void> {
    const batch = { sequence: 1, count: bets.length, lines: encodeLines(bets) };
    const counter = counterAt(this, bets[0].agency);
    await new Promise((resolve) => counter.submit(batch, resolve));
  }

  /** As if an agency had said so on a connection of its own. */
  async done(agency: AgencyId): Promise<void> {
    await counterAt(this, agency).done();
  }

  admitter(sender: Sender): SessionAdmitter {
    return doorTo(this.#desk).admitter(sender);
  }
}
