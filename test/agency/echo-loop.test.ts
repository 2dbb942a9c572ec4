import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { describe, it } from "node:test";
import { runAgency, type RunAgencyOptions } from "../../src/agency/run.ts";
import { CONFIG } from "./harness.ts";
import { memoryLogger } from "../support/memory-logger.ts";

/** Answers every line with what `reply` makes of it, and ends the connection, as the exercise does. */
async function withServer<T>(
  reply: (line: string, socket: Socket) => void,
  use: (port: number) => Promise<T>,
): Promise<T> {
  const server = createServer((socket) => {
    let text = "";
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      text += String(chunk);
      if (text.endsWith("\n")) reply(text, socket);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  try {
    return await use(address.port);
  } finally {
    server.close();
    await once(server, "close");
  }
}

async function echo(
  port: number,
  overrides: Partial<RunAgencyOptions> = {},
  answerTimeoutMs = 5000,
) {
  const logger = memoryLogger();
  const pausesMs: number[] = [];
  const outcome = await runAgency({
    config: { ...CONFIG, id: "norte", mode: "echo", host: "127.0.0.1", port, answerTimeoutMs },
    logger,
    signal: new AbortController().signal,
    sleep: async (delayMs, signal) => {
      pausesMs.push(delayMs);
      signal.throwIfAborted();
    },
    ...overrides,
  });
  return { outcome, logger, pausesMs };
}

const exchange = (number: number) => [
  `INFO     action: receive_message | result: success | client_id: norte | msg: [CLIENT norte] Message N°${number}`,
  "INFO     action: close_connection | result: success | client_id: norte",
];

describe("the echo loop", () => {
  for (const { lapseMs, amount, sent } of [
    { lapseMs: 20_000, amount: 1_000_000, sent: 4 },
    { lapseMs: 20_001, amount: 1_000_000, sent: 5 },
    { lapseMs: 20_000, amount: 3, sent: 3 },
    { lapseMs: 0, amount: 3, sent: 0 },
  ]) {
    it(`sends ${sent} messages when ${amount} are asked for in ${lapseMs} ms, one every 5 s`, async () => {
      let received = 0;
      let nowMs = 1000;
      const { outcome, logger } = await withServer(
        (line, socket) => {
          received += 1;
          socket.end(line);
        },
        (port) =>
          echo(port, {
            config: {
              ...CONFIG,
              id: "norte",
              mode: "echo",
              host: "127.0.0.1",
              port,
              loopAmount: amount,
              loopLapse: { ms: lapseMs, text: "some time" },
            },
            now: () => nowMs,
            sleep: async (delayMs) => {
              nowMs += delayMs;
            },
          }),
      );
      assert.equal(outcome.kind, "success");
      assert.equal(received, sent);
      assert.equal(logger.of("timeout_detected").length, sent === amount ? 0 : 1);
      assert.equal(logger.of("loop_finished").length, 1);
    });
  }

  it("sends each message on its own connection, with a pause after each", async () => {
    const received: string[] = [];
    const { outcome, logger, pausesMs } = await withServer(
      (line, socket) => {
        received.push(line);
        socket.end(line);
      },
      (port) => echo(port),
    );
    assert.equal(outcome.kind, "success");
    assert.deepEqual(received, [
      "[CLIENT norte] Message N°1\n",
      "[CLIENT norte] Message N°2\n",
      "[CLIENT norte] Message N°3\n",
    ]);
    assert.deepEqual(pausesMs, [5000, 5000, 5000]);
    const lines = logger.render("agency").trimEnd().split("\n");
    assert.deepEqual(
      lines.map((line) => line.slice(20)),
      [
        ...exchange(1),
        ...exchange(2),
        ...exchange(3),
        "INFO     action: loop_finished | result: success | client_id: norte",
      ],
    );
  });

  it("reads an answer that comes in pieces", async () => {
    const { outcome } = await withServer(
      (line, socket) => {
        const bytes = Buffer.from(line.replace("\n", "\r\n"));
        // In the middle of the degree sign, which has two bytes.
        const cut = bytes.indexOf("°") + 1;
        socket.write(bytes.subarray(0, cut), () => socket.end(bytes.subarray(cut)));
      },
      (port) => echo(port),
    );
    assert.equal(outcome.kind, "success");
  });

  for (const [what, reply, error] of [
    ["ends without an answer", (_: string, s: Socket) => s.end(), /ended before a whole line/],
    ["answers half a line", (l: string, s: Socket) => s.end(l.slice(0, 9)), /ended before a whole/],
    ["answers something else", (_: string, s: Socket) => s.end("hello\n"), /came back: hello$/],
    ["never ends its line", (_: string, s: Socket) => s.write("x".repeat(10_000)), /no line end/],
    ["resets", (_: string, s: Socket) => s.resetAndDestroy(), /ECONNRESET/],
    ["is silent", () => undefined, /^no answer within 300 ms$/],
  ] as const) {
    it(`fails at the first message when the server ${what}`, async () => {
      const { outcome, logger, pausesMs } = await withServer(reply, (port) =>
        echo(port, {}, what === "is silent" ? 300 : 5000),
      );
      assert.equal(outcome.error?.code, "ECHO_FAILED");
      assert.deepEqual(pausesMs, []);
      const [fail] = logger.of("receive_message");
      assert.equal(fail?.result, "fail");
      assert.equal(fail["client_id"], "norte");
      assert.match(String(fail["error"]), error);
      assert.equal(logger.of("close_connection").length, 1);
      assert.equal(logger.of("loop_finished").length, 0);
    });
  }

  it("waits for a server that is not there yet", async () => {
    const port = await withServer(
      () => undefined,
      async (port) => port,
    );
    let server: Server | undefined;
    const { outcome, logger } = await echo(port, {
      sleep: async (_delayMs, signal) => {
        signal.throwIfAborted();
        if (server !== undefined) return;
        server = createServer((socket) => socket.pipe(socket)).listen(port, "127.0.0.1");
        await once(server, "listening");
      },
    });
    server?.close();
    assert.equal(outcome.kind, "success");
    assert.equal(logger.of("connect").length, 1);
    assert.equal(logger.of("connect")[0]?.result, "in_progress");
  });

  it("stops in the middle of a message, and between two messages", async () => {
    const stop = new AbortController();
    const waiting = await withServer(
      () => stop.abort(),
      (port) => echo(port, { signal: stop.signal }),
    );
    assert.equal(waiting.outcome.kind, "stopped");
    assert.deepEqual(
      waiting.logger.events.map(({ event }) => event.action),
      ["close_connection"],
    );

    const later = new AbortController();
    const pausing = await withServer(
      (line, socket) => socket.end(line),
      (port) =>
        echo(port, {
          signal: later.signal,
          sleep: (_delayMs, signal) => {
            later.abort();
            return Promise.reject(signal.reason);
          },
        }),
    );
    assert.equal(pausing.outcome.kind, "stopped");
    assert.equal(pausing.logger.of("receive_message").length, 1);
    assert.equal(pausing.logger.of("loop_finished").length, 0);
  });
});
