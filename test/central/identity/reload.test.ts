import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { describe, it, type TestContext } from "node:test";
import { Guard } from "../../../src/central/guard.ts";
import type { Issued } from "../../../src/identity/pki/authority.ts";
import { newToken, storedKeyOf } from "../../../src/identity/token.ts";
import { type Listed, newAuthority, TestIdentity } from "../../support/identity-files.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { until } from "../../support/turns.ts";
import { startFixture } from "../fixture.ts";
import { bet } from "../line-peer.ts";
import { type GuardedCentral, startGuarded } from "./fixture.ts";
import { NativeTalk, talkByToken } from "./native-talk.ts";
import { playReloads } from "./play-reloads.ts";

interface Stage extends GuardedCentral {
  readonly issued: Issued;
  readonly bystander: Issued;
  readonly welcomed: (issued: Issued, agency: number) => Promise<NativeTalk>;
}

/** A central with agencies 1 and 2; agency 2 must notice nothing. */
async function stage(t: TestContext): Promise<Stage> {
  const identity = await TestIdentity.make(t);
  const [issued, bystander] = [await identity.issueAgency(1), await identity.issueAgency(2)];
  await identity.list(
    { agency: 1, certificates: [issued] },
    { agency: 2, certificates: [bystander] },
  );
  const guarded = await startGuarded(t, identity);
  return {
    ...guarded,
    issued,
    bystander,
    async welcomed(certificate, agency) {
      const talk = new NativeTalk(await guarded.connect({ issued: certificate }), agency);
      talk.hello();
      assert.equal(await talk.hears(), "WELCOME 1");
      return talk;
    },
  };
}

/** How agency 1 loses its right, while agency 2 keeps its own. */
const LOSSES: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  "is disabled": ({ identity, issued, bystander }) =>
    listed(identity, bystander, { agency: 1, certificates: [issued], enabled: false }),
  "has its certificate taken off agencies.yaml": ({ identity, bystander }) =>
    listed(identity, bystander, { agency: 1 }),
  "is taken off agencies.yaml": ({ identity, bystander }) =>
    identity.list({ agency: 2, certificates: [bystander] }),
  "has its certificate revoked": ({ identity, issued }) => identity.revoke(issued),
};

function listed(identity: TestIdentity, bystander: Issued, one: Listed): Promise<void> {
  return identity.list(one, { agency: 2, certificates: [bystander] });
}

describe("a reload of identities", () => {
  for (const [loss, lose] of Object.entries(LOSSES)) {
    it(`ends the sessions of an agency that ${loss}, and nobody else's`, async (t) => {
      const staged = await stage(t);
      const { central, of, issued, bystander, welcomed } = staged;
      const loser = await welcomed(issued, 1);
      const other = await welcomed(bystander, 2);
      await lose(staged);
      await central.reloadIdentity();
      assert.deepEqual(await loser.toTheEnd(), ["ERROR UNPROVEN"]);
      assert.equal(of("identity-loaded").at(-1)?.ended, 1);
      other.batch(bet(2, "100"));
      assert.equal(await other.hears(), "ACK 1");
    });

    it(`refuses to resume a session of an agency that ${loss}`, async (t) => {
      const staged = await stage(t);
      const { central, connect, of, issued, welcomed } = staged;
      const { peer } = await welcomed(issued, 1);
      await until(() => peer.session !== undefined);
      const { session } = peer;
      const resumed = await connect({ issued, session });
      assert.equal(resumed.socket.isSessionReused(), true);
      await lose(staged);
      await central.reloadIdentity();
      const before = of("handshake-refused").length;
      const again = await connect({ issued, session });
      assert.equal(again.socket.isSessionReused(), false);
      assert.equal((await again.ended()).length, 0);
      assert.equal(of("handshake-refused").length, before + 1);
    });
  }

  it("ends the sessions of an authority's agencies when it is removed, and resumes none", async (t) => {
    const { identity, central, connect, seen, issued, welcomed } = await stage(t);
    const talk = await welcomed(issued, 1);
    await until(() => talk.peer.session !== undefined);
    const { session } = talk.peer;
    await identity.trustOnly(await newAuthority());
    await central.reloadIdentity();
    assert.deepEqual(await talk.toTheEnd(), ["ERROR UNPROVEN"]);
    const again = await connect({ issued, session });
    assert.equal((await again.ended()).length, 0);
    assert.equal((await seen("handshake-refused")).flaw, "unknown-authority");
  });

  it("ends the sessions of a token that is removed", async (t) => {
    const identity = await TestIdentity.make(t);
    const tokens = [newToken(), newToken()];
    const keys = tokens.map(storedKeyOf);
    await identity.list({ agency: 1, tokens: keys });
    const { connect, central } = await startGuarded(t, identity);
    const talk = await talkByToken(await connect(), tokens[0] ?? "");
    await identity.list({ agency: 1, tokens: keys.slice(1) });
    await central.reloadIdentity();
    assert.deepEqual(await talk.toTheEnd(), ["ERROR UNPROVEN"]);
    await talkByToken(await connect(), tokens[1] ?? "");
  });

  it("changes nothing when a file is wrong, and says what", async (t) => {
    const { identity, central, seen, connect, issued, welcomed, of } = await stage(t);
    const talk = await welcomed(issued, 1);
    await writeFile(identity.files.agencies, "agencies:\n  - agency: none\n");
    await assert.rejects(central.reloadIdentity(), /SERVER_AGENCIES_FILE: .*agencies\.yaml:2/);
    assert.match((await seen("identity-reload-failed")).error, /agencies\.yaml:2/);
    assert.equal(of("identity-loaded").length, 1);
    talk.batch(bet(1, "100"));
    assert.equal(await talk.hears(), "ACK 1");
    const later = new NativeTalk(await connect({ issued }), 1);
    later.hello();
    assert.equal(await later.hears(), "WELCOME 2");
  });

  it("shuts an agency out also when the central's own certificate has ended, and says so", async (t) => {
    const { identity, central, issued, bystander, welcomed, of } = await stage(t);
    const talk = await welcomed(issued, 1);
    await identity.serve(await identity.issueServer(["localhost"], [-2, -1]));
    await listed(identity, bystander, { agency: 1 });
    await central.reloadIdentity();
    assert.deepEqual(await talk.toTheEnd(), ["ERROR UNPROVEN"]);
    const [ending] = of("certificate-ending").filter(({ whose }) => whose === "central");
    assert.equal(ending?.days, 0);
    await assert.rejects(identity.load(new Date()), /SERVER_TLS_CERT: .* ended at/);
  });

  it("is done once for all who ask while one is under way", async (t) => {
    const { central, of } = await stage(t);
    await Promise.all(Array.from({ length: 10 }, () => central.reloadIdentity()));
    assert.equal(of("identity-loaded").filter(({ again }) => again).length, 2);
  });

  it("that hangs on a file ends after three minutes, and the next one begins", async (t) => {
    const identity = await TestIdentity.make(t);
    const clock = new FakeClock(new Date());
    let hangs = true;
    const load = () => (hangs ? new Promise<never>(() => undefined) : identity.load());
    const { central, of } = await startGuarded(t, identity, { clock, load });
    const hanging = central.reloadIdentity();
    const next = central.reloadIdentity();
    hangs = false;
    clock.advance(180_000);
    await assert.rejects(hanging, /could not be read within 180 s/);
    await next;
    assert.equal(of("identity-reload-failed").length, 1);
    assert.equal(of("identity-loaded").length, 2);
  });

  it("serves with the central's new certificate from then on", async (t) => {
    const { identity, central, connect, issued } = await stage(t);
    const renewed = await identity.issueServer();
    await identity.serve(renewed);
    await central.reloadIdentity();
    const peer = await connect({ issued });
    const shown = peer.socket.getPeerX509Certificate();
    assert.equal(shown?.serialNumber.toLowerCase(), renewed.facts.serial);
  });

  it("is refused by a central that believes every peer", async (t) => {
    const { central } = await startFixture(t);
    await assert.rejects(central.reloadIdentity(), RangeError);
  });

  it("loses no ack, also a hundred times in a row under load", async (t) => {
    await playReloads(t, { reloads: 100, agencies: 4 });
  });
});

describe("the guard of a central", () => {
  it("does not believe TLS that says of a resumed session that it is authorised", async (t) => {
    const identity = await TestIdentity.make(t);
    const issued = await identity.issueAgency(1);
    await identity.list({ agency: 1, certificates: [issued] });
    const guard = await guardOf(t, identity);
    const shown = {
      certificate: new X509Certificate(issued.certificate),
      untrusted: undefined,
      channelBinding: Buffer.alloc(32),
    };
    assert.equal(guard.meet(shown).kind, "let-in");
    await identity.revoke(issued);
    guard.replace(await identity.load());
    const met = guard.meet(shown);
    assert.deepEqual(
      [met.kind, met.kind === "turned-away" && met.flaw],
      ["turned-away", "revoked"],
    );
  });

  it("judges times by the watched clock alone, and purposes whatever TLS says of times", async (t) => {
    const identity = await TestIdentity.make(t);
    const issued = await identity.issueAgency(1);
    await identity.list({ agency: 1, certificates: [issued] });
    const guard = await guardOf(t, identity);
    const metWith = ({ certificate }: Issued, untrusted: string | undefined) =>
      guard.meet({
        certificate: new X509Certificate(certificate),
        untrusted,
        channelBinding: Buffer.alloc(32),
      });
    for (const error of ["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"]) {
      assert.equal(metWith(issued, error).kind, "let-in");
    }
    const met = metWith(issued, "UNABLE_TO_VERIFY_LEAF_SIGNATURE");
    assert.equal(met.kind === "turned-away" && met.flaw, "unknown-authority");
  });

  it("ends a session when its certificate does, and its agency may come again", async (t) => {
    const { clock, issued, talk } = await nearTheEnd(t);
    assert.ok(clock.date() < issued.facts.until);
    clock.advance(3000);
    assert.deepEqual(await talk.toTheEnd(), ["ERROR STOPPING"]);
  });

  it("ends no session because of a clock that jumps and is put right within a minute", async (t) => {
    const { clock, issued, talk, connect } = await nearTheEnd(t);
    const before = clock.date().getTime();
    clock.setDate(new Date(issued.facts.until.getTime() + 3_600_000));
    clock.advance(1000);
    talk.batch(bet(1, "100"));
    assert.equal(await talk.hears(), "ACK 1");
    const other = new NativeTalk(await connect({ issued }), 1);
    other.hello();
    assert.equal(await other.hears(), "WELCOME 2");
    clock.setDate(new Date(before));
    clock.advance(1000);
    // Stored already: it is answered all the same.
    other.batch(bet(1, "100"));
    assert.equal(await other.hears(), "ACK 1");
  });

  it("warns of a certificate that ends while its agency stays connected", async (t) => {
    const identity = await TestIdentity.make(t);
    const issued = await identity.issueAgency(1, [-1, 40]);
    await identity.list({ agency: 1, certificates: [issued] });
    const clock = new FakeClock(new Date());
    const limits = { idleTimeoutMs: 1_800_000_000 };
    const { connect, of } = await startGuarded(t, identity, { clock, limits });
    const talk = new NativeTalk(await connect({ issued }), 1);
    talk.hello();
    assert.equal(await talk.hears(), "WELCOME 1");
    const told = (): number[] =>
      of("certificate-ending")
        .filter(({ whose }) => whose === "agency")
        .map(({ days }) => days);
    assert.deepEqual(told(), []);
    clock.setDate(new Date(issued.facts.until.getTime() - 6 * 86_400_000));
    clock.advance(3_600_000);
    assert.deepEqual(told(), [7]);
  });
});

/** A guard alone, whose time stands still. */
async function guardOf(t: TestContext, identity: TestIdentity): Promise<Guard> {
  const clock = new FakeClock(new Date());
  const nowMs = clock.date().getTime();
  const time = () => ({ earliestMs: nowMs, latestMs: nowMs });
  const guard = new Guard(await identity.load(), clock, time, { publish: () => undefined });
  t.after(() => guard.stop());
  return guard;
}

/** Agency 1 is connected, and its certificate ends in two seconds, by the central's clock. */
async function nearTheEnd(t: TestContext) {
  const identity = await TestIdentity.make(t);
  const issued = await identity.issueAgency(1, [-1, 1]);
  await identity.list({ agency: 1, certificates: [issued] });
  const clock = new FakeClock(new Date(issued.facts.until.getTime() - 2000));
  const { connect } = await startGuarded(t, identity, { clock });
  const talk = new NativeTalk(await connect({ issued }), 1);
  talk.hello();
  assert.equal(await talk.hears(), "WELCOME 1");
  return { clock, issued, talk, connect };
}
