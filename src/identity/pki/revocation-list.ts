import { AsnConvert } from "@peculiar/asn1-schema";
import { CRLNumber, id_ce_cRLNumber } from "@peculiar/asn1-x509";
import { plainSerial } from "../certificate.ts";
import { IdentityError } from "../identity-error.ts";
import type { Authority } from "./authority.ts";
import { x509 } from "./x509.ts";

/** A certificate revocation list (CRL, RFC 5280). */
export interface RevocationList {
  /** From 1, one more for every new list. */
  readonly number: number;
  readonly issuedAt: Date;
  /** When each revoked certificate was revoked, by serial number: {@link plainSerial}. */
  readonly revoked: ReadonlyMap<string, Date>;
}

const LABEL = "X509 CRL";

/**
 * Writes and signs a list, in PEM. It is valid until its authority ends: a list that ends earlier would shut
 * out every agency on the day that somebody forgets to renew it.
 */
export async function writeRevocationList(
  authority: Authority,
  { number, issuedAt, revoked }: RevocationList,
): Promise<string> {
  const issuer = new x509.X509Certificate(authority.certificate);
  const signingKey = authority.keys.privateKey;
  const list = await x509.X509CrlGenerator.create({
    issuer: issuer.subjectName,
    thisUpdate: issuedAt,
    nextUpdate: issuer.notAfter,
    signingKey,
    signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
    entries: [...revoked].map(([serialNumber, revocationDate]) => ({
      serialNumber,
      revocationDate,
      // Without any reason the library would write an empty list of extensions, which the standard forbids.
      reason: x509.X509CrlReason.privilegeWithdrawn,
    })),
    extensions: [
      await x509.AuthorityKeyIdentifierExtension.create(authority.keys.publicKey),
      new x509.Extension(id_ce_cRLNumber, false, AsnConvert.serialize(new CRLNumber(number))),
    ],
  });
  // The library's own label, CRL, is not the one that OpenSSL reads.
  return `${x509.PemConverter.encode(list.rawData, LABEL)}\n`;
}

/**
 * Reads a list, and checks that this authority signed it.
 *
 * @param certificate the authority's, PEM
 * @throws IdentityError `PKI_UNUSABLE`
 */
export async function readRevocationList(
  text: string,
  certificate: string,
): Promise<RevocationList> {
  let list: x509.X509Crl;
  let number: number;
  let signed: boolean;
  try {
    const [raw] = x509.PemConverter.decode(text);
    list = new x509.X509Crl(raw ?? new ArrayBuffer(0));
    const extension = list.getExtension(id_ce_cRLNumber);
    number = extension === null ? 0 : AsnConvert.parse(extension.value, CRLNumber).value;
    const issuer = new x509.X509Certificate(certificate);
    signed = await list.verify({ publicKey: issuer.publicKey });
  } catch (error) {
    throw unusable("it is damaged", error);
  }
  if (!signed) throw unusable("another authority signed it, or it was changed");
  return {
    number,
    issuedAt: list.thisUpdate,
    revoked: new Map(
      list.entries.map(({ serialNumber, revocationDate }) => [
        plainSerial(serialNumber),
        revocationDate,
      ]),
    ),
  };
}

function unusable(reason: string, cause?: unknown): IdentityError {
  const message = `Cannot use the list of revoked certificates: ${reason}`;
  return new IdentityError("PKI_UNUSABLE", message, { cause });
}
