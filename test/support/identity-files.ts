import { KeyObject, webcrypto } from "node:crypto";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { IdentityFiles } from "../../src/config/central-config.ts";
import { type Identity, loadIdentity } from "../../src/identity/load-identity.ts";
import {
  type Authority,
  type Holder,
  type Issued,
  issueCertificate,
  makeAuthority,
} from "../../src/identity/pki/authority.ts";
import { writeRevocationList } from "../../src/identity/pki/write-revocation-list.ts";
import { x509 } from "../../src/identity/pki/x509.ts";
import { agencyId, type AgencyId } from "../../src/lottery/bet.ts";
import { tempDir } from "./temp-dir.ts";

const DAY_MS = 86_400_000;

/** An agency as a test lists it in agencies.yaml. */
export interface Listed {
  readonly agency: number;
  readonly certificates?: readonly Issued[];
  /** Stored keys. */
  readonly tokens?: readonly string[];
  readonly enabled?: boolean;
  readonly connections?: number;
  readonly batchesPerSecond?: number;
}

/** From so many days from now to so many; negative ones are in the past. */
export type Days = readonly [from: number, until: number];

const VALID: Days = [-1, 100];

/** The files of a central's identity, made anew for a test, which changes them. */
export class TestIdentity {
  readonly dir: string;
  readonly authority: Authority;
  readonly files: IdentityFiles;
  #number = 1;

  private constructor(dir: string, authority: Authority) {
    this.dir = dir;
    this.authority = authority;
    this.files = {
      certificate: join(dir, "central.pem"),
      key: join(dir, "central.key"),
      authorities: join(dir, "ca.pem"),
      revoked: join(dir, "crl.pem"),
      agencies: join(dir, "agencies.yaml"),
    };
  }

  /** With a central for 127.0.0.1 and localhost, no agencies, and nothing revoked. */
  static async make(t: Pick<TestContext, "after">): Promise<TestIdentity> {
    const identity = new TestIdentity(await tempDir(t), await newAuthority());
    await identity.trust(identity.authority);
    await identity.serve(await identity.issueServer());
    await identity.revoke();
    await identity.list();
    return identity;
  }

  issueAgency(agency: number, days: Days = VALID, authority = this.authority): Promise<Issued> {
    return issue(authority, { kind: "agency", agency: id(agency) }, days);
  }

  issueServer(
    hosts: readonly string[] = ["localhost", "127.0.0.1"],
    days: Days = VALID,
    authority = this.authority,
  ): Promise<Issued> {
    return issue(authority, { kind: "server", hosts }, days);
  }

  /** The authorities of agencies. */
  async trust(...authorities: readonly Authority[]): Promise<void> {
    const text = authorities.map(({ certificate }) => certificate).join("");
    await writeFile(this.files.authorities, text);
  }

  /** The central's own certificate. */
  async serve({ certificate, key }: Issued): Promise<void> {
    await writeFile(this.files.certificate, certificate);
    await writeFile(this.files.key, key, { mode: 0o600 });
    await chmod(this.files.key, 0o600);
  }

  revoke(...issued: readonly Issued[]): Promise<void> {
    return this.#writeRevoked(this.authority, issued);
  }

  /** From now on only this authority is trusted, which has revoked nothing. */
  async trustOnly(authority: Authority): Promise<void> {
    await this.trust(authority);
    await this.#writeRevoked(authority, []);
  }

  async list(...agencies: readonly Listed[]): Promise<void> {
    await writeFile(this.files.agencies, `agencies:\n${agencies.map(entryOf).join("")}`);
  }

  /** Writes an agency's certificate and key, as an agency has them. */
  async store(name: string, { certificate, key }: Issued): Promise<{ cert: string; key: string }> {
    const paths = { cert: join(this.dir, `${name}.pem`), key: join(this.dir, `${name}.key`) };
    await writeFile(paths.cert, certificate);
    await writeFile(paths.key, key, { mode: 0o600 });
    return paths;
  }

  /** @param now of a start [a reload] */
  load(now?: Date): Promise<Identity> {
    return loadIdentity(this.files, now);
  }

  async #writeRevoked(authority: Authority, issued: readonly Issued[]): Promise<void> {
    const revoked = new Map(issued.map(({ facts }) => [facts.serial, new Date()]));
    const list = { number: this.#number++, issuedAt: new Date(), revoked };
    await writeFile(join(this.dir, "crl.pem"), await writeRevocationList(authority, list));
  }
}

/** A certificate that its holder has made for itself, with these bytes in the place of alternative names. */
export async function selfMade(
  alternativeNames: string,
): Promise<Pick<Issued, "certificate" | "key">> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "10",
    name: "CN=Somebody",
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + DAY_MS),
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.Extension("2.5.29.17", false, Buffer.from(alternativeNames, "hex"))],
  });
  const key = KeyObject.from(keys.privateKey).export({ type: "pkcs8", format: "pem" });
  return { certificate: made.toString("pem"), key: String(key) };
}

/** Another authority, which a central may trust or not. */
export function newAuthority(name = "Test authority"): Promise<Authority> {
  return makeAuthority(name, timesOf([-2, 1000]));
}

function issue(authority: Authority, holder: Holder, days: Days): Promise<Issued> {
  return issueCertificate(authority, holder, timesOf(days));
}

function timesOf([from, until]: Days): { from: Date; until: Date } {
  const now = Date.now();
  return { from: new Date(now + from * DAY_MS), until: new Date(now + until * DAY_MS) };
}

function id(agency: number): AgencyId {
  const number = agencyId(agency);
  if (number === undefined) throw new RangeError(`No agency has the number ${agency}`);
  return number;
}

function entryOf(listed: Listed): string {
  const { agency, certificates = [], tokens = [], enabled = true } = listed;
  const limits = [
    ...(listed.connections === undefined ? [] : [`connections: ${listed.connections}`]),
    ...(listed.batchesPerSecond === undefined
      ? []
      : [`batches_per_second: ${listed.batchesPerSecond}`]),
  ];
  return [
    `  - agency: ${agency}`,
    `    name: Agency ${agency}`,
    `    enabled: ${enabled}`,
    `    certificates: [${quoted(certificates.map(({ facts }) => facts.fingerprint))}]`,
    `    tokens: [${quoted(tokens)}]`,
    ...(limits.length === 0 ? [] : [`    limits: {${limits.join(", ")}}`]),
    "",
  ].join("\n");
}

function quoted(texts: readonly string[]): string {
  return texts.map((text) => `"${text}"`).join(", ");
}
