import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Place, WaitingRoom, type WaitingLimits } from "../../src/central/waiting-room.ts";
import type { AgencyId } from "../../src/lottery/bet.ts";

const LIMITS: WaitingLimits = {
  connectionsMax: 100,
  waitingPerAgencyMax: 3,
  halfClosedPerAgencyMax: 2,
  halfClosedMax: 5,
};

/** A room, and the names of the connections that had to make way, in order. */
function open(limits: Partial<WaitingLimits> = {}) {
  const room = new WaitingRoom({ ...LIMITS, ...limits });
  const gone: string[] = [];
  const reasons: string[] = [];
  const enter = (name: string, agency = 1, address = "10.0.0.1"): Place =>
    room.enter(address, agency as AgencyId, (reason) => {
      gone.push(name);
      reasons.push(reason);
    });
  return { room, gone, reasons, enter };
}

describe("P9: connections that wait for the draw", () => {
  it("make way, the oldest first, when there are too many of one agency and address", () => {
    const { room, gone, reasons, enter } = open();
    for (const name of ["a", "b", "c", "d", "e"]) enter(name);
    enter("another agency", 2);
    enter("another address", 1, "10.0.0.2");
    assert.deepEqual(gone, ["a", "b"]);
    assert.match(reasons[0] ?? "", /^too many sessions of this agency .*, max is 3$/);
    assert.equal(room.size, 5);
  });

  it("make way, the oldest first, when too many have ended their side", () => {
    const { gone, reasons, enter } = open();
    for (const name of ["a", "b", "c"]) enter(name).halfClose();
    assert.deepEqual(gone, ["a"]);
    assert.match(reasons[0] ?? "", /max for an agency and address is 2$/);
  });

  it("make way when too many of all agencies have ended their side", () => {
    const { gone, enter } = open();
    for (let agency = 1; agency <= 7; agency++) enter(`${agency}`, agency).halfClose();
    assert.deepEqual(gone, ["1", "2"]);
  });

  it("never take the last tenth of all connections", () => {
    const { room, gone, enter } = open();
    for (let agency = 1; agency <= 1000; agency++) enter(`${agency}`, agency);
    assert.equal(room.size, 90);
    assert.equal(gone.length, 910);
  });

  it("make way first at an address that has many of them, not at one that has few", () => {
    const { gone, enter } = open();
    enter("honest", 1, "10.0.0.2");
    for (let agency = 1; agency <= 1000; agency++) enter(`${agency}`, agency);
    assert.ok(!gone.includes("honest"));
  });

  it("make way first if they have ended their side", () => {
    const { gone, enter } = open();
    for (let agency = 1; agency <= 90; agency++) {
      const place = enter(`${agency}`, agency);
      if (agency === 50) place.halfClose();
    }
    enter("one more", 91);
    assert.deepEqual(gone, ["50"]);
  });

  it("do not count any more when they have left", () => {
    const { room, gone, enter } = open();
    for (let round = 0; round < 100; round++) {
      const place = enter(`${round}`);
      place.halfClose();
      place.leave();
      place.leave();
    }
    assert.deepEqual([room.size, gone.length], [0, 0]);
  });
});
