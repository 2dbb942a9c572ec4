import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { BenchError } from "../../src/load/bench-error.ts";
import type { BenchReport } from "../../src/load/report.ts";
import { isClean } from "../../src/load/report.ts";
import { runBench } from "../../src/load/run-bench.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { turns } from "../support/turns.ts";
import { seed, seedNote } from "../support/seed.ts";
import { benchOptions } from "./bench-options.ts";
import { ack, framesIn, isGreeting, startServer, WELCOME } from "./raw-server.ts";

/** What a central may do with a chunk. */
const MOODS = ["late", "twice", "too much", "garbage", "reset", "end", "freeze"] as const;
type Mood = (typeof MOODS)[number] | "answer";

/** A central of native that answers, unless its mood is another. */
class MoodyCentral {
  readonly #moods: Mood[];
  readonly #bytes = new Map<Socket, Buffer>();
  /** Batches that came completely, and batches that got the right answer, or more. */
  batches = 0;
  acknowledged = 0;

  /** @param moods one for each chunk; afterwards it answers */
  constructor(moods: readonly Mood[]) {
    this.#moods = [...moods];
  }

  hear(socket: Socket, chunk: Buffer): void {
    const mood = this.#moods.shift() ?? "answer";
    const greeting = isGreeting(chunk);
    if (!greeting) this.#count(socket, chunk);
    const answer = greeting ? WELCOME : this.#ack(socket);
    switch (mood) {
      case "answer":
        socket.write(answer);
        return;
      case "late":
        setImmediate(() => setImmediate(() => socket.write(answer)));
        return;
      case "twice":
        socket.write(Buffer.concat([answer, answer]));
        return;
      case "too much":
        socket.write(ack(1_000_000));
        return;
      case "garbage":
        socket.write("HTTP/1.1 400 Bad Request\r\n\r\n");
        return;
      case "reset":
        socket.resetAndDestroy();
        return;
      case "end":
        socket.end();
        return;
      case "freeze":
        return;
      default:
        return mood satisfies never;
    }
  }

  #count(socket: Socket, chunk: Buffer): void {
    const before = this.#bytes.get(socket) ?? Buffer.alloc(0);
    const bytes = Buffer.concat([before, chunk]);
    this.batches += framesIn(bytes) - framesIn(before);
    this.#bytes.set(socket, bytes);
  }

  #ack(socket: Socket): Buffer {
    const frames = framesIn(this.#bytes.get(socket) ?? Buffer.alloc(0));
    this.acknowledged = Math.max(this.acknowledged, frames);
    return frames > 0 ? ack(frames) : Buffer.alloc(0);
  }
}

describe(`a load on a hostile central (${seedNote})`, () => {
  it("ends, and counts no batch that was not confirmed", async (t) => {
    let central = new MoodyCentral([]);
    const port = await startServer(t, (socket, chunk) => central.hear(socket, chunk));
    const options = {
      moods: fc.array(fc.oneof(fc.constant("answer" as const), fc.constantFrom(...MOODS)), {
        maxLength: 8,
      }),
      ratePerSecond: fc.constantFrom(undefined, 20, 1000, 10_000),
      window: fc.constantFrom(1, 4),
      extent: fc.constantFrom(
        { kind: "time", warmupMs: 0, durationMs: 300 } as const,
        { kind: "bets", bets: 60 } as const,
      ),
      done: fc.boolean(),
    };
    await fc.assert(
      fc.asyncProperty(fc.record(options), async ({ moods, ...others }) => {
        central = new MoodyCentral(moods);
        const report = await play(port, others);
        if (report === undefined) return;
        const { total, unanswered } = report;
        assert.ok(total.batches <= central.acknowledged);
        // DONE is a frame as well.
        if (isClean(report) && !others.done) assert.equal(total.batches, central.batches);
        if (total.batches < central.batches - (others.done ? 1 : 0)) assert.ok(unanswered > 0);
      }),
      { numRuns: 40, seed },
    );
  });
});

/** Lets time pass until the load is over. @returns undefined when it could not even begin */
async function play(
  port: number,
  options: Parameters<typeof benchOptions>[1],
): Promise<BenchReport | undefined> {
  const clock = new FakeClock();
  const state = { over: false };
  const run = runBench(
    benchOptions(port, { agencies: [1], answerTimeoutMs: 400, clock, ...options }),
  );
  const played = run
    .catch((error: unknown) => {
      if (!(error instanceof BenchError)) throw error;
      return undefined;
    })
    .finally(() => {
      state.over = true;
    });
  while (!state.over) {
    await turns(10);
    clock.advance(20);
  }
  return played;
}
