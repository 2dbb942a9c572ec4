import { createHash, X509Certificate } from "node:crypto";
import { type AgencyId, agencyId } from "../lottery/bet.ts";
import { bodyOf, DER, type Der, derValues, valuesIn } from "./der.ts";

/** How a certificate names its agency, as a URI among its alternative names: `quiniela:agency:17`. */
export const AGENCY_URI = "quiniela:agency:";

/** What matters here of a certificate. */
export interface CertificateFacts {
  /** {@link serialOf}. */
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

/** @throws RangeError when its times cannot be read */
export function factsOf(certificate: X509Certificate): CertificateFacts {
  const names = alternativeNames(certificate.subjectAltName);
  return {
    serial: serialOf(serialBytesOf(certificate)),
    fingerprint: fingerprintOf(certificate.raw),
    from: timeIn(certificate.validFrom),
    until: timeIn(certificate.validTo),
    agency: onlyAgency(names),
    hosts: (names ?? [])
      .filter(({ kind }) => kind === "DNS" || kind === "IP Address")
      .map(({ value }) => value),
  };
}

/** @throws RangeError when Node could not read it */
function timeIn(text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime()))
    throw new RangeError("Cannot read the times of the certificate");
  return time;
}

/** The fingerprint of a certificate, as agencies.yaml has it. */
export function fingerprintOf(der: Uint8Array): string {
  return createHash("sha256").update(der).digest("hex");
}

/**
 * A serial number as all parts of the program compare it: the bytes of its INTEGER in lowercase hex, without zeros in
 * front. (Two numbers would look the same if one of them were negative, which is forbidden: then both are refused.)
 */
export function serialOf(bytes: Uint8Array): string {
  return plainSerial(Buffer.from(bytes).toString("hex"));
}

/** A serial number as somebody has typed it. */
export function plainSerial(hex: string): string {
  return hex.toLowerCase().replace(/^0+(?=.)/, "");
}

/**
 * Names an authority in the way that does not change when it renews its certificate: by its key. Not by its name, which
 * may be written in several ways that TLS takes for the same.
 */
export function issuerKeyOf({ publicKey }: X509Certificate): string {
  return fingerprintOf(publicKey.export({ type: "spki", format: "der" }));
}

function serialBytesOf(certificate: X509Certificate): Buffer {
  return bodyOf(contentOf(certificate)[0], DER.integer);
}

/** The parts of `TBSCertificate`, without its version. */
function contentOf({ raw }: X509Certificate): Der[] {
  const [whole] = derValues(raw);
  const [content] = valuesIn(whole);
  const parts = [...valuesIn(content)];
  return parts[0]?.tag === DER.context0 ? parts.slice(1) : parts;
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
 *
 * @returns undefined when not all of them can be read
 */
function alternativeNames(text: string | null | undefined): AlternativeName[] | undefined {
  if (text === undefined) return [];
  // Node's types do not know it: for names that it cannot print, it gives null.
  if (text === null) return undefined;
  const names: AlternativeName[] = [];
  let read = 0;
  for (const [whole, kind = "", value = ""] of text.matchAll(
    /([A-Za-z0-9 ]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/gy,
  )) {
    names.push({ kind, value });
    read += whole.length;
  }
  return read === text.length ? names : undefined;
}

/** A second URI, of whatever kind, makes the certificate unusable: nobody should have to choose one. */
function onlyAgency(names: readonly AlternativeName[] | undefined): AgencyId | undefined {
  if (names === undefined) return undefined;
  const uris = names.filter(({ kind }) => kind === "URI");
  const [uri] = uris;
  if (uri === undefined || uris.length > 1 || !uri.value.startsWith(AGENCY_URI)) return undefined;
  const digits = uri.value.slice(AGENCY_URI.length);
  return /^[1-9]\d{0,9}$/.test(digits) ? agencyId(Number(digits)) : undefined;
}
