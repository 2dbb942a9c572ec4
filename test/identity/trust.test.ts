import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { describe, it } from "node:test";
import { issuerKeyOf } from "../../src/identity/certificate.ts";
import {
  type Authority,
  type Issued,
  issueCertificate,
  makeAuthority,
} from "../../src/identity/pki/authority.ts";
import { type Revoked, Trust } from "../../src/identity/trust.ts";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { newAuthority } from "../support/identity-files.ts";

const DAY_MS = 86_400_000;
const NOW = new Date();
const inDays = (days: number): Date => new Date(NOW.getTime() + days * DAY_MS);

function issue(authority: Authority, from = -1, until = 10): Promise<Issued> {
  const times = { from: inDays(from), until: inDays(until) };
  return issueCertificate(authority, { kind: "agency", agency: 1 as AgencyId }, times);
}

const parsed = ({ certificate }: Pick<Issued, "certificate">): X509Certificate =>
  new X509Certificate(certificate);

function trusting(authorities: readonly Authority[], revoked: Revoked = new Map()): Trust {
  return new Trust(authorities.map(parsed), revoked);
}

/** What is wrong with a certificate; undefined when it is trusted. */
function flawOf(trust: Trust, issued: Issued, now = NOW): string | undefined {
  const judged = trust.judge(parsed(issued), now);
  return judged.kind === "flawed" ? judged.flaw : undefined;
}

describe("the authorities of a central", () => {
  it("trust a certificate that one of them has issued, until it ends", async () => {
    const [one, other] = [await newAuthority(), await newAuthority("Other")];
    const issued = await issue(other);
    const trust = trusting([one, other]);
    const judged = trust.judge(parsed(issued), NOW);
    assert.deepEqual(judged, { kind: "trusted", until: issued.facts.until });
    assert.equal(flawOf(trust, issued, inDays(11)), "ended");
    assert.equal(flawOf(trust, issued, inDays(-2)), "not-yet-valid");
  });

  it("do not trust one of another authority with the same name", async () => {
    const [one, impostor] = [await newAuthority("Same"), await newAuthority("Same")];
    assert.equal(flawOf(trusting([one]), await issue(impostor)), "unknown-authority");
  });

  it("do not trust one that its own authority has revoked, whatever others have", async () => {
    const [one, other] = [await newAuthority(), await newAuthority("Other")];
    const issued = await issue(one);
    const by = (authority: Authority): Revoked =>
      new Map([[issuerKeyOf(parsed(authority)), new Set([issued.facts.serial])]]);
    assert.equal(flawOf(trusting([one, other], by(one)), issued), "revoked");
    assert.equal(flawOf(trusting([one, other], by(other)), issued), undefined);
  });

  it("learn of earlier ones only where all issuers are still authorities", async () => {
    const [kept, removed] = [await newAuthority("Kept"), await newAuthority("Removed")];
    const [stays, goes] = [await issue(kept), await issue(removed)];
    const before = trusting([kept, removed]);
    for (const each of [stays, goes]) assert.equal(flawOf(before, each), undefined);
    const serials: Revoked = new Map([[issuerKeyOf(parsed(kept)), new Set([stays.facts.serial])]]);
    const after = trusting([kept]);
    const revoking = trusting([kept], serials);
    for (const trust of [after, revoking]) trust.learnFrom(before, () => true);
    assert.equal(flawOf(after, stays), undefined);
    assert.equal(flawOf(after, goes), "unknown-authority");
    assert.equal(flawOf(revoking, stays), "revoked");
  });

  it("that were renewed count by the certificate that is good, in whatever order they come", async () => {
    const name = "Renewed";
    const old = await makeAuthority(name, { from: inDays(-100), until: inDays(5) });
    const next = await makeAuthority(name, { from: inDays(-1), until: inDays(300) }, old);
    const late = await makeAuthority(name, { from: inDays(50), until: inDays(900) }, old);
    const issued = await issue(old, -2, 4);
    const lasting = await issue(next, -1, 40);
    for (const authorities of [
      [old, next, late],
      [late, next, old],
    ]) {
      const trust = trusting(authorities);
      assert.equal(flawOf(trust, issued), undefined);
      const judged = trust.judge(parsed(lasting), NOW);
      assert.deepEqual(judged, { kind: "trusted", until: lasting.facts.until });
    }
    // The old certificate alone knows less.
    assert.deepEqual(trusting([old]).judge(parsed(lasting), NOW), {
      kind: "trusted",
      until: new Date(Math.floor(inDays(5).getTime() / 1000) * 1000),
    });

    const before = trusting([old]);
    assert.equal(flawOf(before, lasting), undefined);
    const after = trusting([old, next]);
    after.learnFrom(before, () => true);
    assert.equal(flawOf(after, lasting, inDays(20)), undefined);
    assert.equal(flawOf(before, lasting, inDays(20)), "ended");
  });

  it("that were renewed have revoked a certificate by either of their certificates", async () => {
    const old = await makeAuthority("Same", { from: inDays(-9), until: inDays(30) });
    const next = await makeAuthority("Same", { from: inDays(-1), until: inDays(300) }, old);
    const issued = await issue(old);
    const serials = new Set([issued.facts.serial]);
    assert.equal(issuerKeyOf(parsed(old)), issuerKeyOf(parsed(next)));
    for (const by of [old, next]) {
      const trust = trusting([old, next], new Map([[issuerKeyOf(parsed(by)), serials]]));
      assert.equal(flawOf(trust, issued), "revoked");
    }
    // A name may be written in several ways: the key alone counts.
    const other = await makeAuthority("Other", { from: inDays(-1), until: inDays(30) }, old);
    assert.equal(issuerKeyOf(parsed(other)), issuerKeyOf(parsed(old)));
  });
});
