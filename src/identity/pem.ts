import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { ConfigError } from "../config/config-error.ts";

/** The parts of a PEM file with one label, in their order. */
export function pemParts(text: string, label: string): string[] {
  const part = new RegExp(`-----BEGIN ${label}-----[^-]*-----END ${label}-----`, "g");
  return [...text.matchAll(part)].map(([whole]) => `${whole}\n`);
}

/** All certificates of a PEM file, at least one. @throws ConfigError */
export function certificatesIn(
  path: string,
  text: string,
): [X509Certificate, ...X509Certificate[]] {
  const parts = pemParts(text, "CERTIFICATE");
  const [first, ...others] = parts.map((part, index) => {
    try {
      return new X509Certificate(part);
    } catch {
      throw bad(path, `certificate ${index + 1} of the file is damaged`);
    }
  });
  if (first === undefined) throw bad(path, "has no certificate; allowed: certificates in PEM");
  return [first, ...others];
}

/** The private key of a PEM file. No error has a part of it. @throws ConfigError */
export function privateKeyIn(path: string, text: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch {
    // The cause is left out: it could have a part of the key in it.
    throw bad(path, "has no private key that can be used; allowed: PEM without a passphrase");
  }
}

/** The error for a file with something wrong in it. */
export function bad(path: string, what: string): ConfigError {
  return new ConfigError("CONFIG_INVALID", [`${path}: ${what}`]);
}
