import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AgencyShares } from "../../../src/central/agency-shares.ts";
import type { AgencyId } from "../../../src/lottery/bet.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { TestIdentity } from "../../support/identity-files.ts";
import { turns, until } from "../../support/turns.ts";
import { tlvSpoken } from "../../protocols/dialects/tlv/spoken.ts";
import { bet } from "../line-peer.ts";
import { startGuarded } from "./fixture.ts";
import { NativeTalk } from "./native-talk.ts";

const ONE = 1 as AgencyId;

describe("the shares of agencies", () => {
  it("let through one second's batches at once, and then as many as the seconds allow", () => {
    const clock = new FakeClock();
    const shares = new AgencyShares(clock);
    const taken = (): number => {
      let batches = 0;
      while (shares.takeBatch(ONE, 10) === undefined) batches++;
      return batches;
    };
    assert.equal(taken(), 10);
    clock.advance(300);
    assert.equal(taken(), 3);
    clock.advance(60_000);
    assert.equal(taken(), 10);
  });

  it("say after how long the next batch may come", () => {
    const clock = new FakeClock();
    const shares = new AgencyShares(clock);
    assert.equal(shares.takeBatch(ONE, 1), undefined);
    const waitMs = shares.takeBatch(ONE, 1);
    assert.equal(waitMs, 1000);
    clock.advance(waitMs);
    assert.equal(shares.takeBatch(ONE, 1), undefined);
  });

  it("are not made whole by a new connection for each batch, and are forgotten once they are whole", () => {
    const clock = new FakeClock();
    const shares = new AgencyShares(clock);
    const batchOnItsOwnConnection = (): boolean => {
      shares.enter(ONE);
      const taken = shares.takeBatch(ONE, 2) === undefined;
      shares.leave(ONE);
      shares.sweep();
      return taken;
    };
    const taken = [1, 2, 3, 4].map(batchOnItsOwnConnection);
    assert.deepEqual(taken, [true, true, false, false]);
    clock.advance(1000);
    shares.sweep();
    assert.equal(shares.size, 0);
  });
});

describe("an agency that sends more batches a second than agencies.yaml allows", () => {
  it("is told BUSY in native, and loses nothing", async (t) => {
    const identity = await TestIdentity.make(t);
    const issued = await identity.issueAgency(1);
    await identity.list({ agency: 1, certificates: [issued], batchesPerSecond: 1 });
    const clock = new FakeClock(new Date());
    const { connect, store } = await startGuarded(t, identity, { clock });
    const talk = new NativeTalk(await connect({ issued }), 1);
    talk.hello();
    assert.equal(await talk.hears(), "WELCOME 1");
    talk.batch(bet(1, "1"));
    assert.equal(await talk.hears(), "ACK 1");
    talk.batch(bet(1, "2"));
    assert.equal(await talk.hears(), "BUSY 2 1000");
    assert.equal(store.batches.length, 1);
  });

  it("waits in a dialect without a word for that", async (t) => {
    const identity = await TestIdentity.make(t);
    const issued = await identity.issueAgency(1);
    await identity.list({ agency: 1, certificates: [issued], batchesPerSecond: 1 });
    const clock = new FakeClock(new Date());
    const { connect, store, seen } = await startGuarded(t, identity, { clock });
    const { bets } = tlvSpoken;
    assert.ok(typeof bets !== "string");
    const speaker = bets.speak(1);
    const peer = await connect({ issued });
    peer.write(speaker.batch(bet(1, "1")));
    const [first] = bets.understand([await peer.bytes(1)]);
    assert.equal(first, "yes");
    const { length } = peer.received;
    peer.write(speaker.batch(bet(1, "2")));
    await seen("batch-deferred");
    await turns(20);
    assert.equal(peer.received.length, length);
    clock.advance(1000);
    await until(() => peer.received.length > length);
    assert.deepEqual(bets.understand([peer.received]), ["yes", "yes"]);
    assert.equal(store.batches.length, 2);
  });
});
