import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeClient } from "../../../../src/protocols/dialects/native/encode.ts";
import { EARLY_MESSAGES_MAX, PREFACE } from "../../../../src/protocols/dialects/native/wire.ts";
import { headAfter, stored, turn } from "../../scripted-desk.ts";
import { batch, done, HELLO, Served } from "./served.ts";

describe("serving the greeting", () => {
  it("takes no notice of credentials, and welcomes with where the agency stands", async () => {
    const served = new Served(4096);
    served.greet({ kind: "hello", agency: 3, draw: "navidad", credentials: Buffer.from("?") });
    assert.deepEqual(served.desk.attended, [{ agency: 3, draw: "navidad", proof: undefined }]);
    assert.deepEqual(served.heard(), []);
    await served.desk.welcome(
      { nextSequence: 7, bets: 600, head: headAfter(6), done: false },
      { name: "navidad", state: "sealed" },
    );
    assert.deepEqual(served.answers(), [
      {
        kind: "welcome",
        draw: "navidad",
        state: "sealed",
        done: false,
        chainKnown: true,
        nextSequence: 7,
        bets: 600,
        head: headAfter(6),
        window: 64,
        frameBytesMax: 4096,
      },
    ]);
    assert.equal(served.peer.ends, 0);
  });

  it("says that the chain is unknown when bets are stored and sequences begin at 1", async () => {
    const served = new Served();
    served.greet();
    await served.desk.welcome({ bets: 12 });
    const [welcome] = served.answers();
    assert.equal(welcome?.kind === "welcome" && welcome.chainKnown, false);
  });

  it("waits for the greeting however it is cut", async () => {
    const served = new Served();
    const bytes = Buffer.concat([PREFACE, encodeClient(HELLO)]);
    for (const byte of bytes) {
      assert.equal(served.conversation.awaiting, "greeting");
      served.receive(Buffer.of(byte));
    }
    assert.equal(served.conversation.awaiting, "central");
    await served.desk.welcome();
    assert.equal(served.conversation.awaiting, "message");
    assert.deepEqual(served.heard(), ["WELCOME 1"]);
  });

  it("refuses agencies and draws that the desk does not know", async () => {
    for (const [kind, code] of [
      ["unknown-agency", "UNKNOWN_AGENCY"],
      ["unknown-draw", "UNKNOWN_DRAW"],
    ] as const) {
      const served = new Served();
      served.desk.refusal = { kind };
      served.greet();
      assert.deepEqual(served.heard(), [`ERROR ${code}`]);
      assert.equal(served.peer.ends, 1);
    }
  });

  it("refuses anything before HELLO, and a second HELLO", async () => {
    const early = new Served();
    early.receive(Buffer.concat([PREFACE, encodeClient(batch(1))]));
    assert.deepEqual(early.heard(), ["ERROR UNEXPECTED_MESSAGE"]);
    assert.equal(early.peer.ends, 1);

    const twice = new Served();
    await twice.open();
    twice.say(HELLO);
    assert.deepEqual(twice.heard(), ["ERROR UNEXPECTED_MESSAGE"]);
    assert.equal(twice.peer.ends, 1);
  });

  it("says STOPPING when the desk fails", async () => {
    const served = new Served();
    served.greet();
    await served.desk.failToAttend();
    assert.deepEqual(served.heard(), ["ERROR STOPPING"]);
    assert.equal(served.peer.ends, 1);
  });

  it("holds nothing for a peer that is gone before it was welcomed", async () => {
    const served = new Served();
    served.greet();
    served.conversation.closed();
    await served.desk.welcome();
    assert.equal(served.desk.fence, undefined);
    assert.deepEqual(served.heard(), []);
  });
});

describe("messages before WELCOME", () => {
  it("wait for it, in order, and are handled with bytes of their own", async () => {
    const served = new Served();
    const early = [batch(1, "first"), batch(2, "second"), { kind: "ping", token: 9 }] as const;
    const chunk = [PREFACE, ...[HELLO, ...early].map(encodeClient)];
    served.receive(Buffer.concat(chunk));
    served.say(done(2));
    assert.deepEqual(served.desk.submissions, []);
    await served.desk.welcome();
    assert.deepEqual(served.heard(), ["WELCOME 1", "PONG 9"]);
    assert.deepEqual(
      served.desk.submissions.map(({ lines }) => lines),
      ["first", "second"],
    );
    served.desk.settle(1, stored(1));
    served.desk.settle(2, stored(2));
    await turn();
    assert.deepEqual(served.desk.claims, [done(2)]);
    assert.deepEqual(served.heard(), ["ACK 2"]);
  });

  it("are no more than the limit", () => {
    const served = new Served();
    served.greet();
    for (let sequence = 1; sequence <= EARLY_MESSAGES_MAX; sequence++) served.say(batch(sequence));
    assert.deepEqual(served.heard(), []);
    served.say(batch(EARLY_MESSAGES_MAX + 1));
    assert.deepEqual(served.heard(), ["ERROR UNEXPECTED_MESSAGE"]);
    assert.equal(served.peer.ends, 1);
  });

  it("end the conversation at once when they are no messages", async () => {
    const served = new Served();
    served.receive(Buffer.concat([PREFACE, encodeClient(HELLO), Buffer.from("ffffffff", "hex")]));
    assert.deepEqual(served.heard(), ["ERROR FRAME_TOO_LARGE"]);
    await served.desk.welcome();
    assert.deepEqual(served.heard(), []);
    assert.equal(served.peer.ends, 1);
  });

  it("are answered to a peer that has ended its side meanwhile", async () => {
    const served = new Served();
    served.receive(Buffer.concat([PREFACE, ...[HELLO, batch(1)].map(encodeClient)]));
    served.conversation.ended();
    await served.desk.welcome();
    assert.equal(served.peer.ends, 0);
    served.desk.settle(1, stored(1));
    assert.deepEqual(served.heard(), ["WELCOME 1", "ACK 1"]);
    assert.equal(served.peer.ends, 1);
  });
});
