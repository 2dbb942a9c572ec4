import type { X509Certificate } from "node:crypto";
import type { AgencyId } from "../lottery/bet.ts";
import type { AgencyDirectory } from "./agencies-file.ts";
import { factsOf } from "./certificate.ts";
import type { Trust, TrustFlaw } from "./trust.ts";

/** Why a certificate proves nothing. */
export type CertificateFlaw =
  | TrustFlaw
  /** It does not name exactly one agency. */
  | "no-agency"
  /** agencies.yaml does not have the agency. */
  | "unknown-agency"
  | "disabled"
  /** agencies.yaml has the agency, but not this certificate. */
  | "unlisted";

export type JudgedCertificate =
  | { readonly kind: "good"; readonly agency: AgencyId; readonly until: Date }
  | {
      readonly kind: "refused";
      readonly flaw: CertificateFlaw;
      /** The agency that it names, although it does not prove that. */
      readonly agency: AgencyId | undefined;
    };

/**
 * Finds out which agency a certificate proves, by the files as they are now. The cheap questions come first: a
 * certificate that is not listed costs no check of a signature.
 */
export function judgeCertificate(
  { directory, trust }: { readonly directory: AgencyDirectory; readonly trust: Trust },
  certificate: X509Certificate,
  now: Date,
): JudgedCertificate {
  const { agency, fingerprint } = factsOf(certificate);
  const refused = (flaw: CertificateFlaw): JudgedCertificate => ({ kind: "refused", flaw, agency });
  if (agency === undefined) return refused("no-agency");
  const entry = directory.find(agency);
  if (entry === undefined) return refused("unknown-agency");
  if (!entry.certificates.includes(fingerprint)) return refused("unlisted");
  if (!entry.enabled) return refused("disabled");
  const trusted = trust.judge(certificate, now);
  if (trusted.kind === "flawed") return refused(trusted.flaw);
  return { kind: "good", agency, until: trusted.until };
}
