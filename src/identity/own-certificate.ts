import type { X509Certificate } from "node:crypto";
import { factsOf } from "./certificate.ts";
import { bad, certificatesIn, privateKeyIn } from "./pem.ts";
import { readPublicFile, readSecretFile } from "./read-files.ts";

/** The certificate with which a program proves who it is, with those between it and its authority. */
export interface OwnCertificate {
  /** PEM. */
  readonly text: string;
  readonly leaf: X509Certificate;
}

/** @param now it must be in its time [it need not] @throws ConfigError */
export function readOwnCertificate(path: string, now?: Date): OwnCertificate {
  const text = readPublicFile(path);
  const [leaf] = certificatesIn(path, text);
  const { from, until } = factsOf(leaf);
  if (now !== undefined && now > until) {
    throw bad(path, `the certificate ended at ${until.toISOString()}`);
  }
  if (now !== undefined && now < from) {
    throw bad(path, `the certificate begins only at ${from.toISOString()}`);
  }
  return { text, leaf };
}

/**
 * Reads the key of a certificate. No error has a part of it.
 *
 * @param certificate to which the key must belong, if it could be read
 * @param setting the name of the certificate's, for the message
 * @returns PEM
 * @throws ConfigError
 */
export function readOwnKey(
  path: string,
  certificate: X509Certificate | undefined,
  setting: string,
): string {
  const text = readSecretFile(path);
  const key = privateKeyIn(path, text);
  if (certificate?.checkPrivateKey(key) === false) {
    throw bad(path, `the key does not belong to the certificate of ${setting}`);
  }
  return text;
}
