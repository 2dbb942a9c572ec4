import { X509Certificate } from "node:crypto";
import { mkdir, open, readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createFile, replaceFile, syncFolder } from "../../durable-file.ts";
import { type CertificateFacts, factsOf } from "../certificate.ts";
import { IdentityError } from "../identity-error.ts";
import {
  type Authority,
  type Holder,
  type Issued,
  issueCertificate,
  keyOf,
  makeAuthority,
  readAuthority,
  type Times,
} from "./authority.ts";
import { readRevocationList, type RevocationList } from "../revocation-list.ts";
import { writeRevocationList } from "./write-revocation-list.ts";

// What is in the folder of an authority. `issued/` has every certificate that it ever issued, and crl.pem says
// which of them are revoked: there is no other list, which could differ from these.
const CERTIFICATE_FILE = "ca.pem";
const KEY_FILE = "ca.key";
const REVOKED_FILE = "crl.pem";
const ISSUED_FOLDER = "issued";

const FOLDER_MODE = 0o700;
const SECRET_MODE = 0o600;
const PUBLIC_MODE = 0o644;
/** Permissions of group and others. */
const OTHERS = 0o077;

/** What the authority has issued. */
export interface Listing {
  readonly certificates: readonly ListedCertificate[];
  /** Files among them that cannot be used, each with what is wrong. They keep nobody from revoking others. */
  readonly damaged: readonly string[];
}

/** A certificate of the authority, as `list` shows it. */
export interface ListedCertificate extends CertificateFacts {
  readonly state: "valid" | "expired" | "revoked";
  readonly revokedAt: Date | undefined;
}

/** Which certificates to revoke. */
export type Selection =
  /** By serial number or by fingerprint, in hex. */
  | { readonly kind: "certificate"; readonly hex: string }
  /** All that are valid. */
  | { readonly kind: "agency"; readonly agency: number };

/**
 * Makes an authority in a folder, and an empty list of revoked certificates.
 *
 * @param dir made if it is missing; its parent must be there
 * @throws IdentityError `PKI_EXISTS`, `PKI_UNUSABLE`, `PKI_REFUSED`; the system's error
 */
export async function initAuthority(dir: string, name: string, times: Times): Promise<void> {
  const authority = await makeAuthority(name, times);
  await makeFolder(dir);
  await expectPrivate(dir, FOLDER_MODE);
  for (const file of [KEY_FILE, CERTIFICATE_FILE, REVOKED_FILE]) {
    if (await isThere(join(dir, file))) throw existsAlready(join(dir, file));
  }
  const revoked = await writeRevocationList(authority, {
    number: 1,
    issuedAt: times.from,
    revoked: new Map(),
  });
  await makeFolder(join(dir, ISSUED_FOLDER));
  await createNew(join(dir, KEY_FILE), keyOf(authority), SECRET_MODE);
  await createNew(join(dir, REVOKED_FILE), revoked, PUBLIC_MODE);
  await createNew(join(dir, CERTIFICATE_FILE), authority.certificate, PUBLIC_MODE);
}

/**
 * Issues a certificate, and writes it and its key as `NAME.pem` and `NAME.key`.
 *
 * @param dir the authority's folder
 * @param out where the two files go; made if it is missing, its parent must be there
 * @throws IdentityError `PKI_EXISTS`, `PKI_UNUSABLE`, `PKI_REFUSED`; the system's error
 */
export async function issueFrom(
  dir: string,
  holder: Holder,
  times: Times,
  out: string,
): Promise<Issued & { readonly certificatePath: string; readonly keyPath: string }> {
  const authority = await openAuthority(dir);
  const issued = await issueCertificate(authority, holder, times);
  await makeFolder(out);
  const name = fileNameOf(holder);
  const [certificatePath, keyPath] = [join(out, `${name}.pem`), join(out, `${name}.key`)];
  for (const path of [certificatePath, keyPath]) {
    if (await isThere(path)) throw existsAlready(path);
  }
  // First where it can be revoked: nothing is in use that the authority does not know.
  await createNew(
    join(dir, ISSUED_FOLDER, `${issued.facts.serial}.pem`),
    issued.certificate,
    PUBLIC_MODE,
  );
  await createNew(keyPath, issued.key, SECRET_MODE);
  await createNew(certificatePath, issued.certificate, PUBLIC_MODE);
  return { ...issued, certificatePath, keyPath };
}

/** A certificate that was selected to be revoked. Of one whose file is lost only the serial number is known. */
export type Revocable = Pick<ListedCertificate, "serial"> & Partial<ListedCertificate>;

/**
 * Revokes certificates in a new list. Certificates that are revoked already stay as they are. A serial number is
 * enough, also when its file is lost.
 *
 * @returns the selected certificates, and those of them that this call revoked
 * @throws IdentityError `PKI_REFUSED` when no certificate is selected; `PKI_UNUSABLE`; the system's error
 */
export async function revokeIn(
  dir: string,
  selection: Selection,
  now: Date,
): Promise<{
  readonly selected: readonly Revocable[];
  readonly revoked: readonly Revocable[];
  readonly damaged: readonly string[];
}> {
  const authority = await openAuthority(dir);
  const list = await readRevoked(dir, authority.certificate);
  const { certificates, damaged } = await listCertificates(dir, now);
  const selected: Revocable[] = certificates.filter((one) => isSelected(one, selection));
  if (selected.length === 0 && isOurSerial(selection)) selected.push({ serial: selection.hex });
  if (selected.length === 0) throw nothingSelected(dir, selection);
  const revoked = selected.filter((one) => !list.revoked.has(one.serial));
  if (revoked.length === 0) return { selected, revoked, damaged };
  const text = await writeRevocationList(authority, {
    number: list.number + 1,
    issuedAt: now,
    revoked: new Map([...list.revoked, ...revoked.map((one) => [one.serial, now] as const)]),
  });
  // A list that nobody can read would keep the central from every later change.
  readOwnList(dir, text, authority.certificate);
  await replaceFile(join(dir, REVOKED_FILE), text);
  return { selected, revoked, damaged };
}

/**
 * All certificates that the authority issued, the oldest first. Needs no key.
 *
 * @throws IdentityError `PKI_UNUSABLE`; the system's error
 */
export async function listCertificates(dir: string, now: Date): Promise<Listing> {
  const issuer = await readPart(dir, CERTIFICATE_FILE);
  const { revoked } = await readRevoked(dir, issuer);
  const folder = join(dir, ISSUED_FOLDER);
  const found: ListedCertificate[] = [];
  const damaged: string[] = [];
  for (const file of await readdir(folder)) {
    // A command that was killed may have left a temporary file.
    if (!file.endsWith(".pem")) continue;
    const facts = await readIssued(join(folder, file), issuer);
    if (facts === undefined) {
      damaged.push(`${join(folder, file)}: it is no certificate of this authority; restore it`);
      continue;
    }
    const revokedAt = revoked.get(facts.serial);
    const state = facts.until < now ? "expired" : "valid";
    found.push({ ...facts, state: revokedAt === undefined ? state : "revoked", revokedAt });
  }
  const certificates = found.toSorted(
    (one, other) =>
      one.from.getTime() - other.from.getTime() || (one.serial < other.serial ? -1 : 1),
  );
  return { certificates, damaged };
}

/** Whom a certificate is for, in words. */
export function holderOf({ agency, hosts = [] }: Partial<CertificateFacts>): string {
  return agency === undefined ? `server ${hosts.join(", ")}` : `agency ${agency}`;
}

async function openAuthority(dir: string): Promise<Authority> {
  const certificate = await readPart(dir, CERTIFICATE_FILE);
  await expectPrivate(dir, FOLDER_MODE);
  await expectPrivate(join(dir, KEY_FILE), SECRET_MODE);
  return readAuthority(certificate, await readPart(dir, KEY_FILE));
}

async function readRevoked(dir: string, certificate: string): Promise<RevocationList> {
  // A new list in its place would forget who is revoked.
  return readOwnList(dir, await readPart(dir, REVOKED_FILE), certificate);
}

/** @throws IdentityError `PKI_UNUSABLE` */
function readOwnList(dir: string, text: string, certificate: string): RevocationList {
  try {
    return readRevocationList(text, [new X509Certificate(certificate)]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new IdentityError(
      "PKI_UNUSABLE",
      `Cannot use the list of revoked certificates ${join(dir, REVOKED_FILE)}: ${reason}; restore it`,
      { cause: error },
    );
  }
}

async function readPart(dir: string, file: string): Promise<string> {
  try {
    return await readFile(join(dir, file), "utf8");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    throw new IdentityError(
      "PKI_UNUSABLE",
      `Cannot use the authority in ${dir}: ${file} is not there; restore it, or make an authority with quiniela pki init`,
    );
  }
}

/** @returns undefined when the file has no certificate of the authority */
async function readIssued(path: string, issuer: string): Promise<CertificateFacts | undefined> {
  try {
    const certificate = new X509Certificate(await readFile(path));
    const { publicKey } = new X509Certificate(issuer);
    return certificate.verify(publicKey) ? factsOf(certificate) : undefined;
  } catch {
    return undefined;
  }
}

/** @throws IdentityError when others may do anything with the file or folder */
async function expectPrivate(path: string, mode: number): Promise<void> {
  const handle = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    return undefined;
  });
  // Whoever reads it next says that it is missing.
  if (handle === undefined) return;
  try {
    const found = await handle.stat();
    if ((found.mode & OTHERS) === 0) return;
  } finally {
    await handle.close();
  }
  throw new IdentityError(
    "PKI_UNUSABLE",
    `Cannot use ${path}: others than its owner may use it; chmod ${mode.toString(8)} it`,
  );
}

/** Makes a folder that lasts, unless it is there. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: FOLDER_MODE });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return;
    throw error;
  }
  await syncFolder(dirname(path));
}

async function createNew(path: string, text: string, mode: number): Promise<void> {
  try {
    await createFile(path, text, mode);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") {
      throw existsAlready(path);
    }
    throw error;
  }
}

function existsAlready(path: string): IdentityError {
  return new IdentityError(
    "PKI_EXISTS",
    `Cannot write ${path}: it is there already, and nothing is overwritten; name another folder`,
  );
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}

function isSelected(one: ListedCertificate, selection: Selection): boolean {
  if (selection.kind === "agency") return one.agency === selection.agency && one.state === "valid";
  return one.serial === selection.hex || one.fingerprint === selection.hex;
}

/** Whether it is a serial number as this authority gives them, of a certificate whose file is lost. */
function isOurSerial(selection: Selection): selection is Extract<Selection, { hex: string }> {
  return selection.kind === "certificate" && /^10[0-9a-f]{32}$/.test(selection.hex);
}

function nothingSelected(dir: string, selection: Selection): IdentityError {
  const what =
    selection.kind === "agency"
      ? `agency ${selection.agency} has no valid certificate of this authority`
      : "no certificate of this authority has this serial number or fingerprint";
  return new IdentityError(
    "PKI_REFUSED",
    `Cannot revoke: ${what}; quiniela pki list --dir ${dir} lists all`,
  );
}

/** A file's name, without what could be a folder or an option. */
function fileNameOf(holder: Holder): string {
  if (holder.kind === "agency") return `agency-${holder.agency}`;
  const [host = ""] = holder.hosts;
  return `server-${host.replaceAll(/[^\w.-]/g, "-")}`;
}
