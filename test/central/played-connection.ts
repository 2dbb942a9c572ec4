import { Duplex } from "node:stream";
import type { TestContext } from "node:test";
import { Sessions } from "../../src/central/sessions.ts";
import type { Dialect } from "../../src/protocols/dialect.ts";
import { ScriptedDesk } from "../protocols/scripted-desk.ts";
import { eventsTo } from "../support/events-to.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { testLimits } from "./fixture.ts";
import { until } from "../support/turns.ts";
import { type MemoryLogger, memoryLogger } from "../support/memory-logger.ts";

/**
 * Bytes that may wait for the peer before the session stops writing. It is set here because Node 20
 * and Node 24 have different defaults.
 */
const HIGH_WATER_MARK = 16_384;

/** The central's end of a simulated connection: the test plays the network and the peer. */
export class PlayedConnection extends Duplex {
  /** Whether the peer reads what it is sent. */
  reading = true;
  #heard: Buffer[] = [];
  /** Reports that the last write is taken. */
  #taken: () => void = () => undefined;

  constructor() {
    super({ allowHalfOpen: true, highWaterMark: HIGH_WATER_MARK });
  }

  /** What was sent since the last call. */
  heard(): Buffer {
    return Buffer.concat(this.#heard.splice(0));
  }

  /** The peer sends something. @returns when the session has taken it, or has cut the connection */
  async say(bytes: Uint8Array | string): Promise<void> {
    this.push(bytes);
    await until(() => this.readableLength === 0 || this.destroyed);
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#taken = () => {
      this.#heard.push(chunk);
      done();
    };
    if (this.reading) this.#taken();
  }

  /** The peer reads what it was sent, and everything that follows. */
  readOn(): void {
    this.reading = true;
    this.#taken();
  }
}

export interface Played {
  readonly sessions: Sessions;
  readonly connection: PlayedConnection;
  readonly desk: ScriptedDesk;
  readonly clock: FakeClock;
  readonly logger: MemoryLogger;
}

/** A session on a played connection, with a scripted desk and a clock that stands still. */
export function playConnection(t: TestContext, dialect: Dialect): Played {
  const clock = new FakeClock();
  const desk = new ScriptedDesk();
  const logger = memoryLogger();
  const sessions = new Sessions({
    door: desk,
    dialects: [dialect],
    disabledDialects: [],
    limits: testLimits,
    events: eventsTo(logger, clock),
    clock,
  });
  t.after(() => sessions.cut("the test is over"));
  const connection = new PlayedConnection();
  sessions.open(connection, "127.0.0.1");
  return { sessions, connection, desk, clock, logger };
}
