import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import { describe, it } from "node:test";
import { nativeDialect } from "../../../../src/protocols/dialects/native/dialect.ts";
import type { AgencyLink } from "../../../../src/protocols/agency-link.ts";
import { dialContext } from "../../dial-context.ts";
import { MemoryDesk } from "../../memory-desk.ts";
import { bet, outgoing } from "../../plain-bets.ts";
import { turn } from "../../scripted-desk.ts";
import { serveStream } from "../../stream-peer.ts";

const dialer = nativeDialect.dialer ?? assert.fail();

/** A new connection to a desk. */
function dial(desk: MemoryDesk): Promise<AgencyLink> {
  const [ours, theirs] = duplexPair();
  serveStream(theirs, nativeDialect, desk);
  return dialer.dial(dialContext(() => Promise.resolve(ours)));
}

describe("an agency and a central that speak native", () => {
  it("answer refusals in the middle of a window, and go on when they are repaired", async () => {
    const desk = new MemoryDesk(1);
    const link = await dial(desk);
    const [one, two, three] = [1, 2, 3].map((number) => outgoing([bet({ number })], number));
    assert.ok(one && two && three);
    const bad = outgoing([bet({ number: 9 }), bet({ number: 10_000 })], 2);
    const answers = await Promise.all([one, bad, three].map((each) => link.send(each)));
    assert.deepEqual(
      answers.map((answer) =>
        answer.kind === "rejected" ? [answer.code, answer.index] : answer.kind,
      ),
      ["accepted", ["INVALID", 1], "skipped"],
    );
    desk.busy = 1;
    assert.deepEqual(
      (await Promise.all([link.send(two), link.send(three)])).map(({ kind }) => kind),
      ["busy", "skipped"],
    );
    assert.deepEqual(
      (await Promise.all([link.send(two), link.sendSingle(three)])).map(({ kind }) => kind),
      ["accepted", "accepted"],
    );
    assert.equal((await link.send(three)).kind, "accepted");
    const answer = await link.send(outgoing([bet({ number: 99 })], 3));
    assert.equal(answer.kind === "rejected" && answer.code, "CONFLICT");
    await link.close();
  });

  it("let the newest session of an agency have it", async () => {
    const desk = new MemoryDesk(1);
    const first = await dial(desk);
    const waiting = assert.rejects(first.results(), { code: "FENCED" });
    const second = await dial(desk);
    await waiting;
    assert.equal((await second.send(outgoing([bet()]))).kind, "accepted");
    await Promise.all([first.close(), second.close()]);
  });

  it("refuse a DONE that does not agree", async () => {
    const link = await dial(new MemoryDesk(1));
    const claim = { batches: 1, bets: 1, head: Buffer.alloc(32) };
    await assert.rejects(link.done(claim), { code: "REFUSED" });
    await link.close();
  });

  it("find each other again when the central stops", async () => {
    const desk = new MemoryDesk(1);
    const [ours, theirs] = duplexPair();
    const conversation = serveStream(theirs, nativeDialect, desk);
    const context = dialContext(() => Promise.resolve(ours));
    const link = await dialer.dial({ ...context, draw: "1" });
    await link.send(outgoing([bet()]));
    conversation.stopping();
    theirs.end();
    await turn();
    await assert.rejects(link.send(outgoing([bet({ number: 2 })], 2)), { code: "CONNECTION_LOST" });
    await link.close();
    const again = await dial(desk);
    assert.equal(again.standing?.nextSequence, 2);
    await again.close();
  });
});
