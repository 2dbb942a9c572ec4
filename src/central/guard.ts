import type { X509Certificate } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { Feed } from "../events/feed.ts";
import { fingerprintOf } from "../identity/certificate.ts";
import { ExpiryWatch } from "../identity/expiry-watch.ts";
import { type CertificateFlaw, judgeCertificate } from "../identity/judge-certificate.ts";
import type { Identity } from "../identity/load-identity.ts";
import type { AgencyId } from "../lottery/bet.ts";
import type { Refusal } from "../protocols/counter.ts";
import { AgencyShares } from "./agency-shares.ts";
import { type GuardContext, GuardedPeer } from "./guarded-peer.ts";

/** How often it looks whose certificate has ended, and which certificates end soon. */
const EXPIRE_EVERY_MS = 500;
const WATCH_EVERY_MS = 3_600_000;

/** What a connection shows after its handshake. */
export interface Shown {
  readonly certificate: X509Certificate | undefined;
  /** Why TLS does not trust the certificate, as Node names it. */
  readonly untrusted: string | undefined;
  /** 32 bytes that only the two ends of the connection know. */
  readonly channelBinding: Uint8Array;
}

export type Met =
  | { readonly kind: "let-in"; readonly peer: GuardedPeer }
  | {
      readonly kind: "turned-away";
      readonly flaw: CertificateFlaw | "not-for-clients" | "too-many-connections";
      /** The agency that its certificate names, although that proves nothing. */
      readonly agency: AgencyId | undefined;
      /** For a peer whose dialect is known already. */
      readonly refusal: Refusal;
    };

/** Judges who peers are, by files that may be replaced while the central runs, and remembers who is here. */
export class Guard implements GuardContext {
  readonly shares: AgencyShares;
  readonly now: () => Date;
  readonly #peers = new Set<GuardedPeer>();
  readonly #expiry: ExpiryWatch;
  readonly #stops: readonly (() => void)[];
  #identity: Identity;

  constructor(identity: Identity, clock: Clock, events: Pick<Feed, "publish">) {
    this.#identity = identity;
    this.shares = new AgencyShares(clock);
    this.now = () => clock.date();
    this.#expiry = new ExpiryWatch((ending) =>
      events.publish({ kind: "certificate-ending", ...ending }),
    );
    this.#stops = [
      clock.every(EXPIRE_EVERY_MS, () => this.#expire()),
      clock.every(WATCH_EVERY_MS, () => this.#watch()),
    ];
    this.#watch();
  }

  get identity(): Identity {
    return this.#identity;
  }

  /** Judges a connection whose handshake is over, also one that resumes an earlier session. */
  meet({ certificate, untrusted, channelBinding }: Shown): Met {
    const peer = new GuardedPeer(this, channelBinding, (gone) => void this.#peers.delete(gone));
    if (certificate !== undefined) {
      const judged = judgeCertificate(this.#identity, certificate, this.now());
      if (judged.kind === "refused") return turnedAway(judged.flaw, judged.agency);
      const { agency, until } = judged;
      // What TLS has found besides: a purpose that is not allowed, or authorities of before a reload.
      if (untrusted !== undefined) {
        const flaw = untrusted === "INVALID_PURPOSE" ? "not-for-clients" : "unknown-authority";
        return turnedAway(flaw, agency);
      }
      const crowded = peer.show(agency, certificate, until);
      if (crowded !== undefined) return turnedAway("too-many-connections", agency, crowded);
      const fingerprint = fingerprintOf(certificate.raw);
      this.#expiry.look({ whose: "agency", fingerprint, until, agency }, this.now());
    }
    this.#peers.add(peer);
    return { kind: "let-in", peer };
  }

  /** From now on judges by other files. @returns how many connections were ended, whose peers may not stay */
  replace(identity: Identity): number {
    const listed = new Set(identity.certificates.map(({ fingerprint }) => fingerprint));
    for (const { certificates } of identity.directory.all()) {
      for (const fingerprint of certificates) listed.add(fingerprint);
    }
    const isListed = (fingerprint: string): boolean => listed.has(fingerprint);
    identity.trust.learnFrom(this.#identity.trust, isListed);
    this.#identity = identity;
    this.#expiry.keepOnly(isListed);
    this.#watch();
    let ended = 0;
    for (const peer of this.#peers) if (peer.review()) ended++;
    return ended;
  }

  /** Looks at nothing more by itself. Idempotent. */
  stop(): void {
    for (const stop of this.#stops) stop();
  }

  #expire(): void {
    const now = this.now();
    for (const peer of this.#peers) peer.expire(now);
    this.shares.sweep();
  }

  #watch(): void {
    for (const certificate of this.#identity.certificates) {
      this.#expiry.look(certificate, this.now());
    }
  }
}

function turnedAway(
  flaw: Extract<Met, { kind: "turned-away" }>["flaw"],
  agency: AgencyId | undefined,
  refusal: Refusal = { kind: "unproven", why: "no-proof" },
): Met {
  return { kind: "turned-away", flaw, agency, refusal };
}
