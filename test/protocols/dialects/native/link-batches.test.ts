import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AgencyLink, Answer } from "../../../../src/protocols/agency-link.ts";
import { encodeCentral } from "../../../../src/protocols/dialects/native/encode.ts";
import type { Ack, CentralMessage } from "../../../../src/protocols/dialects/native/wire.ts";
import { headAfter, turn } from "../../scripted-desk.ts";
import { bytewise } from "../../cuts.ts";
import { ANSWER_TIMEOUT_MS } from "../../fake-central.ts";
import { outgoing, ScriptedCentral, WELCOME } from "./scripted-central.ts";

const ack = (sequence: number): Ack => ({
  kind: "ack",
  sequence,
  head: headAfter(sequence),
  done: false,
});

const gap = (sequence: number): CentralMessage => ({
  kind: "reject",
  sequence,
  code: "GAP",
  reason: "the next batch must be 1",
});

function sendAll(link: AgencyLink, sequences: readonly number[]): Promise<Answer>[] {
  return sequences.map((sequence) => link.send(outgoing(sequence)));
}

describe("sending batches", () => {
  it("puts them on the wire as they are, single ones as such", async () => {
    const central = new ScriptedCentral();
    const link = await central.open();
    const two = outgoing(1, 2);
    const one = outgoing(2);
    const answers = [link.send(two), link.sendSingle(one)];
    assert.deepEqual(await central.hear(), {
      kind: "batch",
      sequence: 1,
      count: 2,
      lines: two.lines,
    });
    assert.deepEqual(await central.hear(), { kind: "bet", sequence: 2, line: one.lines });
    central.say(ack(2));
    await Promise.all(answers);
    await link.close();
  });

  it("accepts all that an ACK covers, and gives its head with the last of them", async () => {
    const central = new ScriptedCentral();
    const link = await central.open();
    const answers = sendAll(link, [1, 2, 3]);
    central.say(ack(2), ack(3));
    assert.deepEqual(await Promise.all(answers), [
      { kind: "accepted" },
      { kind: "accepted", head: headAfter(2) },
      { kind: "accepted", head: headAfter(3) },
    ]);
    await link.close();
  });

  it("gives a head of its own, not a view of what came", async () => {
    const central = new ScriptedCentral();
    const link = await central.open();
    const [first] = sendAll(link, [1]);
    const bytes = encodeCentral(ack(1));
    central.centralSide.write(bytes);
    const answer = await first;
    bytes.fill(0xee);
    assert.deepEqual(answer, { kind: "accepted", head: headAfter(1) });
    await link.close();
  });

  it("does not take an ACK for more than it says", async () => {
    const central = new ScriptedCentral();
    const link = await central.open();
    const [first, second] = sendAll(link, [1, 2]);
    central.say(ack(1), ack(1));
    await first;
    let answered = false;
    void second?.then(() => (answered = true));
    await turn();
    assert.equal(answered, false);
    central.say(ack(2));
    await second;
    await link.close();
  });

  it("tells a refusal in the middle of a window from what was only behind it", async () => {
    const central = new ScriptedCentral();
    const link = await central.open();
    const answers = sendAll(link, [1, 2, 3, 4]);
    central.say(
      ack(1),
      {
        kind: "reject",
        sequence: 2,
        code: "INVALID",
        index: 0,
        field: "document",
        reason: "is not 1 to 10 digits",
      },
      gap(3),
      gap(4),
    );
    assert.deepEqual(await Promise.all(answers), [
      { kind: "accepted", head: headAfter(1) },
      {
        kind: "rejected",
        code: "INVALID",
        index: 0,
        field: "document",
        reason: "is not 1 to 10 digits",
      },
      { kind: "skipped" },
      { kind: "skipped" },
    ]);
    await link.close();
  });

  it("tells a busy central, sends again, and knows a new refusal from the old one", async () => {
    const central = new ScriptedCentral();
    const link = await central.open();
    const answers = sendAll(link, [1, 2]);
    central.say({ kind: "busy", sequence: 1, retryAfterMs: 40 }, gap(2));
    assert.deepEqual(await Promise.all(answers), [
      { kind: "busy", retryAfterMs: 40 },
      { kind: "skipped" },
    ]);
    const again = sendAll(link, [1, 2]);
    central.say(ack(1), gap(2));
    assert.deepEqual(await Promise.all(again), [
      { kind: "accepted", head: headAfter(1) },
      { kind: "rejected", code: "GAP", reason: "the next batch must be 1" },
    ]);
    await link.close();
  });

  it("takes answers however they are cut", async () => {
    const central = new ScriptedCentral();
    const link = await central.open();
    const answers = sendAll(link, [1, 2, 3]);
    const late: CentralMessage = { kind: "reject", sequence: 2, code: "LATE", reason: "" };
    const said = Buffer.concat([ack(1), late, gap(3)].map(encodeCentral));
    for (const byte of bytewise(said)) central.centralSide.write(byte);
    const kinds = (await Promise.all(answers)).map(({ kind }) => kind);
    assert.deepEqual(kinds, ["accepted", "rejected", "skipped"]);
    await link.close();
  });

  it("refuses to pass the window", async () => {
    const central = new ScriptedCentral();
    const link = await central.open({ window: 2 });
    const answers = sendAll(link, [1, 2]);
    await assert.rejects(link.send(outgoing(3)), RangeError);
    central.say(ack(2));
    await Promise.all(answers);
    await link.close();
  });

  it("refuses to send a frame that the central would not take", async () => {
    const central = new ScriptedCentral();
    const link = await central.open({ frameBytesMax: 300 });
    const batch = outgoing(1, 10);
    await assert.rejects(link.send(batch), {
      code: "REFUSED",
      message: `Cannot send batch 1: its frame has ${15 + batch.lines.length} bytes, the central takes 300`,
    });
    await link.close();
  });

  it("holds back while the connection is congested, and keeps the order", async () => {
    const central = new ScriptedCentral({ deaf: true });
    const dialled = central.dial();
    central.say(WELCOME);
    const link = await dialled;
    const sequences = Array.from({ length: 64 }, (_, index) => index + 1);
    const answers = sequences.map((sequence) => link.send(outgoing(sequence, 100)));
    await turn();
    const { writableLength, writableHighWaterMark } = central.agencySide;
    assert.ok(writableLength < writableHighWaterMark + 8192);
    central.listen();
    assert.equal((await central.hear()).kind, "hello");
    for (const sequence of sequences) {
      const heard = await central.hear();
      assert.equal(heard.kind === "batch" && heard.sequence, sequence);
    }
    central.say(ack(64));
    await Promise.all(answers);
    await link.close();
  });
});

describe("a link whose answers do not come", () => {
  it("is lost, with everything on its way, when the oldest message is not answered in time", async (t) => {
    const central = new ScriptedCentral();
    const link = await central.open();
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const [first, second] = sendAll(link, [1, 2]);
    t.mock.timers.tick(ANSWER_TIMEOUT_MS - 1);
    central.say(ack(1));
    await first;
    t.mock.timers.tick(ANSWER_TIMEOUT_MS - 1);
    await turn();
    assert.equal(central.agencySide.destroyed, false);
    const lost = assert.rejects(second ?? assert.fail(), { code: "CONNECTION_LOST" });
    t.mock.timers.tick(1);
    await lost;
    await assert.rejects(link.send(outgoing(3)), { code: "CONNECTION_LOST" });
    await link.close();
  });

  it("may be silent for ever while nothing is asked of it", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const central = new ScriptedCentral();
    const link = await central.open();
    t.mock.timers.tick(100 * ANSWER_TIMEOUT_MS);
    const answer = link.send(outgoing(1));
    t.mock.timers.tick(ANSWER_TIMEOUT_MS - 1);
    central.say(ack(1));
    assert.equal((await answer).kind, "accepted");
    t.mock.timers.tick(100 * ANSWER_TIMEOUT_MS);
    assert.equal(central.agencySide.destroyed, false);
    await link.close();
  });
});

describe("a link that fails", () => {
  const failures: [string, (central: ScriptedCentral) => void, object][] = [
    ["FENCED when fenced", (c) => c.say(fatal("FENCED")), { code: "FENCED", transient: false }],
    [
      "CONNECTION_LOST when the central stops",
      (c) => c.say(fatal("STOPPING")),
      { code: "CONNECTION_LOST" },
    ],
    ["REFUSED after a violation of ours", (c) => c.say(fatal("MALFORMED")), { code: "REFUSED" }],
    [
      "CENTRAL_BUSY when the session is sent away",
      (c) => c.say({ kind: "busy", sequence: 0, retryAfterMs: 5 }),
      { code: "CENTRAL_BUSY", retryAfterMs: 5 },
    ],
    [
      "CONNECTION_ENDED at the end of the stream",
      (c) => c.centralSide.end(),
      { code: "CONNECTION_ENDED" },
    ],
    [
      "CONNECTION_ENDED at an end within a frame",
      (c) => c.centralSide.end(Buffer.from("0000002a82", "hex")),
      { code: "CONNECTION_ENDED" },
    ],
    [
      "CONNECTION_LOST at a reset",
      (c) => c.agencySide.destroy(new Error("ECONNRESET")),
      { code: "CONNECTION_LOST" },
    ],
    ["CONNECTION_LOST when given up", (c) => c.abort.abort(), { code: "CONNECTION_LOST" }],
    [
      "CENTRAL_UNSOUND at bytes that are no message",
      (c) => c.centralSide.write(Buffer.from("00000001ff", "hex")),
      { code: "CENTRAL_UNSOUND" },
    ],
    [
      "CENTRAL_UNSOUND at a frame that is too large",
      (c) => c.centralSide.write(Buffer.from("00001ffd", "hex")),
      { code: "CENTRAL_UNSOUND" },
    ],
    [
      "CENTRAL_UNSOUND at an ACK for what was not sent",
      (c) => c.say(ack(3)),
      { code: "CENTRAL_UNSOUND" },
    ],
    [
      "CENTRAL_UNSOUND at a refusal out of order",
      (c) => c.say(gap(2)),
      {
        code: "CENTRAL_UNSOUND",
        message: "Cannot trust the central: it refuses batch 2, 1 is to be answered",
      },
    ],
    [
      "CENTRAL_UNSOUND at a pause out of order",
      (c) => c.say({ kind: "busy", sequence: 2, retryAfterMs: 1 }),
      { code: "CENTRAL_UNSOUND" },
    ],
    [
      "CENTRAL_UNSOUND at a PONG without PING",
      (c) => c.say({ kind: "pong", token: 1 }),
      { code: "CENTRAL_UNSOUND" },
    ],
    [
      "CENTRAL_UNSOUND at results before DONE",
      (c) =>
        c.say({
          kind: "drawn",
          winningNumber: 1,
          seal: headAfter(1),
          total: 0,
          index: 0,
          documents: [],
        }),
      { code: "CENTRAL_UNSOUND" },
    ],
  ];
  for (const [what, act, failure] of failures) {
    it(`says ${what}, to everybody who waits and to those who come later`, async () => {
      const central = new ScriptedCentral();
      const link = await central.open();
      const answers = sendAll(link, [1, 2]);
      await central.hear();
      act(central);
      for (const answer of answers) await assert.rejects(answer, failure);
      await assert.rejects(link.send(outgoing(3)), failure);
      await assert.rejects(link.done({ batches: 2, bets: 2, head: headAfter(2) }), failure);
      await assert.rejects(link.results(), failure);
      await link.close();
    });
  }

  it("says CENTRAL_UNSOUND at a second WELCOME", async () => {
    const central = new ScriptedCentral();
    const link = await central.open();
    const [answer] = sendAll(link, [1]);
    central.say(WELCOME);
    await assert.rejects(answer ?? assert.fail(), { code: "CENTRAL_UNSOUND" });
    await link.close();
  });

  it("is not failed by an ERROR that is not fatal", async () => {
    const central = new ScriptedCentral();
    const link = await central.open();
    const [answer] = sendAll(link, [1]);
    central.say({ kind: "error", code: "MALFORMED", fatal: false, text: "hm" }, ack(1));
    assert.equal((await answer)?.kind, "accepted");
    await link.close();
  });
});

function fatal(code: Extract<CentralMessage, { kind: "error" }>["code"]): CentralMessage {
  return { kind: "error", code, fatal: true, text: "" };
}
