import { randomBytes, type X509Certificate } from "node:crypto";
import type { AgencyEntry } from "../identity/agencies-file.ts";
import type { JudgedCertificate } from "../identity/judge-certificate.ts";
import type { Identity } from "../identity/load-identity.ts";
import { PROOF_BYTES, provenKey } from "../identity/token.ts";
import { type AgencyId, agencyId } from "../lottery/bet.ts";
import type { Claim, Refusal, Unproven } from "../protocols/counter.ts";
import type { AgencyShares } from "./agency-shares.ts";
import type { Expel, ProvenPeer } from "./proven-peer.ts";

/** What a connection has shown. */
type Proof =
  | { readonly kind: "none" }
  | {
      readonly kind: "certificate";
      readonly agency: AgencyId;
      readonly certificate: X509Certificate;
      /** When it, or one above it, ends. */
      readonly until: Date;
    }
  | { readonly kind: "token"; readonly agency: AgencyId; readonly storedKey: string };

/** What guarded peers share. */
export interface GuardContext {
  /** The files as they are now. */
  readonly identity: Identity;
  readonly shares: AgencyShares;
  /** By the files and the time as they are now. */
  judge(certificate: X509Certificate): JudgedCertificate;
}

/** When an agency with too many connections may try again. */
const CROWDED_RETRY_MS = 1000;

/** One connection over TLS: what its peer has proven, and for how long. */
export class GuardedPeer implements ProvenPeer {
  readonly #context: GuardContext;
  readonly #channelBinding: Uint8Array;
  readonly #onReleased: (peer: GuardedPeer) => void;
  #proof: Proof = { kind: "none" };
  /** What was asked of the peer; a challenge is for one proof. */
  #challenge: Uint8Array | undefined;
  #expel: Expel = () => undefined;
  #onProven: () => void = () => undefined;
  #released = false;

  constructor(
    context: GuardContext,
    channelBinding: Uint8Array,
    onReleased: (peer: GuardedPeer) => void,
  ) {
    this.#context = context;
    this.#channelBinding = channelBinding;
    this.#onReleased = onReleased;
  }

  get agency(): AgencyId | undefined {
    return this.#proof.kind === "none" ? undefined : this.#proof.agency;
  }

  /** Takes a certificate that was judged good. @returns why it is not admitted all the same */
  show(agency: AgencyId, certificate: X509Certificate, until: Date): Refusal | undefined {
    const crowded = this.#enter(agency);
    if (crowded !== undefined) return crowded;
    this.#proof = { kind: "certificate", agency, certificate, until };
    return undefined;
  }

  challenge(): Uint8Array | undefined {
    if (this.#proof.kind !== "none") return undefined;
    this.#challenge = randomBytes(PROOF_BYTES);
    return this.#challenge;
  }

  check({ agency, draw, proof }: Claim): Refusal | undefined {
    if (this.#proof.kind === "none") return this.#checkProof(agency, draw, proof);
    return this.#proof.agency === agency ? undefined : unproven("other-agency");
  }

  heldBack(): number | undefined {
    const { agency } = this;
    if (agency === undefined) return undefined;
    const { batchesPerSecond } = this.#entry(agency)?.limits ?? {};
    return this.#context.shares.takeBatch(agency, batchesPerSecond);
  }

  attach(expel: Expel): void {
    this.#expel = expel;
  }

  /** Calls back once the peer has proven who it is, which it has not by now. */
  whenProven(callback: () => void): void {
    this.#onProven = callback;
  }

  /** Its certificate, and when that or one above it ends; undefined without one. */
  get certificate(): Extract<Proof, { kind: "certificate" }> | undefined {
    return this.#proof.kind === "certificate" ? this.#proof : undefined;
  }

  /** Ends the connection if its peer is not allowed here any more. @returns whether it did */
  review(): boolean {
    const lost = this.#lost();
    if (lost === undefined) return false;
    this.#expel(lost, "for-good");
    return true;
  }

  /** Ends the connection if the certificate has ended: what is cheap enough for every second. */
  expire(now: Date): void {
    if (this.#proof.kind === "certificate" && now > this.#proof.until) {
      // The agency may have the next one already.
      this.#expel("its certificate has ended", "for-now");
    }
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    if (this.agency !== undefined) this.#context.shares.leave(this.agency);
    this.#onReleased(this);
  }

  #checkProof(number: number, draw: string, proof: Uint8Array | undefined): Refusal | undefined {
    const challenge = this.#challenge;
    this.#challenge = undefined;
    if (challenge === undefined || proof === undefined) return unproven("no-proof");
    const agency = agencyId(number);
    if (agency === undefined) return unproven("unknown-agency");
    const entry = this.#entry(agency);
    const message = { challenge, channelBinding: this.#channelBinding, agency, draw };
    const storedKey = provenKey(entry?.tokens ?? [], proof, message);
    if (entry === undefined) return unproven("unknown-agency");
    if (storedKey === undefined) return unproven("wrong-proof");
    if (!entry.enabled) return unproven("disabled");
    const crowded = this.#enter(agency);
    if (crowded !== undefined) return crowded;
    this.#proof = { kind: "token", agency, storedKey };
    this.#onProven();
    return undefined;
  }

  #enter(agency: AgencyId): Refusal | undefined {
    // A connection that is gone counts no more, whatever is still on its way through the program.
    if (this.#released) return unproven("no-proof");
    const { connections } = this.#entry(agency)?.limits ?? {};
    return this.#context.shares.enter(agency, connections)
      ? undefined
      : { kind: "too-many-connections", retryAfterMs: CROWDED_RETRY_MS };
  }

  /** Why the peer is not allowed here by the files as they are now. */
  #lost(): string | undefined {
    const proof = this.#proof;
    switch (proof.kind) {
      case "none":
        return undefined;
      case "certificate": {
        const judged = this.#context.judge(proof.certificate);
        if (judged.kind === "refused") return `its certificate is refused now: ${judged.flaw}`;
        this.#proof = { ...proof, until: judged.until };
        return undefined;
      }
      case "token": {
        const entry = this.#entry(proof.agency);
        if (entry === undefined) return "its token is refused now: unknown-agency";
        if (!entry.enabled) return "its token is refused now: disabled";
        return entry.tokens.includes(proof.storedKey)
          ? undefined
          : "its token is refused now: unlisted";
      }
      default:
        return proof satisfies never;
    }
  }

  #entry(agency: AgencyId): AgencyEntry | undefined {
    return this.#context.identity.directory.find(agency);
  }
}

function unproven(why: Unproven): Refusal {
  return { kind: "unproven", why };
}
