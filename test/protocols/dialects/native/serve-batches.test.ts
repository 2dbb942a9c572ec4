import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { BatchVerdict } from "../../../../src/protocols/counter.ts";
import { WINDOW } from "../../../../src/protocols/dialects/native/wire.ts";
import { headAfter, stored, turn } from "../../scripted-desk.ts";
import { batch, Served } from "./served.ts";

const invalid: BatchVerdict = {
  kind: "invalid",
  flaw: { index: 1, field: "number", reason: "is not a number from 0 to 9999" },
};

async function open(): Promise<Served> {
  const served = new Served();
  await served.open();
  return served;
}

/** A conversation with this many batches on their way. */
async function openWith(batches: number): Promise<Served> {
  const served = await open();
  for (let sequence = 1; sequence <= batches; sequence++) served.say(batch(sequence));
  return served;
}

describe("serving batches", () => {
  it("submits them as they are, a step each, and single ones as such", async () => {
    const served = await open();
    const steps = served.say(
      { kind: "batch", sequence: 1, count: 2, lines: Buffer.from("ab") },
      { kind: "bet", sequence: 2, line: Buffer.from("c") },
    );
    assert.equal(steps, 2);
    assert.deepEqual(
      served.desk.submissions.map(({ agency, sequence, count, lines, single }) => ({
        agency,
        sequence,
        count,
        lines,
        single,
      })),
      [
        { agency: 1, sequence: 1, count: 2, lines: "ab", single: false },
        { agency: 1, sequence: 2, count: 1, lines: "c", single: true },
      ],
    );
    assert.equal(served.conversation.awaiting, "central");
  });

  it("handles no message before it is asked to", async () => {
    const served = await open();
    const steps = served.conversation.receive(
      Buffer.concat([1, 2, 3].map((token) => Buffer.from(`00000005050000000${token}`, "hex"))),
    );
    assert.deepEqual(served.heard(), []);
    steps.next();
    assert.deepEqual(served.heard(), ["PONG 1"]);
    steps.next();
    assert.deepEqual(served.heard(), ["PONG 2"]);
  });

  it("sends one ACK for all that is settled in a turn, with the last head", async () => {
    const served = await openWith(3);
    served.desk.settle(1, stored(1));
    served.desk.settle(2, { kind: "duplicate", head: headAfter(2) });
    assert.deepEqual(served.peer.sent, []);
    await turn();
    assert.deepEqual(served.answers(), [
      { kind: "ack", sequence: 2, head: headAfter(2), done: false },
    ]);
    assert.equal(served.conversation.awaiting, "central");
    served.desk.settle(3, stored(3));
    await turn();
    assert.deepEqual(served.heard(), ["ACK 3"]);
    assert.equal(served.conversation.awaiting, "message");
  });

  it("answers in the order of the batches, whatever the order of the verdicts", async () => {
    const served = await openWith(3);
    served.desk.settle(3, { kind: "gap", expected: 2 });
    served.desk.settle(2, invalid);
    await turn();
    assert.deepEqual(served.heard(), []);
    served.desk.settle(1, stored(1));
    assert.deepEqual(served.heard(), ["ACK 1", "REJECT 2 INVALID", "REJECT 3 GAP"]);
  });

  it("acknowledges repeated batches that go backwards one by one", async () => {
    const served = await open();
    for (const sequence of [5, 3, 3]) {
      served.say(batch(sequence));
      served.desk.settle(sequence, { kind: "duplicate", head: headAfter(sequence) });
    }
    await turn();
    assert.deepEqual(served.heard(), ["ACK 5", "ACK 3", "ACK 3"]);
  });

  it("tells why a batch is refused", async () => {
    const served = await open();
    const verdicts: [BatchVerdict, object][] = [
      [
        invalid,
        {
          kind: "reject",
          code: "INVALID",
          index: 1,
          field: "number",
          reason: "is not a number from 0 to 9999",
        },
      ],
      [
        { kind: "conflict" },
        { kind: "reject", code: "CONFLICT", reason: "another batch is stored under this sequence" },
      ],
      [
        { kind: "gap", expected: 4 },
        { kind: "reject", code: "GAP", reason: "the next batch must be 4" },
      ],
      [
        { kind: "late" },
        { kind: "reject", code: "LATE", reason: "the agency is done, or the draw is sealed" },
      ],
      [
        { kind: "busy", retryAfterMs: 99.5 },
        { kind: "busy", retryAfterMs: 100 },
      ],
    ];
    for (const [verdict, answer] of verdicts) {
      served.say(batch(9));
      served.desk.settle(9, verdict);
      assert.deepEqual(served.answers(), [{ sequence: 9, ...answer }]);
    }
  });

  it("leaves out the index of a flaw that the wire cannot count to", async () => {
    const served = await openWith(1);
    served.desk.settle(1, { kind: "invalid", flaw: { ...invalid.flaw, index: 65_535 } });
    const [reject] = served.answers();
    assert.equal(reject?.kind === "reject" && reject.index, undefined);
  });

  it("rejects everything behind a refused batch as GAP, until that sequence comes again", async () => {
    const served = await openWith(5);
    served.desk.settle(1, { kind: "busy", retryAfterMs: 10 });
    served.desk.settle(2, { kind: "gap", expected: 1 });
    served.desk.settle(3, invalid);
    served.desk.settle(4, { kind: "busy", retryAfterMs: 10 });
    served.desk.settle(5, { kind: "late" });
    assert.deepEqual(served.heard(), [
      "BUSY 1 10",
      "REJECT 2 GAP",
      "REJECT 3 GAP",
      "REJECT 4 GAP",
      "REJECT 5 GAP",
    ]);
    for (const sequence of [1, 2]) served.say(batch(sequence));
    served.desk.settle(1, stored(1));
    served.desk.settle(2, invalid);
    assert.deepEqual(served.heard(), ["ACK 1", "REJECT 2 INVALID"]);
  });

  it("does not deny what is stored behind a refused batch", async () => {
    const served = await openWith(2);
    served.desk.settle(1, { kind: "conflict" });
    served.desk.settle(2, stored(2));
    await turn();
    assert.deepEqual(served.heard(), ["REJECT 1 CONFLICT", "ACK 2"]);
  });

  it("takes a window of unanswered batches and no more", async () => {
    const served = await openWith(WINDOW);
    assert.deepEqual(served.heard(), []);
    assert.equal(served.desk.submissions.length, WINDOW);
    served.say(batch(WINDOW + 1), batch(WINDOW + 2));
    assert.deepEqual(served.heard(), ["ERROR UNEXPECTED_MESSAGE"]);
    assert.equal(served.desk.submissions.length, WINDOW);
    assert.equal(served.peer.ends, 1);
    for (let sequence = 1; sequence <= WINDOW; sequence++) {
      served.desk.settle(sequence, stored(sequence));
    }
    await turn();
    assert.deepEqual(served.heard(), []);
  });

  it("makes room in the window with every answer", async () => {
    const served = await openWith(WINDOW);
    served.desk.settle(1, stored(1));
    served.say(batch(WINDOW + 1));
    await turn();
    assert.deepEqual(served.heard(), ["ACK 1"]);
  });

  it("answers PING at once, also while batches are on their way", async () => {
    const served = await openWith(1);
    served.say({ kind: "ping", token: 4_294_967_295 });
    assert.deepEqual(served.heard(), ["PONG 4294967295"]);
  });
});
