import type { X509Certificate } from "node:crypto";
import { factsOf, fingerprintOf } from "./certificate.ts";

/** Serial numbers of the certificates that an authority has revoked, by the authority's fingerprint. */
export type Revoked = ReadonlyMap<string, ReadonlySet<string>>;

/** What is wrong between a certificate and the authorities. */
export type TrustFlaw =
  /** None of the authorities has issued it, or one above that is missing. */
  | "unknown-authority"
  /** The authority has revoked it. */
  | "revoked"
  /** It is before the beginning of its time, or its authority's. */
  | "not-yet-valid"
  /** It is after the end of its time, or its authority's. */
  | "ended";

export type Trusted =
  /** `until`: when the first certificate between it and the root ends. */
  | { readonly kind: "trusted"; readonly until: Date }
  | { readonly kind: "flawed"; readonly flaw: TrustFlaw };

/** A certificate and those above it, whose signatures were checked. */
type Chain = readonly Link[];

interface Link {
  readonly serial: string;
  readonly from: Date;
  readonly until: Date;
  /** The fingerprint of the authority that has issued it. */
  readonly issuer: string;
}

/**
 * The authorities of a central, and what they have revoked.
 *
 * TLS checks a certificate at a full handshake only, against the authorities of that time. So this checks it
 * again, also after a handshake that resumes an earlier session, and at every reload.
 */
export class Trust {
  readonly #authorities: readonly X509Certificate[];
  readonly #revoked: Revoked;
  /** Of certificates whose signatures were good, by fingerprint. */
  readonly #chains = new Map<string, Chain>();

  constructor(authorities: readonly X509Certificate[], revoked: Revoked) {
    this.#authorities = authorities;
    this.#revoked = revoked;
  }

  /**
   * Judges a certificate. Its signatures are checked once.
   *
   * @param certificate one of those that agencies.yaml lists: their number bounds what is remembered
   */
  judge(certificate: X509Certificate, now: Date): Trusted {
    const chain = this.#chainOf(certificate);
    if (chain === undefined) return { kind: "flawed", flaw: "unknown-authority" };
    if (chain.some(({ issuer, serial }) => this.#revoked.get(issuer)?.has(serial) === true)) {
      return { kind: "flawed", flaw: "revoked" };
    }
    if (chain.some(({ from }) => now < from)) return { kind: "flawed", flaw: "not-yet-valid" };
    const until = new Date(Math.min(...chain.map((link) => link.until.getTime())));
    return now > until ? { kind: "flawed", flaw: "ended" } : { kind: "trusted", until };
  }

  /**
   * Takes over whose signatures are known to be good: a reload must not check those of all agencies at once. Only
   * where every issuer is still an authority here; everything else is judged anew.
   *
   * @param isListed by fingerprint
   */
  learnFrom(earlier: Trust, isListed: (fingerprint: string) => boolean): void {
    const authorities = new Set(this.#authorities.map(({ raw }) => fingerprintOf(raw)));
    for (const [fingerprint, chain] of earlier.#chains) {
      if (!isListed(fingerprint)) continue;
      if (chain.every(({ issuer }) => authorities.has(issuer))) {
        this.#chains.set(fingerprint, chain);
      }
    }
  }

  #chainOf(certificate: X509Certificate): Chain | undefined {
    const fingerprint = fingerprintOf(certificate.raw);
    const known = this.#chains.get(fingerprint);
    if (known !== undefined) return known;
    const chain: Link[] = [];
    let link = certificate;
    // No longer than there are authorities: two that issue each other must not make an endless chain.
    for (let length = 0; length <= this.#authorities.length; length++) {
      const issuer = this.#authorities.find((authority) => hasIssued(authority, link));
      if (issuer === undefined) return undefined;
      const { serial, from, until } = factsOf(link);
      chain.push({ serial, from, until, issuer: fingerprintOf(issuer.raw) });
      if (issuer.raw.equals(link.raw)) {
        this.#chains.set(fingerprint, chain);
        return chain;
      }
      link = issuer;
    }
    return undefined;
  }
}

function hasIssued(authority: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}
