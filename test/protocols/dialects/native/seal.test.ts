import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AgencyId } from "../../../../src/lottery/bet.ts";
import { sealByProof } from "../../../../src/lottery/seal.ts";
import type { SealShare } from "../../../../src/lottery/seal-proofs.ts";
import { encodeCentral } from "../../../../src/protocols/dialects/native/encode.ts";
import type { SealedMessage } from "../../../../src/protocols/dialects/native/wire.ts";
import { headAfter, SEAL, turn } from "../../scripted-desk.ts";
import { decoderFor, messagesOf } from "./codec.ts";
import { conversation, vectors } from "./golden.ts";
import { ScriptedCentral } from "./scripted-central.ts";
import { done, Served } from "./served.ts";

const ASK = { kind: "seal" } as const;

const SHARE: SealShare = {
  sealed: { agency: 1 as AgencyId, batches: 3, bets: 5, head: headAfter(3), closedOut: true },
  proof: { agencies: 2, index: 0, path: [SEAL], acts: { count: 1, head: headAfter(9) } },
};

const SHOWN: SealedMessage = { kind: "sealed", closedOut: true, proof: SHARE.proof };

/** A conversation whose results are told. */
async function drawn(): Promise<Served> {
  const served = new Served();
  await served.open();
  served.say(done(0));
  await served.desk.recordDone({ kind: "done" });
  await served.desk.draw([]);
  served.answers();
  return served;
}

describe("the central's answer to SEAL", () => {
  it("is the agency's share, however often it is asked", async () => {
    const served = await drawn();
    for (let times = 0; times < 2; times++) {
      served.say(ASK);
      assert.equal(served.conversation.awaiting, "central");
      await served.desk.showSeal(SHARE);
      assert.deepEqual(served.answers(), [SHOWN]);
    }
    assert.equal(served.conversation.awaiting, "message");
  });

  it("says so when the seal proves nothing to one agency", async () => {
    const served = await drawn();
    served.say(ASK);
    await served.desk.showSeal(undefined);
    assert.deepEqual(served.answers(), [{ kind: "sealed", closedOut: false }]);
  });

  it("is UNEXPECTED_MESSAGE before the results are told", async () => {
    const early = new Served();
    await early.open();
    early.say(ASK);
    assert.deepEqual(early.heard(), ["ERROR UNEXPECTED_MESSAGE"]);

    const waiting = new Served();
    await waiting.open();
    waiting.say(done(0));
    await waiting.desk.recordDone({ kind: "done" });
    waiting.answers();
    waiting.say(ASK);
    assert.deepEqual(waiting.heard(), ["ERROR UNEXPECTED_MESSAGE"]);
    assert.equal(waiting.desk.sealAsked, 0);
  });

  it("is UNEXPECTED_MESSAGE before the one before is answered", async () => {
    const served = await drawn();
    served.say(ASK, ASK);
    assert.deepEqual(served.heard(), ["ERROR UNEXPECTED_MESSAGE"]);
    assert.equal(served.desk.sealAsked, 1);
    await served.desk.showSeal(SHARE);
    assert.deepEqual(served.heard(), []);
  });

  it("comes also when the client has ended its side, and before the connection ends", async () => {
    const served = await drawn();
    served.say(ASK);
    served.conversation.ended();
    assert.equal(served.peer.ends, 0);
    await served.desk.showSeal(SHARE);
    assert.deepEqual(served.answers(), [SHOWN]);
    assert.equal(served.peer.ends, 1);
  });

  it("is STOPPING when storage has failed meanwhile", async () => {
    const served = await drawn();
    served.say(ASK);
    await served.desk.failToShowSeal();
    assert.deepEqual(served.heard(), ["ERROR STOPPING"]);
  });
});

/** A link that has its results. */
async function linkWithResults(central: ScriptedCentral) {
  const link = await central.open({ nextSequence: 4, bets: 5, head: headAfter(3), done: true });
  const results = link.results();
  const none = { total: 0, index: 0, documents: [] };
  central.say({ kind: "drawn", winningNumber: 7574, seal: SEAL, ...none });
  await results;
  return link;
}

describe("a SEALED", () => {
  it("has 600 bytes at most, also for the largest draw", () => {
    const path = Array.from({ length: 17 }, (_, level) => headAfter(level));
    const proof = { agencies: 100_000, index: 99_999, path, acts: { count: 9, head: SEAL } };
    const bytes = encodeCentral({ kind: "sealed", closedOut: true, proof });
    assert.ok(bytes.length <= 600, `${bytes.length} bytes`);
  });
});

describe("an agency that asks for the seal", () => {
  it("gets what the central shows", async () => {
    const central = new ScriptedCentral();
    const link = await linkWithResults(central);
    const share = link.sealShare?.();
    assert.deepEqual(await central.hear(), ASK);
    central.say(SHOWN);
    assert.deepEqual(await share, { closedOut: true, proof: SHARE.proof });
    const again = link.sealShare?.();
    await central.hear();
    central.say({ kind: "sealed", closedOut: false });
    assert.deepEqual(await again, { closedOut: false, proof: undefined });
    await link.close();
  });

  it("does not ask before its results, or twice at a time", async () => {
    const central = new ScriptedCentral();
    const waiting = await central.open({ nextSequence: 4, bets: 5, head: headAfter(3) });
    await assert.rejects(async () => waiting.sealShare?.(), RangeError);
    await waiting.close();
    const other = new ScriptedCentral();
    const link = await linkWithResults(other);
    const share = link.sealShare?.();
    await assert.rejects(async () => link.sealShare?.(), RangeError);
    other.say(SHOWN);
    await share;
    await link.close();
  });

  it("distrusts a seal that is shown unasked", async () => {
    const central = new ScriptedCentral();
    const link = await linkWithResults(central);
    central.say(SHOWN);
    await turn();
    await assert.rejects(async () => link.sealShare?.(), { code: "CENTRAL_UNSOUND" });
    await link.close();
  });

  it("hears that the connection is lost, and what the central refuses", async () => {
    for (const [code, expected] of [
      ["STOPPING", "CONNECTION_LOST"],
      ["UNKNOWN_TYPE", "REFUSED"],
    ] as const) {
      const central = new ScriptedCentral();
      const link = await linkWithResults(central);
      const share = link.sealShare?.();
      central.say({ kind: "error", code, fatal: true, text: "" });
      await assert.rejects(async () => share, { code: expected });
      await link.close();
    }
  });
});

function messageOf(name: string) {
  return vectors.find((vector) => vector.name === name)?.message ?? assert.fail(`no ${name}`);
}

describe("the golden SEALED of the golden conversation", () => {
  it("gives the seal that the conversation tells", () => {
    const [drawn] = messagesOf(decoderFor("central"), [
      conversation.at(-1)?.bytes ?? assert.fail(),
    ]);
    const [done, sealed] = [messageOf("done"), messageOf("sealed-alone")];
    assert.ok(done.kind === "done" && sealed.kind === "sealed" && sealed.proof !== undefined);
    const { batches, bets, head } = done;
    const line = { agency: 1 as AgencyId, batches, bets, head, closedOut: sealed.closedOut };
    assert.ok(drawn !== undefined && "seal" in drawn);
    assert.deepEqual(sealByProof("1", line, sealed.proof), Buffer.from(drawn.seal));
  });
});
