import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { describe, it } from "node:test";
import { fingerprintOf } from "../../src/identity/certificate.ts";
import { type Authority, type Issued, issueCertificate } from "../../src/identity/pki/authority.ts";
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
      new Map([[fingerprintOf(parsed(authority).raw), new Set([issued.facts.serial])]]);
    assert.equal(flawOf(trusting([one, other], by(one)), issued), "revoked");
    assert.equal(flawOf(trusting([one, other], by(other)), issued), undefined);
  });

  it("learn of earlier ones only where all issuers are still authorities", async () => {
    const [kept, removed] = [await newAuthority("Kept"), await newAuthority("Removed")];
    const [stays, goes] = [await issue(kept), await issue(removed)];
    const before = trusting([kept, removed]);
    for (const each of [stays, goes]) assert.equal(flawOf(before, each), undefined);
    const serials: Revoked = new Map([
      [fingerprintOf(parsed(kept).raw), new Set([stays.facts.serial])],
    ]);
    const after = trusting([kept]);
    const revoking = trusting([kept], serials);
    for (const trust of [after, revoking]) trust.learnFrom(before, () => true);
    assert.equal(flawOf(after, stays), undefined);
    assert.equal(flawOf(after, goes), "unknown-authority");
    assert.equal(flawOf(revoking, stays), "revoked");
  });
});
