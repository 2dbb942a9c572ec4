import type { DatedCertificate } from "./load-identity.ts";

/** Days before the end of a certificate at which it is said; 0 is after the end. */
const STAGES_DAYS = [30, 7, 1, 0] as const;
const DAY_MS = 86_400_000;

/** A certificate that ends soon, or has ended. */
export interface EndingCertificate extends DatedCertificate {
  /** So many days are left, or fewer; 0 when it has ended. */
  readonly days: (typeof STAGES_DAYS)[number];
}

/** Says of each certificate once at each stage that its end comes near. */
export class ExpiryWatch {
  readonly #tell: (ending: EndingCertificate) => void;
  /** The stage that was told last, by fingerprint. */
  readonly #told = new Map<string, number>();

  constructor(tell: (ending: EndingCertificate) => void) {
    this.#tell = tell;
  }

  look(certificate: DatedCertificate, now: Date): void {
    const leftMs = certificate.until.getTime() - now.getTime();
    const days = STAGES_DAYS.findLast((stage) => leftMs <= stage * DAY_MS);
    if (days === undefined) return;
    const told = this.#told.get(certificate.fingerprint);
    if (told !== undefined && told <= days) return;
    this.#told.set(certificate.fingerprint, days);
    this.#tell({ ...certificate, days });
  }

  /** Forgets the certificates that are of no use any more. */
  keepOnly(isKnown: (fingerprint: string) => boolean): void {
    for (const fingerprint of this.#told.keys()) {
      if (!isKnown(fingerprint)) this.#told.delete(fingerprint);
    }
  }
}
