import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeLines } from "../../../../src/lottery/canonical-line.ts";
import type { OutgoingBatch } from "../../../../src/protocols/agency-link.ts";
import { turn } from "../../scripted-desk.ts";
import { agency, batch, bet, record, u32, ZERO } from "./bytes.ts";
import { dial, fakeCentral } from "./codec.ts";

const NO_CLAIM = { batches: 0, bets: 0, head: Buffer.alloc(32) };
const CONFIRMED = u32(1);

function outgoing(count: number): OutgoingBatch {
  const bets = Array.from({ length: count }, (_, index) =>
    bet({ document: String(30_000_000 + index) }),
  );
  return { sequence: 1, bets, lines: encodeLines(bets) };
}

async function settle(): Promise<void> {
  for (let turns = 0; turns < 4; turns++) await turn();
}

describe("an agency that speaks fixed70", () => {
  it("says hello with its first batch, and never again", async () => {
    const central = fakeCentral();
    const link = await dial(central);
    await settle();
    assert.equal(central.last.bytes.length, 0);
    assert.equal(link.window, 1);
    assert.equal(link.standing, undefined);
    const first = link.send(outgoing(2));
    await central.writeAfter(148, CONFIRMED);
    assert.deepEqual(await first, { kind: "accepted" });
    const second = link.send(outgoing(1));
    await central.writeAfter(222, CONFIRMED);
    assert.deepEqual(await second, { kind: "accepted" });
    assert.deepEqual(central.last.bytes, Buffer.concat([u32(1), batch(2), batch(1)]));
    await link.close();
    await settle();
    assert.ok(central.last.ended);
  });

  it("asks for the winners without saying before that it is done", async () => {
    const central = fakeCentral();
    const link = await dial(central);
    await link.done(NO_CLAIM);
    await settle();
    assert.equal(central.last.bytes.length, 0);
    const asked = link.results();
    await central.writeAfter(8, u32(2), u32(30), u32(31));
    assert.deepEqual(await asked, { winners: ["30", "31"] });
    assert.deepEqual(central.last.bytes, Buffer.concat([u32(1), ZERO]));
    await link.close();
  });

  it("waits for the draw for longer than for any other answer", async () => {
    const central = fakeCentral();
    const link = await dial(central);
    const asked = link.results();
    await central.writeAfter(8);
    central.clock.advance(24 * 3600 * 1000);
    await central.writeAfter(8, u32(0));
    assert.deepEqual(await asked, { winners: [] });
    await link.close();
  });

  it("takes a lone 1 for a confirmation after a second, and sends the question again", async () => {
    const central = fakeCentral();
    const link = await dial(central);
    const asked = link.results();
    await central.writeAfter(8, CONFIRMED);
    await settle();
    central.clock.advance(999);
    await settle();
    assert.equal(central.last.bytes.length, 8);
    central.clock.advance(1);
    await central.writeAfter(12, u32(1), u32(77));
    assert.deepEqual(await asked, { winners: ["77"] });
    assert.deepEqual(central.last.bytes, Buffer.concat([u32(1), ZERO, ZERO]));
    assert.equal(central.clock.timers, 0);
    await link.close();
  });

  it("does not when the only winner follows", async () => {
    const central = fakeCentral();
    const link = await dial(central);
    const asked = link.results();
    await central.writeAfter(8, u32(1).subarray(0, 2), u32(1).subarray(2));
    await settle();
    central.clock.advance(500);
    await central.writeAfter(8, u32(77).subarray(0, 1));
    central.clock.advance(600);
    await central.writeAfter(8, u32(77).subarray(1));
    assert.deepEqual(await asked, { winners: ["77"] });
    assert.equal(central.last.bytes.length, 8);
    assert.equal(central.clock.timers, 0);
    await link.close();
  });

  it("notices a lost connection, also while it waits for the draw", async () => {
    const central = fakeCentral();
    const link = await dial(central);
    const asked = assert.rejects(link.results(), { code: "CONNECTION_LOST" });
    await central.writeAfter(8, CONFIRMED);
    await settle();
    central.cut();
    await asked;
    assert.equal(central.clock.timers, 0);
    await link.close();
  });

  for (const [what, said] of [
    ["a count in place of a confirmation", u32(2)],
    ["bytes of nothing", Buffer.from("HTTP/1.1 400 Bad Request")],
    ["two confirmations at once", u32(1, 1)],
  ] as const) {
    it(`does not trust a central that says ${what}`, async () => {
      const central = fakeCentral();
      const link = await dial(central);
      const sent = link.send(outgoing(1));
      const [first] = await Promise.allSettled([sent, central.writeAfter(78, said)]);
      await assert.rejects(first.status === "rejected" ? sent : link.send(outgoing(1)), {
        code: "CENTRAL_UNSOUND",
      });
      await link.close();
    });
  }

  it("does not trust a central with millions of winners", async () => {
    const central = fakeCentral();
    const link = await dial(central);
    const asked = assert.rejects(link.results(), { code: "CENTRAL_UNSOUND" });
    await central.writeAfter(8, u32(5_000_000));
    await asked;
    await link.close();
  });

  it("says a single bet without hello, and takes ACK for an answer", async () => {
    const central = fakeCentral();
    const link = await dial(central);
    const sent = link.sendSingle(outgoing(1));
    await central.writeAfter(70, Buffer.from("A"), Buffer.from("CK"));
    assert.deepEqual(await sent, { kind: "accepted" });
    assert.deepEqual(central.last.bytes, record({ document: 30_000_000 }));
    await link.close();
  });

  it("refuses to speak for an agency that would not be recognised", async () => {
    const central = fakeCentral();
    await assert.rejects(dial(central, "final", { agency: agency(65_536) }), { code: "REFUSED" });
    assert.equal(central.heard.length, 0);
  });
});

describe("an agency that speaks fixed70/ej6", () => {
  it("says no hello, ends with a zero, and knows no draw", async () => {
    const central = fakeCentral();
    const link = await dial(central, "ej6");
    const sent = link.send(outgoing(2));
    await central.writeAfter(144, Buffer.from("ACK\n"));
    assert.deepEqual(await sent, { kind: "accepted" });
    await link.done(NO_CLAIM);
    assert.equal(await link.results(), undefined);
    await link.close();
    await settle();
    assert.deepEqual(central.last.bytes, Buffer.concat([batch(2), ZERO]));
    assert.ok(central.last.ended);
  });

  it("does not mind that the last zero is confirmed", async () => {
    const central = fakeCentral();
    const link = await dial(central, "ej6");
    await link.done(NO_CLAIM);
    await central.writeAfter(4, Buffer.from("ACK\n"));
    await settle();
    assert.equal(await link.results(), undefined);
    await link.close();
  });
});
