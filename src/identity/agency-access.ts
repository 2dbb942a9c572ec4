import { createSecureContext, type SecureContext } from "node:tls";
import type { AgencyTlsConfig } from "../config/agency-config.ts";
import { ConfigError } from "../config/config-error.ts";
import { AGENCY_URI, factsOf } from "./certificate.ts";
import { bad, certificatesIn } from "./pem.ts";
import { type OwnCertificate, readOwnCertificate, readOwnKey } from "./own-certificate.ts";
import { readPublicFile, readSecretFile, tryFor } from "./read-files.ts";
import { isToken, type ProofMessage, proofOf } from "./token.ts";

/**
 * By what an agency knows its central, and proves who it is. Key and token are nowhere in it that could be
 * printed.
 */
export interface AgencyAccess {
  /** What the central's certificate must have: a host name or an IP address. */
  readonly name: string;
  readonly secureContext: SecureContext;
  /** Proves that the agency has its token [it has none]. */
  readonly prove?: (message: ProofMessage) => Uint8Array;
}

/**
 * Reads the files of an agency's TLS.
 *
 * @param id the agency, as it is configured
 * @throws ConfigError naming everything that is wrong, by setting and path. No message has a secret in it
 */
export async function loadAgencyAccess(
  { authorities, certificate, key, name, tokenFile }: AgencyTlsConfig,
  id: string,
  now: Date,
): Promise<AgencyAccess> {
  const problems: string[] = [];
  const ca = await tryFor("tls.ca", problems, () => {
    const text = readPublicFile(authorities);
    certificatesIn(authorities, text);
    return text;
  });
  const own =
    certificate === undefined
      ? undefined
      : await tryFor("tls.cert", problems, () => readOwn(certificate, id, now));
  const ownKey =
    key === undefined
      ? undefined
      : await tryFor("tls.key", problems, () => readOwnKey(key, own?.leaf, "tls.cert"));
  const prove =
    tokenFile === undefined
      ? undefined
      : await tryFor("token.file", problems, () => readToken(tokenFile));
  if (problems.length > 0) throw new ConfigError("CONFIG_INVALID", problems);
  const identity = own && ownKey !== undefined ? { cert: own.text, key: ownKey } : {};
  const secureContext = await tryFor(own ? "tls.cert" : "tls.ca", problems, () => {
    try {
      return createSecureContext({ ca, minVersion: "TLSv1.3", ...identity });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw bad(certificate ?? authorities, `TLS cannot use it: ${reason}`);
    }
  });
  if (secureContext === undefined) throw new ConfigError("CONFIG_INVALID", problems);
  return { name, secureContext, ...(prove === undefined ? {} : { prove }) };
}

function readOwn(path: string, id: string, now: Date): OwnCertificate {
  const own = readOwnCertificate(path, now);
  const { agency } = factsOf(own.leaf);
  if (agency === undefined) {
    throw bad(path, `the certificate does not name one agency; allowed: ${AGENCY_URI}${id}`);
  }
  // In mode echo an agency may have any name, and says it to nobody.
  if (/^\d+$/.test(id) && `${agency}` !== id) {
    throw bad(path, `the certificate is agency ${agency}'s, and id is ${id}`);
  }
  return own;
}

/** The token stays inside of what is returned. */
function readToken(path: string): (message: ProofMessage) => Uint8Array {
  const token = readSecretFile(path).trim();
  if (!isToken(token)) {
    throw bad(path, "has no token; allowed: qnl_ and 43 characters of base64url, and nothing else");
  }
  return (message) => proofOf(token, message);
}
