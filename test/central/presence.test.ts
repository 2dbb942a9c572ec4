import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Presence } from "../../src/central/presence.ts";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { FakePeer } from "../protocols/fake-peer.ts";
import { doorTo } from "./door-to.ts";
import { openDesk } from "./open-desk.ts";

const one = 1 as AgencyId;
const two = 2 as AgencyId;

describe("which agencies are connected", () => {
  it("is known by their connections, and when the last one ended", () => {
    let now = new Date(1000);
    const presence = new Presence(() => now);
    const [first, second] = [new FakePeer(), new FakePeer()];
    assert.equal(presence.lastSeenMs(one), undefined);
    presence.enter(one, first);
    presence.enter(one, second);
    assert.deepEqual(presence.of(one), [first, second]);
    presence.leave(one, first);
    presence.leave(one, first);
    now = new Date(2000);
    assert.equal(presence.lastSeenMs(one), 2000);
    presence.leave(one, second);
    now = new Date(3000);
    assert.equal(presence.lastSeenMs(one), 2000);
    assert.equal(presence.agencies, 0);
  });

  it("is the agency that a connection named last, and none after its end", () => {
    const { desk } = openDesk();
    const peer = new FakePeer();
    const admitter = doorTo(desk).admitter(peer);
    for (let turn = 0; turn < 100; turn++) admitter.admit({ draw: "", agency: (turn % 2) + 1 });
    assert.deepEqual([desk.presence.of(one).length, desk.presence.of(two).length], [0, 1]);
    admitter.close();
    assert.equal(desk.presence.agencies, 0);
    admitter.admit({ draw: "", agency: 1 });
    assert.equal(desk.presence.agencies, 0);
  });
});
