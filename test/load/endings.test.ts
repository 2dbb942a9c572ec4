import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { BenchError } from "../../src/load/bench-error.ts";
import type { BenchOptions, Extent } from "../../src/load/options.ts";
import { ClosedLoop } from "../../src/load/closed-loop.ts";
import { runBench } from "../../src/load/run-bench.ts";
import { wiresTo } from "../../src/load/wire.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { FakeServer, fakeLanes } from "./fake-wires.ts";
import { benchOptions } from "./bench-options.ts";
import { ack, isGreeting, startServer, WELCOME } from "./raw-server.ts";

// A load has to end whatever the central does. Time passes only when a server or a test lets it: a
// load that never ends fails by the time limit of its test.
const NEVER = { timeout: 60_000 };

const ONE_SECOND: Extent = { kind: "time", warmupMs: 0, durationMs: 1000 };
const ONE_BATCH: Extent = { kind: "bets", bets: 10 };
const TIMEOUT_MS = 500;
/** A little more than that, and than the steps in which a load checks itself. */
const PATIENCE_MS = TIMEOUT_MS + 600;

/** Lets time pass after everything that waits for the present moment has run. */
function laterTick(clock: FakeClock, ms: number): void {
  setImmediate(() => clock.advance(ms));
}

interface Played {
  readonly clock: FakeClock;
  readonly stopping: AbortController;
}

/**
 * Runs a load with one connection on a server of native; the server does with each batch, or the
 * end, what a test wants.
 */
async function load(
  t: TestContext,
  onFrame: (played: Played & { readonly socket: Socket; readonly batch: number }) => void,
  options: Partial<BenchOptions> = {},
) {
  const played = { clock: new FakeClock(), stopping: new AbortController() };
  let batch = 0;
  const port = await startServer(t, (socket, chunk) => {
    if (isGreeting(chunk)) socket.write(WELCOME);
    else onFrame({ ...played, socket, batch: ++batch });
  });
  return runBench(
    benchOptions(port, {
      agencies: [1],
      answerTimeoutMs: TIMEOUT_MS,
      clock: played.clock,
      signal: played.stopping.signal,
      ...options,
    }),
  );
}

function failure(message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof BenchError);
    assert.match(error.message, message);
    return true;
  };
}

describe("a load ends", () => {
  it("when the central freezes before its greeting", NEVER, async (t) => {
    const clock = new FakeClock();
    const port = await startServer(t, () => clock.advance(PATIENCE_MS));
    const run = runBench(benchOptions(port, { answerTimeoutMs: TIMEOUT_MS, clock }));
    await assert.rejects(run, failure(/Cannot load .*: the central has said nothing for 500 ms/));
  });

  it("when it is interrupted before the greeting", NEVER, async (t) => {
    const stopping = new AbortController();
    const port = await startServer(t, () => stopping.abort());
    const run = runBench(benchOptions(port, { signal: stopping.signal }));
    await assert.rejects(run, failure(/Cannot load .*: it was interrupted/));
  });

  it("when it is interrupted before it has connected", NEVER, async (t) => {
    const stopping = new AbortController();
    const port = await startServer(t, () => undefined);
    const options = {
      signal: stopping.signal,
      onProgress: () => stopping.abort(),
    };
    await assert.rejects(runBench(benchOptions(port, options)), failure(/it was interrupted/));
  });

  it("a limited time after a rate that is too high, and reports what is left", NEVER, async (t) => {
    // One batch is answered each millisecond, eight become due.
    const report = await load(
      t,
      ({ clock, socket, batch }) => {
        clock.advance(1);
        socket.write(ack(batch));
      },
      { extent: ONE_SECOND, ratePerSecond: 8000 },
    );
    const { total, unanswered, errors, firstError, latencyMs } = report;
    assert.equal(total.batches + unanswered, 8001);
    // The oldest that was not answered was due after some 188 ms.
    assert.ok(latencyMs.max > 1300 && latencyMs.max < 1320, `${latencyMs.max} ms`);
    // In the measured second, and in the time for the rest.
    assert.ok(total.batches >= 1499 && total.batches <= 1501, `${total.batches}`);
    assert.deepEqual([errors, firstError], [1, "not all is answered 500 ms after the end"]);
  });

  it("when no batch is answered, at a rate", NEVER, async (t) => {
    const run = load(t, ({ clock }) => clock.advance(1000 + PATIENCE_MS), {
      extent: ONE_SECOND,
      ratePerSecond: 100,
    });
    await assert.rejects(run, failure(/the central has said nothing for 500 ms/));
  });

  it("when the central freezes at the very end", NEVER, async (t) => {
    const report = await load(
      t,
      ({ clock, socket, batch }) => {
        if (batch === 1) socket.write(ack(1));
        else {
          clock.advance(1000);
          laterTick(clock, PATIENCE_MS);
        }
      },
      { extent: ONE_SECOND, answerTimeoutMs: 1000 },
    );
    const { total, unanswered, firstError } = report;
    assert.deepEqual([total.batches, unanswered], [1, 1]);
    assert.equal(firstError, "not all is answered 1000 ms after the end");
  });

  for (const [how, cut] of [
    ["resets", (socket: Socket) => socket.resetAndDestroy()],
    ["half-closes", (socket: Socket) => socket.end()],
  ] as const) {
    it(`when the central ${how} a connection after the time is over`, NEVER, async (t) => {
      const report = await load(
        t,
        ({ clock, socket, batch }) => {
          if (batch === 1) socket.write(ack(1));
          else {
            // The time is over, but the answer is still missing.
            clock.advance(1000);
            cut(socket);
          }
        },
        { extent: ONE_SECOND, answerTimeoutMs: 60_000 },
      );
      const { total, unanswered, errors, firstError } = report;
      assert.deepEqual([total.batches, unanswered, errors], [1, 1, 1]);
      assert.match(firstError ?? "", /the central has ended the connection/);
    });
  }

  it("when the central does not answer the end of the bets", NEVER, async (t) => {
    const report = await load(
      t,
      ({ clock, socket, batch }) => {
        if (batch === 1) socket.write(ack(1));
        else clock.advance(PATIENCE_MS);
      },
      { extent: ONE_BATCH, done: true },
    );
    const { total, draw, errors, firstError } = report;
    assert.deepEqual([total.batches, draw, errors], [1, null, 1]);
    assert.equal(firstError, "the central has said nothing for 500 ms");
  });

  it("when it is interrupted while it waits for the draw", NEVER, async (t) => {
    const report = await load(
      t,
      ({ stopping, socket, batch }) => {
        if (batch === 1) socket.write(ack(1));
        else stopping.abort();
      },
      { extent: ONE_BATCH, done: true },
    );
    const { draw, errors, firstError } = report;
    assert.deepEqual([draw, errors, firstError], [null, 1, "it was interrupted"]);
  });

  it(
    "without errors when it is interrupted and the central goes on answering",
    NEVER,
    async (t) => {
      const report = await load(
        t,
        ({ stopping, socket, batch }) => {
          if (batch === 2) stopping.abort();
          socket.write(ack(batch));
        },
        { extent: ONE_SECOND },
      );
      const { total, unanswered, errors } = report;
      assert.deepEqual([total.batches, unanswered, errors], [2, 0, 0]);
    },
  );

  it("a second after an interrupt when the central is frozen", NEVER, async (t) => {
    const report = await load(
      t,
      ({ stopping, clock, socket, batch }) => {
        if (batch === 1) socket.write(ack(1));
        else {
          stopping.abort();
          laterTick(clock, 1000);
        }
      },
      { extent: ONE_SECOND, answerTimeoutMs: 60_000 },
    );
    const { total, unanswered, firstError } = report;
    assert.deepEqual([total.batches, unanswered], [1, 1]);
    assert.equal(firstError, "not all is answered 1000 ms after the end");
  });
});

describe("a load does not trust", () => {
  it("an acknowledgement that comes again", NEVER, async (t) => {
    const report = await load(t, ({ socket }) => socket.write(ack(1)), { extent: ONE_SECOND });
    const { total, unanswered, firstError } = report;
    assert.deepEqual([total.batches, unanswered], [1, 1]);
    assert.equal(firstError, "ACK 1 comes after ACK 1");
  });

  it("an answer to nothing", NEVER, async (t) => {
    const port = await startServer(t, (socket) => socket.write(Buffer.concat([OK, OK])));
    const options = benchOptions(port, { dialect: "newline-fields", agencies: [1] });
    const report = await runBench({ ...options, extent: ONE_BATCH });
    const { total, errors, firstError } = report;
    assert.deepEqual([total.batches, errors], [1, 1]);
    assert.equal(firstError, "it answers more than was sent");
  });
});

/** How newline-fields confirms a batch. */
const OK = Buffer.from("Success :)\n\n");

describe("a connection of a load", () => {
  it(
    "is over when the other side ends, even if that side reads nothing any more",
    NEVER,
    async (t) => {
      const port = await startServer(t, (socket) => {
        socket.pause();
        socket.end();
      });
      const closed = new Promise<Error | undefined>((resolve) => {
        const wire = wiresTo(
          "127.0.0.1",
          port,
        )({
          // More than fits into the buffers of both sides.
          opened: () => wire.write(Buffer.alloc(64 * 1024 * 1024)),
          received: () => undefined,
          closed: resolve,
        });
      });
      assert.equal(await closed, undefined);
    },
  );

  it("is not given up for a batch that has just become due", async () => {
    const clock = new FakeClock();
    const server = new FakeServer(clock, () => 100);
    const parts = { clock, server, pace: new ClosedLoop(), connections: 1, window: 1 };
    const { lanes, recorder } = await fakeLanes(parts);
    const [lane] = lanes;
    assert.ok(lane !== undefined);
    const dueMs = clock.nowMs();
    lane.pump(dueMs);
    lane.giveUp("silence", dueMs);
    assert.equal(lane.failed, false);
    lane.giveUp("silence", dueMs + 1);
    assert.deepEqual([lane.failed, recorder.unanswered], [true, 1]);
  });
});
