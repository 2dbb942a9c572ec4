import { createHash, X509Certificate } from "node:crypto";
import { type AgencyId, agencyId } from "../lottery/bet.ts";

/** How a certificate names its agency, as a URI among its alternative names: `quiniela:agency:17`. */
export const AGENCY_URI = "quiniela:agency:";

/** What matters here of a certificate. */
export interface CertificateFacts {
  /** Lowercase hex without leading zeros. */
  readonly serial: string;
  /** SHA-256 of its DER: 64 lowercase hex digits, as agencies.yaml has it. */
  readonly fingerprint: string;
  readonly from: Date;
  /** The last moment of its time. */
  readonly until: Date;
  /** The agency that it names; undefined unless it names exactly one, in the right form. */
  readonly agency: AgencyId | undefined;
  /** Its host names and addresses. */
  readonly hosts: readonly string[];
}

export function factsOf(certificate: X509Certificate): CertificateFacts {
  const names = alternativeNames(certificate.subjectAltName);
  return {
    serial: plainSerial(certificate.serialNumber),
    fingerprint: fingerprintOf(certificate.raw),
    from: new Date(certificate.validFrom),
    until: new Date(certificate.validTo),
    agency: onlyAgency(names),
    hosts: names
      .filter(({ kind }) => kind === "DNS" || kind === "IP Address")
      .map(({ value }) => value),
  };
}

/** The fingerprint of a certificate, as agencies.yaml has it. */
export function fingerprintOf(der: Uint8Array): string {
  return createHash("sha256").update(der).digest("hex");
}

/** A serial number in the form that all parts of the program compare. */
export function plainSerial(hex: string): string {
  return hex.toLowerCase().replace(/^0+(?=.)/, "");
}

/** The certificate in a PEM or DER file; undefined when there is none, or more than one. */
export function readCertificate(bytes: Uint8Array): X509Certificate | undefined {
  const text = Buffer.from(bytes).toString("latin1");
  if (text.split("-----BEGIN CERTIFICATE-----").length > 2) return undefined;
  try {
    return new X509Certificate(bytes);
  } catch {
    return undefined;
  }
}

interface AlternativeName {
  /** As Node writes it: `URI`, `DNS`, `IP Address`. */
  readonly kind: string;
  readonly value: string;
}

/**
 * Reads the alternative names as Node writes them: `URI:quiniela:agency:17, DNS:"a, b"`. Node puts values
 * with unusual characters into quotes, so that no value can look like two names.
 */
function alternativeNames(text: string | undefined): AlternativeName[] {
  if (text === undefined) return [];
  return [...text.matchAll(/([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/gy)].map(
    ([, kind = "", value = ""]) => ({ kind, value }),
  );
}

/** A second URI, of whatever kind, makes the certificate unusable: nobody should have to choose one. */
function onlyAgency(names: readonly AlternativeName[]): AgencyId | undefined {
  const uris = names.filter(({ kind }) => kind === "URI");
  const [uri] = uris;
  if (uri === undefined || uris.length > 1 || !uri.value.startsWith(AGENCY_URI)) return undefined;
  const digits = uri.value.slice(AGENCY_URI.length);
  return /^[1-9]\d{0,9}$/.test(digits) ? agencyId(Number(digits)) : undefined;
}
