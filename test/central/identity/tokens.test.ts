import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { AgencyId } from "../../../src/lottery/bet.ts";
import type { Unproven } from "../../../src/protocols/counter.ts";
import { channelBindingOf } from "../../../src/identity/channel-binding.ts";
import { newToken, proofOf, storedKeyOf } from "../../../src/identity/token.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { type Listed, TestIdentity } from "../../support/identity-files.ts";
import { until } from "../../support/turns.ts";
import { bet } from "../line-peer.ts";
import { type GuardedCentral, startGuarded } from "./fixture.ts";
import { challengeOf, NativeTalk, proofFor, talkByToken } from "./native-talk.ts";

const TOKEN = newToken();
const OTHER = newToken();

async function stage(t: TestContext, more: Partial<Listed> = {}): Promise<GuardedCentral> {
  const identity = await TestIdentity.make(t);
  await identity.list(
    { agency: 1, tokens: [storedKeyOf(TOKEN)], ...more },
    { agency: 2, tokens: [storedKeyOf(OTHER)] },
    { agency: 3 },
  );
  return startGuarded(t, identity);
}

/** What a peer sends in answer to the challenge; nothing to send a batch in its place. */
type Answer = (talk: NativeTalk, challenge: Uint8Array) => Uint8Array;

const WRONG: readonly (readonly [what: string, agency: number, why: Unproven, answer: Answer])[] = [
  [
    "with the token of another agency",
    1,
    "wrong-proof",
    (talk, challenge) => proofFor(talk, OTHER, challenge),
  ],
  ["with random bytes", 1, "wrong-proof", () => Buffer.alloc(32, 7)],
  [
    "for another draw than it greets",
    1,
    "wrong-proof",
    (talk, challenge) => proofFor(talk, TOKEN, challenge, "another"),
  ],
  ["for another challenge", 1, "wrong-proof", (talk) => proofFor(talk, TOKEN, Buffer.alloc(32, 1))],
  [
    "for another connection",
    1,
    "wrong-proof",
    ({ agency }, challenge) =>
      proofOf(TOKEN, { challenge, channelBinding: Buffer.alloc(32, 1), agency, draw: "" }),
  ],
  [
    "for another agency, whose token it has",
    2,
    "wrong-proof",
    ({ peer }, challenge) => {
      const channelBinding = channelBindingOf(peer.socket) ?? Buffer.alloc(32);
      return proofOf(TOKEN, { challenge, channelBinding, agency: 1 as AgencyId, draw: "" });
    },
  ],
  [
    "as an agency without a token",
    3,
    "wrong-proof",
    (talk, challenge) => proofFor(talk, TOKEN, challenge),
  ],
  [
    "as an agency that is not listed",
    9,
    "unknown-agency",
    (talk, challenge) => proofFor(talk, TOKEN, challenge),
  ],
];

describe("a central over TLS, with an agency that has a token", () => {
  it("asks for a proof, and welcomes the agency that has the token", async (t) => {
    const { connect } = await stage(t);
    const talk = await talkByToken(await connect(), TOKEN);
    talk.batch(bet(1, "100"));
    assert.equal(await talk.hears(), "ACK 1");
  });

  it("accepts both tokens of an agency while they are changed", async (t) => {
    const { connect } = await stage(t, { tokens: [storedKeyOf(TOKEN), "ab".repeat(32)] });
    await talkByToken(await connect(), TOKEN);
  });

  for (const [what, agency, why, answer] of WRONG) {
    it(`refuses a proof ${what}, and says no more than UNPROVEN`, async (t) => {
      const { connect, seen, store } = await stage(t);
      const talk = new NativeTalk(await connect(), agency);
      const challenge = await challengeOf(talk);
      talk.say({ kind: "proof", proof: answer(talk, challenge) });
      talk.batch(bet(agency, "100"));
      assert.deepEqual(await talk.toTheEnd(), ["ERROR UNPROVEN"]);
      assert.equal((await seen("admission-refused")).unproven, why);
      assert.deepEqual(store.batches, []);
    });
  }

  it("refuses an agency that is disabled, although it has the token", async (t) => {
    const { connect, seen } = await stage(t, { enabled: false });
    const talk = new NativeTalk(await connect(), 1);
    const challenge = await challengeOf(talk);
    talk.say({ kind: "proof", proof: proofFor(talk, TOKEN, challenge) });
    assert.deepEqual(await talk.toTheEnd(), ["ERROR UNPROVEN"]);
    assert.equal((await seen("admission-refused")).unproven, "disabled");
  });

  it("refuses a proof that somebody has recorded on another connection", async (t) => {
    const { connect, store } = await stage(t);
    const honest = new NativeTalk(await connect(), 1);
    const proof = proofFor(honest, TOKEN, await challengeOf(honest));
    honest.say({ kind: "proof", proof });
    assert.equal(await honest.hears(), "WELCOME 1");
    const thief = new NativeTalk(await connect(), 1);
    await challengeOf(thief);
    thief.say({ kind: "proof", proof });
    assert.deepEqual(await thief.toTheEnd(), ["ERROR UNPROVEN"]);
    assert.deepEqual(store.batches, []);
  });

  it("takes nothing but the proof after its challenge", async (t) => {
    const { connect, store } = await stage(t);
    const talk = new NativeTalk(await connect(), 1);
    await challengeOf(talk);
    talk.batch(bet(1, "100"));
    assert.deepEqual(await talk.toTheEnd(), ["ERROR UNEXPECTED_MESSAGE"]);
    assert.deepEqual(store.batches, []);
  });

  it("takes no proof that it has not asked for", async (t) => {
    const { connect } = await stage(t);
    const talk = await talkByToken(await connect(), TOKEN);
    talk.say({ kind: "proof", proof: Buffer.alloc(32) });
    assert.deepEqual(await talk.toTheEnd(), ["ERROR UNEXPECTED_MESSAGE"]);
  });

  it("gives a peer no longer for its proof than for its greeting", async (t) => {
    const identity = await TestIdentity.make(t);
    await identity.list({ agency: 1, tokens: [storedKeyOf(TOKEN)] });
    const clock = new FakeClock(new Date());
    const { connect } = await startGuarded(t, identity, {
      clock,
      limits: { headerTimeoutMs: 10_000 },
    });
    const talk = new NativeTalk(await connect(), 1);
    await challengeOf(talk);
    clock.advance(11_000);
    assert.deepEqual(await talk.toTheEnd(), ["ERROR TIMEOUT"]);
  });

  it("tells an agency with too many connections to come again", async (t) => {
    const { connect, central } = await stage(t, { connections: 1 });
    const first = await talkByToken(await connect(), TOKEN);
    const second = new NativeTalk(await connect(), 1);
    const challenge = await challengeOf(second);
    second.say({ kind: "proof", proof: proofFor(second, TOKEN, challenge) });
    assert.deepEqual(await second.toTheEnd(), ["BUSY 0 1000"]);
    first.peer.socket.end();
    await until(() => central.connections === 0);
    await talkByToken(await connect(), TOKEN);
  });
});
