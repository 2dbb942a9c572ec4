import type { X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import type { IdentityFiles } from "../config/central-config.ts";
import { ConfigError } from "../config/config-error.ts";
import type { AgencyId } from "../lottery/bet.ts";
import { type AgencyDirectory, loadAgencyDirectory } from "./agencies-file.ts";
import { factsOf } from "./certificate.ts";
import { bad, certificatesIn, pemParts } from "./pem.ts";
import { type OwnCertificate, readOwnCertificate, readOwnKey } from "./own-certificate.ts";
import { readPublicFile, tryFor } from "./read-files.ts";
import { readRevocationList } from "./revocation-list.ts";
import { type Revoked, Trust } from "./trust.ts";

/** A certificate whose end is watched. */
export interface DatedCertificate {
  readonly whose: "central" | "authority" | "agency";
  readonly fingerprint: string;
  readonly until: Date;
  /** Of an agency's certificate. */
  readonly agency?: AgencyId;
}

/** Everything by which a central judges who its peers are, as the files were at one moment. It never changes. */
export interface Identity {
  readonly directory: AgencyDirectory;
  readonly trust: Trust;
  /** The central's own certificate, and its authorities'. */
  readonly certificates: readonly DatedCertificate[];
  /** What TLS needs, the private key too: a function, so that no key is in what somebody may print. */
  readonly contextOptions: () => SecureContextOptions;
}

/** As `extendedKeyUsage` of a certificate has it. */
const FOR_SERVERS = "1.3.6.1.5.5.7.3.1";

/**
 * Reads the files of a central's identity, all of them or none.
 *
 * @param now at a start: the central's certificate must be in its time. A running central reads the files all the
 * same, because an agency that is shut out must be out; the watch of certificates says that its own has ended
 * @throws ConfigError naming everything that is wrong, by setting and path. No message has a secret in it
 */
export async function loadIdentity(files: IdentityFiles, now?: Date): Promise<Identity> {
  const problems: string[] = [];
  const own = await tryFor("SERVER_TLS_CERT", problems, () => readOwn(files.certificate, now));
  const key = await tryFor("SERVER_TLS_KEY", problems, () =>
    readOwnKey(files.key, own?.leaf, "SERVER_TLS_CERT"),
  );
  const issuers = await tryFor("SERVER_TLS_CA", problems, () => readIssuers(files.authorities));
  const revoked = await tryFor("SERVER_TLS_CRL", problems, () =>
    readRevoked(files.revoked, issuers?.certificates ?? []),
  );
  const directory = await tryFor("SERVER_AGENCIES_FILE", problems, () =>
    loadAgencyDirectory(files.agencies),
  );
  if (!own || key === undefined || !issuers || !revoked || !directory) {
    throw new ConfigError("CONFIG_INVALID", problems);
  }
  const contextOptions = (): SecureContextOptions => ({ cert: own.text, key, ca: issuers.text });
  expectUsable(files.certificate, contextOptions());
  return {
    directory,
    trust: new Trust(issuers.certificates, revoked),
    certificates: [
      dated("central", own.leaf),
      ...issuers.certificates.map((issuer) => dated("authority", issuer)),
    ],
    contextOptions,
  };
}

function readOwn(path: string, now: Date | undefined): OwnCertificate {
  const own = readOwnCertificate(path, now);
  const { keyUsage } = own.leaf;
  // A list of purposes that servers are not on; without a list it is for everything.
  if (Array.isArray(keyUsage) && !keyUsage.includes(FOR_SERVERS)) {
    throw bad(path, "the certificate is not for servers; quiniela pki issue --server makes one");
  }
  return own;
}

function readIssuers(path: string): {
  readonly text: string;
  readonly certificates: readonly X509Certificate[];
} {
  const text = readPublicFile(path);
  const certificates = certificatesIn(path, text);
  const other = certificates.findIndex(({ ca }) => !ca);
  if (other !== -1) {
    throw bad(path, `certificate ${other + 1} of the file is not an authority's`);
  }
  return { text, certificates };
}

/** @param issuers whose lists they must be */
function readRevoked(path: string | undefined, issuers: readonly X509Certificate[]): Revoked {
  const revoked = new Map<string, Set<string>>();
  if (path === undefined) return revoked;
  const lists = pemParts(readPublicFile(path), "X509 CRL");
  if (lists.length === 0)
    throw bad(path, "has no list; allowed: lists of revoked certificates, PEM");
  // Without the authorities nothing can be said of their lists.
  if (issuers.length === 0) return revoked;
  for (const [index, text] of lists.entries()) {
    try {
      const list = readRevocationList(text, issuers);
      const before = revoked.get(list.issuer) ?? [];
      revoked.set(list.issuer, new Set([...before, ...list.revoked.keys()]));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw bad(path, `list ${index + 1} of the file cannot be used: ${reason}`);
    }
  }
  return revoked;
}

/** What OpenSSL refuses, such as a key that is too short, must not be found out in the middle of a reload. */
function expectUsable(path: string, options: SecureContextOptions): void {
  try {
    createSecureContext(options);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw bad(path, `SERVER_TLS_CERT: TLS cannot use certificate and key: ${reason}`);
  }
}

function dated(whose: DatedCertificate["whose"], certificate: X509Certificate): DatedCertificate {
  const { fingerprint, until } = factsOf(certificate);
  return { whose, fingerprint, until };
}
