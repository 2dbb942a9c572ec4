import { verify, type X509Certificate } from "node:crypto";
import { issuerKeyOf, serialOf } from "./certificate.ts";
import { bodyOf, DER, type Der, derValues, valuesIn } from "./der.ts";

/** A certificate revocation list (CRL, RFC 5280), whose signature is good. */
export interface RevocationList {
  /** One more for every new list; 0 if it has none. */
  readonly number: number;
  readonly issuedAt: Date;
  /** When its issuer will have made a newer one; undefined if it does not say. */
  readonly nextAt: Date | undefined;
  /** When each certificate was revoked, by serial number: {@link serialOf}. */
  readonly revoked: ReadonlyMap<string, Date>;
  /** Whose list it is: {@link issuerKeyOf}. */
  readonly issuer: string;
}

/** The hash of each way to sign that is known here, by the DER of its object identifier, in hex. */
const SIGNATURES: ReadonlyMap<string, string | null> = new Map([
  ["2a8648ce3d040302", "sha256"], // ecdsa-with-SHA256
  ["2a8648ce3d040303", "sha384"],
  ["2a8648ce3d040304", "sha512"],
  ["2a864886f70d01010b", "sha256"], // sha256WithRSAEncryption
  ["2a864886f70d01010c", "sha384"],
  ["2a864886f70d01010d", "sha512"],
  ["2b6570", null], // Ed25519
  ["2b6571", null], // Ed448
]);

const CRL_NUMBER = "551d14";

/**
 * Reads a list in PEM, which one of these authorities must have signed.
 *
 * @throws RangeError saying what is wrong with it
 */
export function readRevocationList(
  pem: string,
  authorities: readonly X509Certificate[],
): RevocationList {
  let parts: Der[];
  try {
    const bytes = Buffer.from(pem.replaceAll(/-----[^-]+-----/g, ""), "base64");
    const [list, more] = derValues(bytes);
    if (more !== undefined) throw new RangeError("something follows the list");
    parts = [...valuesIn(list)];
  } catch (cause) {
    throw new RangeError("it is damaged", { cause });
  }
  const [content, algorithm, signature] = parts;
  const signer = authorities.find((authority) =>
    hasSigned(authority, content, algorithm, signature),
  );
  if (content === undefined || signer === undefined) {
    throw new RangeError(
      "it is damaged, or none of the authorities has signed it in a way that is known here (ECDSA or RSA with SHA-2, EdDSA)",
    );
  }
  try {
    return readContent(content, signer);
  } catch (cause) {
    if (cause instanceof Unusable) throw cause;
    throw new RangeError("it is damaged", { cause });
  }
}

/** Something that this program does not understand, and must not pass over. */
class Unusable extends RangeError {}

function hasSigned(
  authority: X509Certificate,
  content: Der | undefined,
  algorithm: Der | undefined,
  signature: Der | undefined,
): boolean {
  try {
    const [oid] = valuesIn(algorithm);
    const hash = SIGNATURES.get(bodyOf(oid, DER.oid).toString("hex"));
    const signed = bodyOf(signature, DER.bits);
    // Its first byte says how many bits of the last one do not count.
    if (content === undefined || hash === undefined || signed[0] !== 0) return false;
    return verify(hash, content.whole, authority.publicKey, signed.subarray(1));
  } catch {
    return false;
  }
}

/** `TBSCertList`: RFC 5280 §5.1. */
function readContent(content: Der, signer: X509Certificate): RevocationList {
  const parts = [...valuesIn(content)];
  // The version, which is the second one of all, comes first.
  if (parts[0]?.tag === DER.integer) parts.shift();
  const [, , issuedAt] = parts;
  let rest = parts.slice(3);
  const nextAt = rest[0] !== undefined && isTime(rest[0]) ? timeOf(rest[0]) : undefined;
  if (nextAt !== undefined) rest = rest.slice(1);
  const revoked = new Map<string, Date>();
  if (rest[0]?.tag === DER.sequence) {
    for (const entry of valuesIn(rest[0])) {
      const [serial, at, extensions] = valuesIn(entry);
      expectUnderstood(extensions);
      revoked.set(serialOf(bodyOf(serial, DER.integer)), timeOf(at));
    }
    rest = rest.slice(1);
  }
  const [extensions] = rest[0] === undefined ? [] : valuesIn(rest[0], DER.context0);
  expectUnderstood(extensions);
  return {
    number: numberIn(extensions),
    issuedAt: timeOf(issuedAt),
    nextAt,
    revoked,
    issuer: issuerKeyOf(signer),
  };
}

/**
 * A list of some certificates only (a delta, an indirect list, one of a distribution point) says so in a critical
 * extension: taken for a whole one it would let revoked certificates in.
 */
function expectUnderstood(extensions: Der | undefined): void {
  if (extensions === undefined) return;
  for (const extension of valuesIn(extensions)) {
    const [, critical] = valuesIn(extension);
    if (critical?.tag === DER.boolean && critical.body[0] !== 0) {
      throw new Unusable("it is not a plain list of all revoked certificates of its authority");
    }
  }
}

function numberIn(extensions: Der | undefined): number {
  if (extensions === undefined) return 0;
  for (const extension of valuesIn(extensions)) {
    const [oid, value] = valuesIn(extension);
    if (bodyOf(oid, DER.oid).toString("hex") !== CRL_NUMBER) continue;
    const [number] = valuesIn(value, DER.octets);
    return Number(BigInt(`0x${bodyOf(number, DER.integer).toString("hex")}`));
  }
  return 0;
}

const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;

function isTime({ tag }: Der): boolean {
  return tag === UTC_TIME || tag === GENERALIZED_TIME;
}

/** `YYMMDDHHMMSSZ`, of the years 1950 to 2049, or `YYYYMMDDHHMMSSZ`. */
function timeOf(value: Der | undefined): Date {
  if (value === undefined || !isTime(value)) throw new RangeError("Cannot read a time");
  const digits = value.body.toString("latin1");
  const century = digits < "5" ? "20" : "19";
  const text = value.tag === UTC_TIME ? `${century}${digits}` : digits;
  const date = new Date(
    text.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"),
  );
  if (Number.isNaN(date.getTime())) throw new RangeError("Cannot read a time");
  return date;
}
