import type { X509Certificate } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../clock.ts";
import type { Feed } from "../events/feed.ts";
import { fingerprintOf } from "../identity/certificate.ts";
import { ExpiryWatch } from "../identity/expiry-watch.ts";
import {
  type CertificateFlaw,
  judgeCertificate,
  type JudgedCertificate,
} from "../identity/judge-certificate.ts";
import type { Identity } from "../identity/load-identity.ts";
import type { AgencyId } from "../lottery/bet.ts";
import type { Refusal } from "../protocols/counter.ts";
import { AgencyShares } from "./agency-shares.ts";
import { type GuardContext, GuardedPeer } from "./guarded-peer.ts";
import type { TimeOfDay } from "./watched-clock.ts";

/** How often it looks which certificates have ended, and which ones end soon. */
const EXPIRE_EVERY_MS = 500;
const WATCH_EVERY_MS = 3_600_000;
/** Certificates to judge before others have their turn of the event loop: some milliseconds. */
const JUDGED_PER_TURN = 8;

/** Node's names of what TLS finds by the system's clock alone. */
const TIME_ERRORS: ReadonlySet<string> = new Set(["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"]);
/** As `extendedKeyUsage` of a certificate has it. */
const FOR_CLIENTS = "1.3.6.1.5.5.7.3.2";

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
  readonly #time: () => TimeOfDay;
  readonly #peers = new Set<GuardedPeer>();
  readonly #expiry: ExpiryWatch;
  readonly #stops: readonly (() => void)[];
  #identity: Identity;

  /** @param time in doubt after a jump of the clock: then a certificate has ended when both times say so */
  constructor(
    identity: Identity,
    clock: Clock,
    time: () => TimeOfDay,
    events: Pick<Feed, "publish">,
  ) {
    this.#identity = identity;
    this.#time = time;
    this.shares = new AgencyShares(clock);
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

  judge(certificate: X509Certificate): JudgedCertificate {
    return this.#judgeBy(this.#identity, certificate);
  }

  /** Judges a connection whose handshake is over, also one that resumes an earlier session. */
  meet({ certificate, untrusted, channelBinding }: Shown): Met {
    const peer = new GuardedPeer(this, channelBinding, (gone) => void this.#peers.delete(gone));
    if (certificate !== undefined) {
      const judged = this.judge(certificate);
      if (judged.kind === "refused") return turnedAway(judged.flaw, judged.agency);
      const { agency, until } = judged;
      if (!isForClients(certificate)) return turnedAway("not-for-clients", agency);
      // What TLS has found besides, by authorities of before a reload, say. The times were judged already, by a clock
      // that is watched.
      if (untrusted !== undefined && !TIME_ERRORS.has(untrusted)) {
        const flaw = untrusted === "INVALID_PURPOSE" ? "not-for-clients" : "unknown-authority";
        return turnedAway(flaw, agency);
      }
      const crowded = peer.show(agency, certificate, until);
      if (crowded !== undefined) return turnedAway("too-many-connections", agency, crowded);
    }
    this.#peers.add(peer);
    this.#watchPeer(peer);
    return { kind: "let-in", peer };
  }

  /**
   * Checks before {@link replace} the signatures of those who are here, which takes half a millisecond for each. Others
   * have their turns of the event loop meanwhile.
   */
  async prepare(identity: Identity): Promise<void> {
    identity.trust.learnFrom(this.#identity.trust, listedIn(identity));
    let judged = 0;
    for (const peer of this.#peers) {
      if (peer.certificate === undefined) continue;
      this.#judgeBy(identity, peer.certificate.certificate);
      if (++judged % JUDGED_PER_TURN === 0) await nextTurn();
    }
  }

  /** From now on judges by other files. @returns how many connections were ended, whose peers may not stay */
  replace(identity: Identity): number {
    const isListed = listedIn(identity);
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
    const now = new Date(this.#time().earliestMs);
    for (const peer of this.#peers) {
      if (peer.certificate !== undefined && now > peer.certificate.until) this.#watchPeer(peer);
      peer.expire(now);
    }
    this.shares.sweep();
  }

  #watch(): void {
    const now = new Date(this.#time().earliestMs);
    for (const certificate of this.#identity.certificates) this.#expiry.look(certificate, now);
    for (const peer of this.#peers) this.#watchPeer(peer);
  }

  #watchPeer({ certificate: shown }: GuardedPeer): void {
    if (shown === undefined) return;
    const { agency, until, certificate } = shown;
    const dated = {
      whose: "agency",
      fingerprint: fingerprintOf(certificate.raw),
      until,
      agency,
    } as const;
    this.#expiry.look(dated, new Date(this.#time().earliestMs));
  }

  /** While the time is in doubt, a certificate that is good at one of the two times is good. */
  #judgeBy(identity: Identity, certificate: X509Certificate): JudgedCertificate {
    const { earliestMs, latestMs } = this.#time();
    const judged = judgeCertificate(identity, certificate, new Date(earliestMs));
    if (judged.kind === "good" || earliestMs === latestMs) return judged;
    return judgeCertificate(identity, certificate, new Date(latestMs));
  }
}

/** TLS tells only one thing that is wrong: an error of the time may hide that of the purpose. */
function isForClients({ keyUsage }: X509Certificate): boolean {
  // Without a list of purposes it is for everything.
  return !Array.isArray(keyUsage) || keyUsage.includes(FOR_CLIENTS);
}

/** Whether a certificate, by its fingerprint, is one of these files. */
function listedIn({ certificates, directory }: Identity): (fingerprint: string) => boolean {
  const listed = new Set(certificates.map(({ fingerprint }) => fingerprint));
  for (const agency of directory.all()) {
    for (const fingerprint of agency.certificates) listed.add(fingerprint);
  }
  return (fingerprint) => listed.has(fingerprint);
}

function turnedAway(
  flaw: Extract<Met, { kind: "turned-away" }>["flaw"],
  agency: AgencyId | undefined,
  refusal: Refusal = { kind: "unproven", why: "no-proof" },
): Met {
  return { kind: "turned-away", flaw, agency, refusal };
}
