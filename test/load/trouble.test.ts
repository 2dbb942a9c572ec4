import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { BenchError, type BenchErrorCode } from "../../src/load/bench-error.ts";
import { runBench } from "../../src/load/run-bench.ts";
import { DIALECTS } from "../../src/protocols/dialects.ts";
import { encodeCentral } from "../../src/protocols/dialects/native/encode.ts";
import { freePort } from "../blackbox/free-port.ts";
import { WELCOME as GREETED } from "../protocols/dialects/native/scripted-central.ts";
import { type Fixture, startFixture } from "../central/fixture.ts";
import { benchOptions } from "./bench-options.ts";
import { ack, framesIn, isGreeting, startServer, WELCOME } from "./raw-server.ts";

function startCentral(t: TestContext): Promise<Fixture> {
  return startFixture(t, { dialects: DIALECTS, store: { agencies: 3 } });
}

function failure(code: BenchErrorCode, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof BenchError);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  };
}

describe("a load in trouble", () => {
  for (const dialect of ["native", "fixed70", "tlv"]) {
    it(`reports that there is no central: ${dialect}`, async () => {
      const port = await freePort();
      const message = new RegExp(`Cannot load 127.0.0.1:${port}: .*ECONNREFUSED`);
      const run = runBench(benchOptions(port, { dialect }));
      await assert.rejects(run, failure("LOAD_FAILED", message));
    });
  }

  it("does not begin with an agency of native that is done", async (t) => {
    const { port } = await startCentral(t);
    await runBench(benchOptions(port, { done: true }));
    const run = runBench(benchOptions(port));
    await assert.rejects(run, failure("LOAD_FAILED", /agency \d: the draw is drawn/));
  });

  for (const [what, welcome, message] of [
    ["an agency that is done", { done: true }, /agency 1: it has said that it is done/],
    ["a sealed draw", { state: "sealed" }, /agency 1: the draw is sealed/],
    ["too small a window", { window: 3 }, /allows 3 unanswered batches, not 4/],
    ["too small a frame", { frameBytesMax: 100 }, /a batch has \d+ bytes.* takes 100 bytes/],
  ] as const) {
    it(`does not begin with ${what}`, async (t) => {
      const port = await startServer(t, (socket) =>
        socket.write(encodeCentral({ ...GREETED, ...welcome })),
      );
      const run = runBench(benchOptions(port, { agencies: [1], window: 4 }));
      await assert.rejects(run, failure("LOAD_FAILED", message));
    });
  }

  it("does not begin with an agency that the central does not have", async (t) => {
    const { port } = await startCentral(t);
    const run = runBench(benchOptions(port, { agencies: [1, 2, 3, 4] }));
    await assert.rejects(run, failure("LOAD_FAILED", /UNKNOWN_AGENCY/));
  });

  for (const [dialect, said] of [
    ["tlv", /Error al procesar/],
    ["md5-frames", /failure/],
    ["colon-lines", /server:1/],
  ] as const) {
    it(`counts one refusal for each connection, and shows the first one: ${dialect}`, async (t) => {
      const { port, store } = await startCentral(t);
      await runBench(benchOptions(port, { dialect, done: true }));
      const before = store.batches.length;
      const report = await runBench(benchOptions(port, { dialect, seed: 2 }));
      assert.deepEqual([report.refused, report.bets, report.unanswered], [3, 0, 0]);
      assert.match(report.firstRefusal ?? "", said);
      assert.equal(store.batches.length, before);
    });
  }

  it("counts batches of native that were answered busy, and goes on with the other connections", async (t) => {
    const { port, store } = await startCentral(t);
    store.refuseNext(1);
    const report = await runBench(benchOptions(port));
    assert.equal(report.refused, 1);
    assert.match(report.firstRefusal ?? "", /^BUSY, again after \d+ ms$/);
    assert.equal(report.bets, 666 + (report.bets % 2 === 0 ? 0 : 1));
    assert.deepEqual([report.errors, report.unanswered], [0, 0]);
  });

  it("counts connections that end, and batches without an answer", async (t) => {
    let batches = 0;
    const port = await startServer(t, (socket, chunk) => {
      if (isGreeting(chunk)) socket.write(WELCOME);
      else if (++batches === 1) {
        socket.write(ack(1));
      } else socket.destroy();
    });
    const report = await runBench(benchOptions(port, { agencies: [1] }));
    assert.deepEqual([report.batches, report.errors, report.unanswered], [1, 1, 1]);
    assert.match(report.firstError ?? "", /has ended the connection/);
  });

  it("gives up at a central that sends nothing", async (t) => {
    const port = await startServer(t, (socket, chunk) => {
      if (isGreeting(chunk)) socket.write(WELCOME);
    });
    const run = runBench(benchOptions(port, { answerTimeoutMs: 1 }));
    await assert.rejects(run, failure("LOAD_FAILED", /has said nothing for 1 ms/));
  });

  it("does not trust answers to batches that were never sent", async (t) => {
    const port = await startServer(t, (socket, chunk) =>
      socket.write(isGreeting(chunk) ? WELCOME : ack(7)),
    );
    const run = runBench(benchOptions(port));
    await assert.rejects(run, failure("LOAD_FAILED", /7 batches are answered, 1 batch sent/));
  });

  it("does not trust bytes that are not an answer", async (t) => {
    const port = await startServer(t, (socket) => socket.write("HTTP/1.1 400 Bad Request\n\n"));
    for (const dialect of ["native", "fixed70", "tlv", "colon-lines", "newline-fields"]) {
      const run = runBench(benchOptions(port, { dialect }));
      await assert.rejects(run, failure("LOAD_FAILED", /Cannot decode/));
    }
  });

  it("accepts the end of a connection after the winners", async (t) => {
    const waiting: Socket[] = [];
    let firstIsGone = false;
    const tellWinners = (): void => {
      for (const socket of waiting.splice(0)) socket.write("\n\n\n");
    };
    const port = await startServer(t, (socket, chunk) => {
      const message = chunk.toString();
      if (message.startsWith("BET")) socket.write("Success :)\n\n");
      else if (message.startsWith("CONFIRMATION")) socket.write("OK\n\n");
      else if (message.startsWith("WINNERS\n1\n")) {
        socket.end("\n\n\n");
        socket.on("close", () => {
          firstIsGone = true;
          tellWinners();
        });
      } else {
        waiting.push(socket);
        if (firstIsGone) tellWinners();
      }
    });
    const dialect = "newline-fields";
    const report = await runBench(benchOptions(port, { dialect, agencies: [1, 2], done: true }));
    assert.deepEqual([report.errors, report.draw?.winners], [0, 0]);
  });

  it("accepts answers in pieces, even if a piece looks like another answer", async (t) => {
    const head = Buffer.alloc(32, ACK_TYPE);
    const acks = [1, 2].map((sequence) =>
      encodeCentral({ kind: "ack", sequence, head, done: false }),
    );
    const answer = Buffer.concat(acks);
    let bytes = Buffer.alloc(0);
    const port = await startServer(t, (socket, chunk) => {
      if (isGreeting(chunk)) {
        socket.setNoDelay(true);
        socket.write(WELCOME);
        return;
      }
      bytes = Buffer.concat([bytes, chunk]);
      if (framesIn(bytes) < 2) return;
      socket.write(answer.subarray(0, 10), () => {
        // Two turns of the loop, so that the first piece is read before the second one is there.
        setImmediate(() => setImmediate(() => socket.write(answer.subarray(10))));
      });
    });
    const extent = { kind: "bets", bets: 20 } as const;
    const report = await runBench(benchOptions(port, { agencies: [1], extent, window: 2 }));
    assert.deepEqual([report.batches, report.bets, report.firstError], [2, 20, null]);
  });
});

const ACK_TYPE = 0x82;

describe("a load refuses", () => {
  for (const [what, options, message] of [
    ["an unknown dialect", { dialect: "morse" }, /no dialect is called morse/],
    [
      "more batches on their way than a dialect allows",
      { dialect: "tlv", window: 2 },
      /tlv allows 1/,
    ],
    [
      "a draw in a dialect without one",
      { dialect: "tlv/ej6", done: true },
      /tlv\/ej6 knows no draw/,
    ],
    [
      "keeping a connection that the central ends",
      { dialect: "colon-lines/ej6", keepConnection: true },
      /a central ends a connection/,
    ],
    ["agency 0", { agencies: [0] }, /no agency can have the number 0/],
    [
      "an agency above the largest of fixed70",
      { dialect: "fixed70", agencies: [70_000] },
      /max is 65535/,
    ],
  ] as const) {
    it(what, async () => {
      await assert.rejects(runBench(benchOptions(1, options)), failure("BENCH_INVALID", message));
    });
  }
});
