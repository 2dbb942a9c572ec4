import { AsnConvert } from "@peculiar/asn1-schema";
import { CRLNumber, id_ce_cRLNumber } from "@peculiar/asn1-x509";
import type { RevocationList } from "../revocation-list.ts";
import type { Authority } from "./authority.ts";
import { x509 } from "./x509.ts";

const LABEL = "X509 CRL";

/**
 * Writes and signs a list, in PEM. It is valid until its authority ends: a list that ends earlier would shut
 * out every agency on the day that somebody forgets to renew it.
 */
export async function writeRevocationList(
  authority: Authority,
  { number, issuedAt, revoked }: Pick<RevocationList, "number" | "issuedAt" | "revoked">,
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
