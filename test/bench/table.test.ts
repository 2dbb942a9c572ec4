import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { renderResults } from "../../bench/report/table.ts";
import { resultsOf, rowOf, sampleOf } from "./results-fixture.ts";

describe("the table", () => {
  it("begins with the machine and the options of the measurement", () => {
    const [machine, node, how, load] = renderResults(resultsOf([rowOf("a", [1])])).split("\n");
    assert.equal(
      machine,
      "AMD EPYC (tm), 2 cores, 24 GiB, Linux 6.1, ext4 on /dev/vda, write back",
    );
    assert.equal(node, "Node v20.20.2, commit 0123456789abcdef");
    assert.match(
      how ?? "",
      /^3 rounds of 3 s, batches of 100 bets where a row does not say otherwise;/,
    );
    assert.match(load ?? "", /^load 0\.50 before, 2\.50 after/);
  });

  it("has medians with bounds, ratios, and a mark if other programs used the machine", () => {
    const text = renderResults(
      resultsOf([
        rowOf("central/native/5", [1.8e6, 1.9e6, 2e6], {
          title: "native, 5 connections",
          against: { sink: "ceiling/sink/5" },
        }),
        rowOf("ceiling/sink/5", [3.6e6, 3.8e6, 4e6], { group: "ceilings", title: "sink" }),
      ]),
    );
    const row = text.split("\n").find((line) => line.includes("native, 5 connections"));
    assert.match(row ?? "", /1\.90 M \[1\.80\.\.2\.00 M\] .* 50 % .*0\.50 !/);
    assert.ok(text.indexOf("Ceilings") < text.indexOf("The central"));
  });

  it("has small batches in a group of their own, and how the central compares with each peer", () => {
    const text = renderResults(
      resultsOf([
        rowOf("batch/native/5x1", [], {
          group: "batches",
          title: "ours",
          samples: [sampleOf(1, { betsPerSecond: 3000, diskBytesPerBet: 117 })],
        }),
        rowOf("batch/redis/5x1", [], {
          group: "batches",
          title: "Redis",
          against: { base: "batch/native/5x1" },
          samples: [sampleOf(1, { betsPerSecond: 2000, diskBytesPerBet: 109 })],
        }),
      ]),
    );
    assert.match(text, /^Small batches: .*\n.*\n.* ours +disk B\/bet /m);
    assert.match(text, /^ ours +3000 +117 /m);
    assert.match(text, /^ Redis +2000 +1\.50 x +109 /m);
  });

  it("leaves out empty columns and groups", () => {
    const text = renderResults(resultsOf([rowOf("a", [1e6])]));
    assert.match(text, /bets\/s/);
    assert.doesNotMatch(text, /of sink|RSS|trouble|Ceilings|Peers/);
  });

  it("says what was skipped, what failed, and what was refused", () => {
    const text = renderResults(
      resultsOf([
        rowOf("peer/redis/5", [], { group: "peers", title: "Redis", skipped: "no redis-server" }),
        rowOf("a", [1], { title: "lame", failures: ["the central ended with 1"] }),
        rowOf("b", [], {
          title: "told no",
          samples: [
            { ...sampleOf(1, { betsPerSecond: 1, refused: 3 }), notes: ["REJECT LATE"] },
            { ...sampleOf(2, { betsPerSecond: 1, refused: 1 }), notes: ["REJECT LATE"] },
          ],
        }),
      ]),
    );
    assert.match(text, /^not measured: Redis: no redis-server$/m);
    assert.match(text, /^failed: lame: the central ended with 1$/m);
    assert.match(text, /lame .*failed 1/);
    assert.match(text, /told no .*refused 3/);
    assert.equal(text.match(/^told no: REJECT LATE$/gm)?.length, 1);
  });
});
