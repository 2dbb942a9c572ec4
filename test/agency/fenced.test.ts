import assert from "node:assert/strict";
import { type Duplex, duplexPair } from "node:stream";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { AgencyOutcome, AgencyProgress } from "../../src/agency/agency-run.ts";
import { GHOST_FENCES_MAX } from "../../src/agency/ghosts.ts";
import { runAgency } from "../../src/agency/run.ts";
import type { AgencyConfig } from "../../src/config/agency-config.ts";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { encodeLines } from "../../src/lottery/canonical-line.ts";
import { LinkError } from "../../src/protocols/agency-link.ts";
import { createNativeDialer } from "../../src/protocols/dialects/native/dial.ts";
import { nativeDialect } from "../../src/protocols/dialects/native/dialect.ts";
import { MemoryDesk } from "../protocols/memory-desk.ts";
import {
  outgoing,
  ScriptedCentral,
  WELCOME,
} from "../protocols/dialects/native/scripted-central.ts";
import { serveStream } from "../protocols/stream-peer.ts";
import { sampleBet, TODAY, turn } from "./fake-central.ts";
import { CONFIG, withTempDir, writeBets } from "./harness.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { type MemoryLogger, memoryLogger } from "../support/memory-logger.ts";
import { seed, seedNote } from "../support/seed.ts";

const bets = Array.from({ length: 20 }, (_, index) => sampleBet(index));
const OTHER = 2 as AgencyId;

interface ProcessOptions {
  readonly desk: MemoryDesk;
  readonly dataFile: string;
  /** How many of the first connections hold back what the agency sends. */
  readonly held: number;
  readonly config?: Partial<AgencyConfig>;
}

/**
 * A process of the agency with a real conversation, on a network that is slow where the test wants
 * it.
 */
class Process {
  readonly logger: MemoryLogger = memoryLogger();
  readonly outcome: Promise<AgencyOutcome>;
  connections = 0;
  /** One function for each connection: it lets the bytes arrive that were held back. */
  readonly release: (() => void)[] = [];
  readonly #options: ProcessOptions;
  readonly #clock = new FakeClock();
  #awaitingDraw = 0;
  #onAwaitingDraw: () => void = () => undefined;

  constructor(options: ProcessOptions) {
    this.#options = options;
    const clock = this.#clock;
    this.outcome = runAgency({
      config: { ...CONFIG, dataFile: options.dataFile, ...options.config },
      dialer: createNativeDialer((callback, delayMs) => clock.after(delayMs, callback)),
      logger: this.logger,
      signal: new AbortController().signal,
      connect: () => Promise.resolve(this.#connect()),
      random: () => 0.5,
      now: () => clock.nowMs(),
      today: () => TODAY,
      sleep: turn,
      onProgress: (progress) => this.#noteProgress(progress),
    });
  }

  /** Resolves when the process has begun to wait for the draw so many times. */
  async awaitsDraw(times: number): Promise<void> {
    while (this.#awaitingDraw < times) {
      await new Promise<void>((resolve) => {
        this.#onAwaitingDraw = resolve;
      });
    }
  }

  #noteProgress({ phase }: AgencyProgress): void {
    if (phase !== "awaiting-draw") return;
    this.#awaitingDraw++;
    this.#onAwaitingDraw();
  }

  #connect(): Duplex {
    const { desk, held, config } = this.#options;
    const [agency, near] = duplexPair();
    const [far, central] = duplexPair();
    serveStream(central, nativeDialect, desk);
    far.on("data", (chunk: Buffer) => near.write(chunk));
    far.on("end", () => near.end());
    const pass = (): void => {
      near.on("data", (chunk: Buffer) => far.write(chunk));
      near.on("close", () => far.end());
    };
    if (this.connections++ < held) {
      this.release.push(pass);
      near.once("readable", () =>
        this.#clock.advance(config?.answerTimeoutMs ?? CONFIG.answerTimeoutMs),
      );
    } else {
      pass();
    }
    return agency;
  }
}

/** A draw that waits for another agency's DONE, and the file of the agency under test. */
async function stage(use: (desk: MemoryDesk, dataFile: string) => Promise<void>): Promise<void> {
  await withTempDir(async (dir) => {
    const desk = new MemoryDesk(2);
    await use(desk, writeBets(dir, bets));
    assert.equal(desk.lines, encodeLines(bets).toString(), "every bet is stored once");
  });
}

describe("an agency that is fenced", () => {
  it("by a greeting that it gave up goes on, and is told its winners", async () => {
    await stage(async (desk, dataFile) => {
      const agency = new Process({ desk, dataFile, held: 1 });
      await agency.awaitsDraw(1);
      agency.release[0]?.();
      await agency.awaitsDraw(2);
      await desk.done(OTHER);
      const { kind, error, winners } = await agency.outcome;
      assert.equal(kind, "success", error?.message);
      assert.equal(winners?.length, 3);
      assert.equal(agency.connections, 3);
      const told = agency.logger.of("connection_lost").map(({ error: text }) => text);
      assert.deepEqual(told, [
        "Cannot go on with the central: FENCED, another session of this agency has taken over",
      ]);
    });
  });

  it("by several of its greetings, one after the other, goes on after each", async () => {
    await stage(async (desk, dataFile) => {
      const agency = new Process({ desk, dataFile, held: 4 });
      for (let fences = 0; fences < 4; fences++) {
        await agency.awaitsDraw(fences + 1);
        agency.release[fences]?.();
      }
      await agency.awaitsDraw(5);
      await desk.done(OTHER);
      assert.equal((await agency.outcome).kind, "success");
      assert.equal(agency.connections, 9);
    });
  });

  it("by another process gives up at once", async () => {
    await stage(async (desk, dataFile) => {
      const first = new Process({ desk, dataFile, held: 0 });
      await first.awaitsDraw(1);
      const second = new Process({ desk, dataFile, held: 0 });
      const { kind, error } = await first.outcome;
      assert.deepEqual([kind, error?.code], ["failed", "FENCED"]);
      assert.equal(first.connections, 1);
      await second.awaitsDraw(1);
      await desk.done(OTHER);
      assert.equal((await second.outcome).kind, "success");
    });
  });

  it(`by another process fails, or the other one fails, ${seedNote}`, async () => {
    const held = fc.nat({ max: 2 * GHOST_FENCES_MAX });
    const property = fc.asyncProperty(held, held, async (left, right) => {
      await stage(async (desk, dataFile) => {
        const processes = [left, right].map(
          (count) => new Process({ desk, dataFile, held: count }),
        );
        const outcomes = processes.map(({ outcome }) => outcome);
        const first = await Promise.race(outcomes);
        assert.deepEqual([first.kind, first.error?.code], ["failed", "FENCED"]);
        await desk.done(OTHER);
        const kinds = (await Promise.all(outcomes)).map(({ kind }) => kind);
        assert.deepEqual(kinds.toSorted(), ["failed", "success"]);
        for (const [index, { connections }] of processes.entries()) {
          const given = [left, right][index] ?? 0;
          assert.ok(connections <= given + Math.min(given, GHOST_FENCES_MAX) + 1);
        }
      });
    });
    await fc.assert(property, { numRuns: 20, seed });
  });
});

describe("a connection that fails", () => {
  const failures: Record<string, readonly [boolean, (central: ScriptedCentral) => void]> = {
    "leaves a greeting behind when it breaks before the answer": [
      true,
      ({ agencySide }) => agencySide.destroy(new Error("read ECONNRESET")),
    ],
    "leaves a greeting behind when it closes before the answer": [
      true,
      ({ agencySide }) => agencySide.destroy(),
    ],
    "leaves no greeting behind when the central ends it": [
      false,
      ({ centralSide }) => centralSide.end(),
    ],
    "leaves no greeting behind when the central says that it stops": [
      false,
      (central) => central.say({ kind: "error", code: "STOPPING", fatal: true, text: "so it is" }),
    ],
    "leaves no greeting behind when the central is busy": [
      false,
      (central) => central.say({ kind: "busy", sequence: 0, retryAfterMs: 7 }),
    ],
  };
  for (const [name, [expected, fail]] of Object.entries(failures)) {
    it(name, async () => {
      const central = new ScriptedCentral();
      const dialled = central.dial();
      await central.hear();
      fail(central);
      await assert.rejects(dialled, (error) => {
        assert.ok(error instanceof LinkError);
        assert.ok(error.transient);
        assert.equal(error.greetingLeft, expected);
        return true;
      });
    });
  }

  it("leaves no greeting behind when it was welcomed before", async () => {
    const central = new ScriptedCentral();
    const link = await central.open(WELCOME);
    const answer = link.send(outgoing(1));
    await central.hear();
    central.agencySide.destroy();
    await assert.rejects(answer, { code: "CONNECTION_LOST", greetingLeft: false });
  });

  it("leaves no greeting behind when it could not be made", async () => {
    const central = new ScriptedCentral();
    const refused = new LinkError("CONNECT_FAILED", "nobody there");
    const connect = () => Promise.reject(refused);
    await assert.rejects(central.dial({ connect }), { greetingLeft: false });
  });
});
