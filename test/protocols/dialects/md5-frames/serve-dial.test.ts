import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeLines } from "../../../../src/lottery/canonical-line.ts";
import type { Connect } from "../../../../src/protocols/agency-link.ts";
import { createMd5FramesDialer } from "../../../../src/protocols/dialects/md5-frames/dial.ts";
import { md5FramesDialect } from "../../../../src/protocols/dialects/md5-frames/dialect.ts";
import { MemoryDesk } from "../../memory-desk.ts";
import { bet, bets, outgoing } from "../../plain-bets.ts";
import { dialContext } from "../../dial-context.ts";
import { network as networkTo, run as runAgency, type Run } from "../../agency-run.ts";

const FINAL = createMd5FramesDialer();
const BATCHES = createMd5FramesDialer({ draws: false });

function network(desk: MemoryDesk): Connect {
  return networkTo(md5FramesDialect, desk);
}

function run(
  what: Omit<Run, "dialer"> & Partial<Pick<Run, "dialer">>,
): ReturnType<typeof runAgency> {
  return runAgency({ dialer: FINAL, ...what });
}

describe("an agency and a central that speak md5-frames", () => {
  it("carry names with colons, braces, quotes and nothing in them", async () => {
    const desk = new MemoryDesk(1);
    const sent = [bet({ firstName: '{A: "B"}', lastName: "" }), bet({ lastName: "Ñandú:{" })];
    await run({ sent, connect: network(desk) });
    assert.equal(desk.lines, encodeLines(sent).toString());
  });

  it("agree on what is refused: the batch with a bad bet, and no other", async () => {
    const desk = new MemoryDesk(1);
    const link = await FINAL.dial(dialContext(network(desk)));
    const kinds: string[] = [];
    for (const number of [1, 10_000, Number.NaN, 1e21, -1, 4]) {
      kinds.push((await link.send(outgoing([bet({ number })]))).kind);
    }
    await link.close();
    assert.deepEqual(kinds, ["accepted", ...Array(4).fill("rejected"), "accepted"]);
    assert.equal(desk.lines.split("\r\n").length - 1, 2);
  });

  it("refuse an agency that is not of the draw", async () => {
    const connect = network(new MemoryDesk(1));
    await assert.rejects(run({ sent: [], agency: 2, connect }), { code: "REFUSED" });
  });

  it("carry a single bet, once however often it is sent", async () => {
    const desk = new MemoryDesk(1);
    for (const dialer of [FINAL, FINAL, BATCHES]) {
      const link = await dialer.dial(dialContext(network(desk)));
      assert.equal((await link.sendSingle(outgoing([bet()]))).kind, "accepted");
      await link.close();
    }
    assert.equal(desk.lines, encodeLines([bet()]).toString());
  });

  it("of exercise 6 carry a file, and end no agency's bets", async () => {
    const desk = new MemoryDesk(1);
    assert.equal(await run({ sent: bets(7), dialer: BATCHES, connect: network(desk) }), undefined);
    assert.equal(desk.lines, encodeLines(bets(7)).toString());
    assert.equal(desk.book.state, "open");
  });

  it("store what is sent, however often, where replays are not looked for", async () => {
    const desk = new MemoryDesk(1, "store");
    await run({ sent: bets(3), dialer: BATCHES, connect: network(desk) });
    await run({ sent: bets(3), dialer: BATCHES, connect: network(desk) });
    assert.equal(desk.lines, encodeLines([...bets(3), ...bets(3)]).toString());
  });
});
