import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import {
  descriptorLimit,
  DESCRIPTORS_RESERVED,
  fitConnections,
  limitIn,
  openDescriptors,
} from "../../src/cli/descriptor-limit.ts";

describe("the connections that fit into a limit of file descriptors", () => {
  for (const [asked, limit, open, fit] of [
    [10_000, 20_000, 20, { kind: "all" }],
    [10_000, 10_084, 20, { kind: "all" }],
    [10_000, 10_083, 20, { kind: "fewer", connections: 9999, needed: 10_084 }],
    [10_000, 256, 20, { kind: "fewer", connections: 172, needed: 10_084 }],
    [10_000, 92, 20, { kind: "fewer", connections: 8, needed: 10_084 }],
    [10_000, 91, 20, { kind: "too few", needed: 92 }],
    [10_000, 10, 20, { kind: "too few", needed: 92 }],
    [3, 87, 20, { kind: "all" }],
    [3, 86, 20, { kind: "too few", needed: 87 }],
    [10_000, Number.POSITIVE_INFINITY, 20, { kind: "all" }],
    [10_000, undefined, 20, { kind: "all" }],
  ] as const) {
    it(`are ${fit.kind} when ${asked} are asked for, ${limit} files may be open and ${open} are open`, () => {
      assert.deepEqual(fitConnections(asked, limit, open), fit);
    });
  }

  it("always leave the reserve to the store", () => {
    const count = fc.nat(1_000_000);
    fc.assert(
      fc.property(count, count, fc.nat(1000), (asked, limit, open) => {
        const fit = fitConnections(asked, limit, open);
        if (fit.kind === "too few") return asked + DESCRIPTORS_RESERVED + open > limit;
        const connections = fit.kind === "all" ? asked : fit.connections;
        return connections <= asked && connections + DESCRIPTORS_RESERVED + open <= limit;
      }),
    );
  });
});

const line = (soft: string): string => `Max processes 1 2\nMax open files  ${soft}  4096  files\n`;

describe("the limit of file descriptors", () => {
  it("is the soft one in /proc/self/limits", () => {
    assert.equal(limitIn(line("1024")), 1024);
    assert.equal(limitIn(line("unlimited")), Number.POSITIVE_INFINITY);
    assert.equal(limitIn("nothing of the kind"), undefined);
  });

  it("is known on this machine, with the number of open files", () => {
    const limit = descriptorLimit() ?? Number.POSITIVE_INFINITY;
    assert.ok(limit > openDescriptors() && openDescriptors() > 2);
  });
});
