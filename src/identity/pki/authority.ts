import {
  createPrivateKey,
  createPublicKey,
  KeyObject,
  randomBytes,
  X509Certificate,
  webcrypto,
} from "node:crypto";
import { isIP } from "node:net";
import { isHost } from "../../config/endpoint.ts";
import type { AgencyId } from "../../lottery/bet.ts";
import { AGENCY_URI, type CertificateFacts, factsOf } from "../certificate.ts";
import { IdentityError } from "../identity-error.ts";
import { x509 } from "./x509.ts";

/** A certificate authority: its certificate, and the key that signs. */
export interface Authority {
  /** PEM. */
  readonly certificate: string;
  readonly keys: webcrypto.CryptoKeyPair;
}

/** Whom a certificate is for. */
export type Holder =
  /** A client: the agency. */
  | { readonly kind: "agency"; readonly agency: AgencyId }
  /** A server: the central, by host names and IP addresses. */
  | { readonly kind: "server"; readonly hosts: readonly string[] };

/** Both are cut to whole seconds. */
export interface Times {
  readonly from: Date;
  readonly until: Date;
}

export interface Issued {
  /** PEM. */
  readonly certificate: string;
  /** PEM of PKCS #8. */
  readonly key: string;
  readonly facts: CertificateFacts;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const SERIAL_BYTES = 16;
/** RFC 5280 allows no longer common name. */
const COMMON_NAME_LENGTH_MAX = 64;
const HOSTS_MAX = 100;

/**
 * Makes an authority whose certificate signs certificates of agencies and centrals, but no other authority.
 *
 * @param earlier the same authority, whose certificate this one renews: it keeps the key [a new one]
 * @throws IdentityError `PKI_REFUSED` when it cannot have this name
 */
export async function makeAuthority(
  name: string,
  times: Times,
  earlier?: Pick<Authority, "keys">,
): Promise<Authority> {
  const visible = name.trim() !== "" && !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(name);
  if (!visible || name.length > COMMON_NAME_LENGTH_MAX) {
    throw new IdentityError(
      "PKI_REFUSED",
      `Cannot make an authority of this name; allowed: 1 to ${COMMON_NAME_LENGTH_MAX} characters that can be seen`,
    );
  }
  const { keys } = earlier ?? { keys: await makeKeys() };
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: commonName(name),
    notBefore: wholeSecond(times.from),
    notAfter: wholeSecond(times.until),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: pem(certificate), keys };
}

/** The authority's key in PEM, which nobody else may read. */
export function keyOf({ keys }: Authority): string {
  return privatePem(keys.privateKey);
}

/**
 * Reads an authority that {@link makeAuthority} made.
 *
 * @throws IdentityError `PKI_UNUSABLE`
 */
export async function readAuthority(certificate: string, key: string): Promise<Authority> {
  let privateKey: KeyObject;
  let belongs: boolean;
  try {
    privateKey = createPrivateKey(key);
    belongs = new X509Certificate(certificate).checkPrivateKey(privateKey);
  } catch {
    // The cause is left out: it could have a part of the key in it.
    throw unusable("its key or its certificate is damaged");
  }
  if (!belongs) throw unusable("its key does not belong to its certificate");
  if (privateKey.asymmetricKeyDetails?.namedCurve !== "prime256v1") {
    throw unusable(`its key is of another kind; allowed: ${ALGORITHM.namedCurve}`);
  }
  const { subtle } = webcrypto;
  const [privateDer, publicDer] = [
    privateKey.export({ type: "pkcs8", format: "der" }),
    createPublicKey(privateKey).export({ type: "spki", format: "der" }),
  ];
  return {
    certificate,
    keys: {
      privateKey: await subtle.importKey("pkcs8", privateDer, ALGORITHM, false, ["sign"]),
      publicKey: await subtle.importKey("spki", publicDer, ALGORITHM, true, ["verify"]),
    },
  };
}

function unusable(reason: string): IdentityError {
  return new IdentityError("PKI_UNUSABLE", `Cannot use the authority: ${reason}`);
}

/**
 * Issues a certificate, with a new key.
 *
 * @throws IdentityError `PKI_REFUSED` when the certificate would outlive its authority, or has a bad host
 */
export async function issueCertificate(
  authority: Authority,
  holder: Holder,
  times: Times,
): Promise<Issued> {
  const issuer = new x509.X509Certificate(authority.certificate);
  const notBefore = wholeSecond(times.from);
  const notAfter = wholeSecond(times.until);
  if (notAfter > issuer.notAfter) {
    throw new IdentityError(
      "PKI_REFUSED",
      `Cannot issue a certificate until ${notAfter.toISOString()}: its authority ends at ${issuer.notAfter.toISOString()}; ask for fewer days`,
    );
  }
  const keys = await makeKeys();
  const { subject, usage, names } = subjectOf(holder);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    issuer: issuer.subjectName,
    subject: commonName(subject),
    notBefore,
    notAfter,
    publicKey: keys.publicKey,
    signingKey: authority.keys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([usage]),
      new x509.SubjectAlternativeNameExtension(names),
      await x509.AuthorityKeyIdentifierExtension.create(authority.keys.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const text = pem(certificate);
  return {
    certificate: text,
    key: privatePem(keys.privateKey),
    facts: factsOf(new X509Certificate(text)),
  };
}

function subjectOf(holder: Holder): {
  readonly subject: string;
  readonly usage: string;
  readonly names: { type: "url" | "ip" | "dns"; value: string }[];
} {
  if (holder.kind === "agency") {
    return {
      subject: `quiniela agency ${holder.agency}`,
      usage: x509.ExtendedKeyUsage.clientAuth,
      names: [{ type: "url", value: `${AGENCY_URI}${holder.agency}` }],
    };
  }
  const { hosts } = holder;
  const wrong = hosts.find((host) => !isHost(host) || host.includes("_"));
  if (wrong !== undefined || hosts.length === 0 || hosts.length > HOSTS_MAX) {
    const state = wrong === undefined ? `it has ${hosts.length} names` : JSON.stringify(wrong);
    throw new IdentityError(
      "PKI_REFUSED",
      `Cannot issue a certificate for a server: ${state}; allowed: 1 to ${HOSTS_MAX} host names or IP addresses`,
    );
  }
  return {
    subject: "quiniela central",
    usage: x509.ExtendedKeyUsage.serverAuth,
    names: hosts.map((host) => ({ type: isIP(host) === 0 ? "dns" : "ip", value: host })),
  };
}

/** As one value: a plain string would be parsed, and a quote or a comma in it would mean something. */
function commonName(text: string): x509.Name {
  return new x509.Name([{ CN: [{ utf8String: text }] }]);
}

function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

/** 128 random bits after a byte that keeps the number positive and without leading zeros. */
function newSerial(): string {
  return `10${randomBytes(SERIAL_BYTES).toString("hex")}`;
}

function wholeSecond(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1000) * 1000);
}

function pem(certificate: x509.X509Certificate): string {
  return `${certificate.toString("pem")}\n`;
}

function privatePem(key: webcrypto.CryptoKey): string {
  return String(KeyObject.from(key).export({ type: "pkcs8", format: "pem" }));
}
