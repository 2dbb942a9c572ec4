import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { batch, CONFIRMATION, record, u32, winners, ZERO } from "./bytes.ts";
import { WatchedDesk } from "../../watched-desk.ts";
import { serve } from "./served.ts";

const HELLO = u32(1);

/** A name whose 24th byte is the first half of an Ñ, as the course's client cuts it. */
const CUT_NAME = Buffer.from("María de los Milagros ÑÑ").subarray(0, 24);

interface Refused {
  readonly what: string;
  readonly bytes: Buffer;
  readonly count: number;
}

const REFUSED: readonly Refused[] = [
  {
    what: "a name cut within a letter",
    bytes: Buffer.concat([u32(2), record(), record({ firstName: CUT_NAME })]),
    count: 2,
  },
  {
    what: "an empty first name",
    bytes: Buffer.concat([u32(2), record(), record({ firstName: "" })]),
    count: 2,
  },
  { what: "an empty birthdate", bytes: batch(1, { birthdate: "" }), count: 1 },
  { what: "a birthdate that is none", bytes: batch(1, { birthdate: "1990-02-30" }), count: 1 },
  { what: "a birthdate of other letters", bytes: batch(1, { birthdate: "19900131,9" }), count: 1 },
  { what: "a number of five digits", bytes: batch(1, { number: 10_000 }), count: 1 },
  { what: "a NUL inside a name", bytes: batch(1, { lastName: "Pa\0z" }), count: 1 },
  { what: "a line end inside a name", bytes: batch(1, { lastName: "Paz\r\n2,A" }), count: 1 },
  {
    what: "the record of another agency",
    bytes: Buffer.concat([u32(2), record(), record({ agency: 2 })]),
    count: 2,
  },
];

describe("what the course's fixed70 server does not survive", () => {
  for (const { what, bytes, count } of REFUSED) {
    it(`${what}: nothing of the batch is stored, and others go on`, async () => {
      const desk = new WatchedDesk(2);
      const [bad, good] = [serve(desk), serve(desk)];
      await bad.say(HELLO, batch(1));
      assert.deepEqual(await bad.say(bytes), []);
      assert.ok(bad.ended);
      assert.equal(desk.offers.at(-1)?.count, count);
      assert.equal(desk.lines, "1,Ana,Paz,30000000,1990-01-31,7\r\n");
      assert.deepEqual(await good.say(u32(2), batch(3, { agency: 2 })), [CONFIRMATION]);
    });
  }

  it("commas, quotes and # in names are stored as they are", async () => {
    const desk = new WatchedDesk(1);
    const names = { firstName: 'Ana, "la #1"', lastName: "" };
    assert.deepEqual(await serve(desk).say(HELLO, batch(1, names)), [CONFIRMATION]);
    assert.equal(desk.lines, '1,"Ana, ""la #1""",,30000000,1990-01-31,7\r\n');
  });

  it("a hello, a count and a record in pieces", async () => {
    const served = serve(new WatchedDesk(1));
    const bytes = Buffer.concat([HELLO, batch(2), batch(1, { document: 9 }), ZERO]);
    const answers = await served.say(...Array.from(bytes, (byte) => Buffer.of(byte)));
    assert.deepEqual(answers, [CONFIRMATION, CONFIRMATION, winners()]);
  });

  it("two batches and the question in one segment", async () => {
    const served = serve(new WatchedDesk(1));
    const bytes = Buffer.concat([HELLO, batch(2), batch(1, { document: 9 }), ZERO]);
    assert.deepEqual(await served.say(bytes), [CONFIRMATION, CONFIRMATION, winners()]);
  });

  it("bytes behind the question", async () => {
    const served = serve(new WatchedDesk(1));
    assert.deepEqual(await served.say(HELLO, batch(2), batch(1, { document: 9 })), [
      CONFIRMATION,
      CONFIRMATION,
    ]);
    assert.deepEqual(await served.say(Buffer.concat([ZERO, batch(5)])), [winners()]);
    assert.ok(served.ended);
    assert.ok(!served.desk.lines.includes("30000004"));
  });

  for (const [what, bytes] of [
    ["nothing", Buffer.alloc(0)],
    ["half a hello", Buffer.of(0, 0)],
    ["a hello", HELLO],
    ["half a batch", Buffer.concat([HELLO, batch(3).subarray(0, 100)])],
  ] as const) {
    it(`a connection that says ${what} and closes`, async () => {
      const desk = new WatchedDesk(1);
      const served = serve(desk);
      await served.say(bytes);
      await served.end();
      assert.ok(served.ended);
      assert.deepEqual(desk.offers, []);
      assert.deepEqual(served.complaints, bytes.length === 0 ? [] : ["FRAME_TRUNCATED"]);
      assert.deepEqual(await serve(desk).say(HELLO, batch(1)), [CONFIRMATION]);
    });
  }

  it("a connection that says nothing: others are served, and it is waited for as a greeting", async () => {
    const desk = new WatchedDesk(2);
    const silent = serve(desk);
    await silent.say(HELLO);
    assert.equal(silent.conversation.awaiting, "greeting");
    assert.deepEqual(await serve(desk).say(u32(2), batch(1, { agency: 2 })), [CONFIRMATION]);
  });

  it("a batch that never ends is waited for as the rest of a message", async () => {
    const served = serve(new WatchedDesk(1));
    await served.say(HELLO, batch(1), batch(2).subarray(0, 3));
    assert.equal(served.conversation.awaiting, "rest");
  });

  for (const count of [1873, 0x00ff_ffff, 0xffff_ffff]) {
    it(`a count of ${count} is refused before anything is kept for it`, async () => {
      const desk = new WatchedDesk(1);
      const served = serve(desk);
      assert.deepEqual(await served.say(HELLO, batch(1), u32(count)), [CONFIRMATION]);
      assert.ok(served.ended);
      assert.deepEqual(served.complaints, ["FRAME_TOO_LARGE"]);
      assert.equal(desk.offers.length, 1);
    });
  }

  it("garbage behind a batch is refused, and what was confirmed stays", async () => {
    const desk = new WatchedDesk(1);
    const served = serve(desk);
    await served.say(HELLO, batch(1), Buffer.from("GET / HTTP/1.1\r\n\r\n"));
    assert.deepEqual(served.complaints, ["FRAME_TOO_LARGE"]);
    assert.equal(desk.lines, "1,Ana,Paz,30000000,1990-01-31,7\r\n");
  });

  it("two connections of one agency do not interleave", async () => {
    const desk = new WatchedDesk(1);
    const [first, second] = [serve(desk), serve(desk)];
    await first.say(HELLO, batch(2));
    await second.say(HELLO, batch(2));
    await first.say(batch(2, { document: 77 }));
    assert.ok(!desk.lines.includes("77"));
    assert.deepEqual(await second.say(batch(1, { document: 9 })), [CONFIRMATION]);
  });

  it("the first agency to finish learns nothing before the others have", async () => {
    const desk = new WatchedDesk(2);
    const served = serve(desk);
    await served.say(HELLO, batch(2), batch(1, { document: 9 }));
    assert.deepEqual(await served.say(ZERO), []);
    assert.equal(desk.book.state, "open");
  });
});
