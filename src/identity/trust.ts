import type { X509Certificate } from "node:crypto";
import { factsOf, fingerprintOf, issuerKeyOf } from "./certificate.ts";

/** Serial numbers that an authority has revoked, by the authority: {@link issuerKeyOf}. */
export type Revoked = ReadonlyMap<string, { has(serial: string): boolean }>;

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

interface Link {
  readonly certificate: X509Certificate;
  readonly fingerprint: string;
  readonly serial: string;
  readonly from: Date;
  readonly until: Date;
}

interface Authority extends Link {
  readonly key: string;
}

/**
 * The authorities of a central, and what they have revoked.
 *
 * TLS checks a certificate at a full handshake only, against the authorities of that time. So this checks it
 * again, also after a handshake that resumes an earlier session, and at every reload.
 */
export class Trust {
  readonly #authorities: readonly Authority[];
  readonly #revoked: Revoked;
  /** Which authorities have signed a certificate, and which have not: by its fingerprint, then by theirs. */
  readonly #signed = new Map<string, Map<string, boolean>>();

  constructor(authorities: readonly X509Certificate[], revoked: Revoked) {
    this.#authorities = authorities.map((certificate) => ({
      ...linkOf(certificate),
      key: issuerKeyOf(certificate),
    }));
    this.#revoked = revoked;
  }

  /**
   * Judges a certificate. An authority may be there twice, with an old and a renewed certificate: what counts is
   * the way to a root that is good now, and of those the one that lasts longest.
   *
   * @param certificate one of those that agencies.yaml lists: their number bounds what is remembered
   */
  judge(certificate: X509Certificate, now: Date): Trusted {
    let best: Trusted = { kind: "flawed", flaw: "unknown-authority" };
    for (const chain of this.#chains(linkOf(certificate), [])) {
      const judged = this.#judgeChain(chain, now);
      if (isBetter(judged, best)) best = judged;
    }
    return best;
  }

  /**
   * Takes over which signatures are known to be good: a reload must not check those of all agencies at once.
   *
   * @param isListed by fingerprint
   */
  learnFrom(earlier: Trust, isListed: (fingerprint: string) => boolean): void {
    const here = new Set(this.#authorities.map(({ fingerprint }) => fingerprint));
    for (const [fingerprint, signed] of earlier.#signed) {
      if (!isListed(fingerprint)) continue;
      const known = [...signed].filter(([authority]) => here.has(authority));
      this.#signed.set(fingerprint, new Map([...known, ...(this.#signed.get(fingerprint) ?? [])]));
    }
  }

  /** All ways from a certificate up to a root. */
  *#chains(link: Link, below: readonly Link[]): Generator<readonly Link[]> {
    for (const authority of this.#authorities) {
      if (!this.#hasSigned(authority, link)) continue;
      const chain = [...below, link];
      if (authority.fingerprint === link.fingerprint) {
        yield chain;
      } else if (!chain.some(({ fingerprint }) => fingerprint === authority.fingerprint)) {
        // Two that issue each other must not make an endless chain.
        yield* this.#chains(authority, chain);
      }
    }
  }

  #judgeChain(chain: readonly Link[], now: Date): Trusted {
    const isRevoked = ({ serial }: Link, at: number): boolean => {
      const issuer = chain[at + 1] ?? chain[at];
      return issuer !== undefined && this.#revoked.get(this.#keyOf(issuer))?.has(serial) === true;
    };
    if (chain.some(isRevoked)) return { kind: "flawed", flaw: "revoked" };
    if (chain.some(({ from }) => now < from)) return { kind: "flawed", flaw: "not-yet-valid" };
    const until = new Date(Math.min(...chain.map((link) => link.until.getTime())));
    return now > until ? { kind: "flawed", flaw: "ended" } : { kind: "trusted", until };
  }

  #keyOf({ fingerprint }: Link): string {
    return this.#authorities.find((one) => one.fingerprint === fingerprint)?.key ?? "";
  }

  #hasSigned(authority: Authority, { certificate, fingerprint }: Link): boolean {
    let known = this.#signed.get(fingerprint);
    const before = known?.get(authority.fingerprint);
    if (before !== undefined) return before;
    const { certificate: issuer } = authority;
    const signed = certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
    if (known === undefined) this.#signed.set(fingerprint, (known = new Map()));
    known.set(authority.fingerprint, signed);
    return signed;
  }
}

/** Where one way is good, the others do not matter, but for a revocation: that is final. */
const RANKS: readonly (TrustFlaw | "trusted")[] = [
  "unknown-authority",
  "ended",
  "not-yet-valid",
  "trusted",
  "revoked",
];

function isBetter(one: Trusted, other: Trusted): boolean {
  if (one.kind === "trusted" && other.kind === "trusted") return one.until > other.until;
  return rankOf(one) > rankOf(other);
}

function rankOf(judged: Trusted): number {
  return RANKS.indexOf(judged.kind === "trusted" ? "trusted" : judged.flaw);
}

function linkOf(certificate: X509Certificate): Link {
  const { serial, from, until } = factsOf(certificate);
  return { certificate, fingerprint: fingerprintOf(certificate.raw), serial, from, until };
}
