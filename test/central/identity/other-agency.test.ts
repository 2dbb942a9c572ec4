import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { describe, it, type TestContext } from "node:test";
import type { AgencyId, Bet } from "../../../src/lottery/bet.ts";
import { BETTING, type BettingDialect } from "../../protocols/all/spoken.ts";
import { TestIdentity } from "../../support/identity-files.ts";
import { until } from "../../support/turns.ts";
import { type GuardedCentral, startGuarded } from "./fixture.ts";
import { NativeTalk } from "./native-talk.ts";
import type { TlsPeer } from "./tls-peer.ts";

/** Everything of agency 2 has this in it, and nothing else has. */
const SALT = `Sal${randomInt(1e9, 9e9)}`;
const DOCUMENT = randomInt(3e9, 4e9);
const WINNER: Bet = {
  agency: 2 as AgencyId,
  firstName: SALT,
  lastName: SALT,
  document: `${DOCUMENT}`,
  birthdate: "1990-01-31",
  number: 7574,
};
const OURS: Bet = { ...WINNER, agency: 1 as AgencyId, firstName: "Ana", document: "30000001" };

interface Stage extends GuardedCentral {
  /** A connection with the certificate of agency 1. */
  readonly asAgency1: () => Promise<TlsPeer>;
}

/** A draw that is over: agency 2 has a winner. */
async function drawn(t: TestContext): Promise<Stage> {
  const identity = await TestIdentity.make(t);
  const [one, two] = [await identity.issueAgency(1), await identity.issueAgency(2)];
  await identity.list({ agency: 1, certificates: [one] }, { agency: 2, certificates: [two] });
  const guarded = await startGuarded(t, identity, { store: { agencies: 2 } });
  for (const [agency, issued, bets] of [
    [1, one, []],
    [2, two, [WINNER]],
  ] as const) {
    const talk = new NativeTalk(await guarded.connect({ issued }), agency);
    talk.hello();
    assert.equal(await talk.hears(), "WELCOME 1");
    if (bets.length > 0) {
      talk.batch(...bets);
      assert.equal(await talk.hears(), "ACK 1");
    }
    talk.done();
    assert.match(await talk.hears(), /^ACK \d done$/);
  }
  await until(() => guarded.store.draws === 1);
  return { ...guarded, asAgency1: () => guarded.connect({ issued: one }) };
}

/** All messages in which agency 2 can be named, each with what must come before it. */
function messagesOf2({ speak, manners }: BettingDialect): readonly (readonly [string, Buffer])[] {
  const { hello } = speak(2);
  const after = (message: Buffer | undefined): Buffer | undefined =>
    message && Buffer.concat([hello, message]);
  const single = speak(2).single(WINNER);
  const messages: readonly (readonly [string, Buffer | undefined])[] = [
    ["a batch", after(speak(2).batch({ ...WINNER, document: "1" }))],
    ["a bet by itself", manners.singleWithoutHello === true ? single : after(single)],
    ["the end of its bets", after(speak(2).done?.())],
    ["the question who has won", after(speak(2).question?.())],
  ];
  return messages.flatMap(([what, bytes]) => (bytes === undefined ? [] : [[what, bytes] as const]));
}

function expectNothingOf2(received: Buffer): void {
  const binary = Buffer.alloc(4);
  binary.writeUInt32BE(DOCUMENT);
  for (const secret of [Buffer.from(SALT), Buffer.from(`${DOCUMENT}`), binary]) {
    assert.equal(received.indexOf(secret), -1, `${secret.toString("hex")} is in the answer`);
  }
}

describe("P6 with the certificate of agency 1 nobody is agency 2", () => {
  for (const spoken of BETTING) {
    it(`in any message of ${spoken.name}: the connection ends, and nothing of agency 2 is told`, async (t) => {
      const { asAgency1, of, store } = await drawn(t);
      for (const [what, bytes] of messagesOf2(spoken)) {
        const told = of("admission-refused").length + of("batch-refused").length;
        const peer = await asAgency1();
        peer.write(bytes);
        const received = await peer.ended();
        expectNothingOf2(received);
        assert.deepEqual(
          spoken.understand(received.length === 0 ? [] : [received]),
          spoken.name === "native" ? ["UNPROVEN"] : [],
          what,
        );
        const now = [...of("admission-refused"), ...of("batch-refused")];
        assert.equal(now.length, told + 1, `${what} is reported once`);
      }
      const reasons = [
        ...of("admission-refused").map(({ reason }) => reason),
        ...of("batch-refused").map(({ why }) => why.kind),
      ];
      assert.deepEqual(new Set(reasons), new Set(["unproven"]));
      assert.equal(store.batches.length, 1);
    });

    it(`in ${spoken.name} behind a message of agency 1: nothing is stored, and nothing told of agency 2`, async (t) => {
      const { asAgency1, store } = await drawn(t);
      for (const [what, bytes] of messagesOf2(spoken)) {
        const speaker = spoken.speak(1);
        const peer = await asAgency1();
        peer.write(Buffer.concat([speaker.hello, speaker.batch(OURS)]));
        // The draw is over: the batch is late, and some dialects end the connection at that.
        await peer.bytes(1);
        peer.write(bytes);
        peer.socket.end();
        const received = await peer.ended();
        expectNothingOf2(received);
        const answers = received.length === 0 ? [] : spoken.understand([received]);
        assert.ok(!answers.includes("yes"), `${what}: ${answers.join(", ")}`);
      }
      assert.equal(store.batches.length, 1);
    });
  }

  it("names no agency in the log that it has not proven to be", async (t) => {
    const { asAgency1, seen } = await drawn(t);
    const talk = new NativeTalk(await asAgency1(), 2);
    talk.hello();
    assert.deepEqual(await talk.toTheEnd(), ["ERROR UNPROVEN"]);
    const { from, agency, unproven } = await seen("admission-refused");
    assert.deepEqual([from.agency, agency, unproven], [undefined, 2, "other-agency"]);
  });
});
