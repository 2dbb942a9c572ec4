import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findMount } from "../../bench/measure/machine.ts";
import { noiseBetween, type Snapshot } from "../../bench/measure/noise.ts";
import {
  parseMachineCpu,
  parseProcessStat,
  parseStatusBytes,
  type ProcessStat,
} from "../../bench/measure/proc.ts";
import { treeCpuSeconds } from "../../bench/measure/process-usage.ts";

const STAT =
  "4242 (node) S 17 4242 17 34816 4242 4194304 5000 0 3 0 1234 66 500 40 20 0 11 0 9000 1000000 20000";

describe("what /proc says of a process", () => {
  it("is read field by field", () => {
    assert.deepEqual(parseProcessStat(STAT), {
      pid: 4242,
      parent: 17,
      cpuSeconds: 13,
      childrenSeconds: 5.4,
    });
  });

  it("is read after any name that a process may give itself", () => {
    for (const name of ["a b", ") S 1 2 3", "((", "1 2 3)"]) {
      const stat = parseProcessStat(STAT.replace("(node)", `(${name})`));
      assert.deepEqual(stat, parseProcessStat(STAT), name);
    }
  });

  it("is refused when it has another form", () => {
    assert.throws(() => parseProcessStat(""), RangeError);
    assert.throws(() => parseProcessStat("1 (init) S 0"), RangeError);
  });

  it("has memory in kilobytes", () => {
    const status = "Name:\tnode\nVmHWM:\t   90112 kB\nVmRSS:\t   81920 kB\n";
    assert.equal(parseStatusBytes(status, "VmRSS"), 81_920 * 1024);
    assert.equal(parseStatusBytes(status, "VmHWM"), 90_112 * 1024);
    assert.equal(parseStatusBytes(status, "VmSwap"), undefined);
  });
});

const processStat = (pid: number, parent: number, cpuSeconds: number): ProcessStat => ({
  pid,
  parent,
  cpuSeconds,
  childrenSeconds: 0.5,
});

describe("processor time of a tree of processes", () => {
  it("counts every descendant in any order, and no other process", () => {
    const processes = [
      processStat(30, 20, 4),
      processStat(20, 10, 2),
      processStat(10, 1, 1),
      processStat(11, 1, 100),
    ];
    assert.equal(treeCpuSeconds(10, processes), 1 + 2 + 4 + 3 * 0.5);
    assert.equal(treeCpuSeconds(20, processes), 2 + 4 + 2 * 0.5);
    assert.equal(treeCpuSeconds(99, processes), 0);
  });
});

describe("what /proc says of the machine", () => {
  it("is the sum of all cores, without idle time and waiting", () => {
    const text =
      "cpu  1000 200 300 90000 500 10 20 30 0 0\ncpu0 500 100 150 45000 250 5 10 15 0 0\n";
    assert.deepEqual(parseMachineCpu(text), { busySeconds: 15, stolenSeconds: 0.3 });
    assert.throws(() => parseMachineCpu("intr 1\n"), RangeError);
  });
});

const snapshot = (changes: Partial<Snapshot>): Snapshot => ({
  atMs: 0,
  busySeconds: 0,
  stolenSeconds: 0,
  ownSeconds: 0,
  kernelSeconds: 0,
  load: 1,
  ...changes,
});

describe("noise", () => {
  it("is the time that neither we nor the kernel's threads used", () => {
    const after = { atMs: 2000, busySeconds: 3, ownSeconds: 1.5, kernelSeconds: 0.5, load: 2 };
    assert.deepEqual(noiseBetween(snapshot({}), snapshot({ ...after, stolenSeconds: 0.2 })), {
      seconds: 2,
      ownCores: 0.75,
      foreignCores: 0.5,
      stolenCores: 0.1,
      loadBefore: 1,
      loadAfter: 2,
    });
  });

  it("is never below zero", () => {
    const after = { atMs: 1000, busySeconds: 1, ownSeconds: 1.01 };
    assert.equal(noiseBetween(snapshot({}), snapshot(after)).foreignCores, 0);
  });
});

const MOUNTS = [
  "proc /proc proc rw 0 0",
  "/dev/vda / ext4 rw,relatime 0 0",
  "tmpfs /srv tmpfs rw 0 0",
  "/dev/vdb /srv xfs rw,noatime 0 0",
].join("\n");

describe("the disk of a folder", () => {
  it("is the closest mount above it, the last one there", () => {
    const disk = { device: "/dev/vdb", fileSystem: "xfs", options: "rw,noatime" };
    assert.deepEqual(findMount(MOUNTS, "/srv/quiniela"), disk);
    assert.deepEqual(findMount(MOUNTS, "/srv"), disk);
    assert.equal(findMount(MOUNTS, "/srver").device, "/dev/vda");
  });

  it("is unknown if there are no mounts to read", () => {
    assert.deepEqual(findMount("", "/srv"), { device: "", fileSystem: "", options: "" });
  });
});
