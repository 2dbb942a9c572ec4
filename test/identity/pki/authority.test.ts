import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { connect, createServer, type TLSSocket } from "node:tls";
import {
  type Authority,
  type Holder,
  issueCertificate,
  keyOf,
  makeAuthority,
  readAuthority,
} from "../../../src/identity/pki/authority.ts";
import { writeRevocationList } from "../../../src/identity/pki/write-revocation-list.ts";
import { type RevocationList, readRevocationList } from "../../../src/identity/revocation-list.ts";
import type { AgencyId } from "../../../src/lottery/bet.ts";
import { issuerKeyOf } from "../../../src/identity/certificate.ts";
import { tempDir } from "../../support/temp-dir.ts";

const now = Date.now();
const at = (days: number): Date => new Date(now + days * 86_400_000);
const TIMES = { from: at(-1), until: at(10) };
const AGENCY: Holder = { kind: "agency", agency: 17 as AgencyId };
const SERVER: Holder = { kind: "server", hosts: ["localhost", "127.0.0.1", "::1"] };
const listed = (authority: Authority, revoked: readonly string[], number = 1): Promise<string> =>
  writeRevocationList(authority, {
    number,
    issuedAt: at(-0.5),
    revoked: new Map(revoked.map((serial) => [serial, at(-0.5)])),
  });

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

describe("an authority", () => {
  it("issues what openssl verifies strictly, each for its purpose, until it is revoked", {
    skip: hasOpenssl ? false : "openssl is not there",
  }, async (t) => {
    const dir = await tempDir(t);
    const authority = await makeAuthority('Ñandú, "O=x" #1\\', { from: at(-2), until: at(9000) });
    const agency = await issueCertificate(authority, AGENCY, TIMES);
    const server = await issueCertificate(authority, SERVER, TIMES);
    const other = await makeAuthority("Other", TIMES);
    const files: Readonly<Record<string, string>> = {
      "ca.pem": authority.certificate,
      "other.pem": other.certificate,
      "agency.pem": agency.certificate,
      "server.pem": server.certificate,
      "empty.crl": await listed(authority, []),
      "revoked.crl": await listed(authority, [agency.facts.serial]),
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
    const verify = (...options: string[]): boolean =>
      spawnSync("openssl", ["verify", "-x509_strict", ...options], { cwd: dir }).status === 0;

    const ca = ["-CAfile", "ca.pem"];
    assert.ok(verify(...ca, "ca.pem"));
    assert.ok(verify(...ca, "-purpose", "sslclient", "agency.pem"));
    assert.ok(!verify(...ca, "-purpose", "sslserver", "agency.pem"));
    assert.ok(
      verify(...ca, "-purpose", "sslserver", "-verify_hostname", "localhost", "server.pem"),
    );
    assert.ok(verify(...ca, "-verify_ip", "::1", "server.pem"));
    assert.ok(!verify(...ca, "-verify_hostname", "example.com", "server.pem"));
    assert.ok(!verify(...ca, "-purpose", "sslclient", "server.pem"));
    assert.ok(!verify("-CAfile", "other.pem", "agency.pem"));
    assert.ok(verify(...ca, "-crl_check", "-CRLfile", "empty.crl", "agency.pem"));
    assert.ok(!verify(...ca, "-crl_check", "-CRLfile", "revoked.crl", "agency.pem"));
    assert.ok(verify(...ca, "-crl_check", "-CRLfile", "revoked.crl", "server.pem"));
    // An agency cannot issue certificates.
    assert.ok(!verify(...ca, "-untrusted", "agency.pem", "other.pem"));

    const text = execFileSync("openssl", ["x509", "-in", "ca.pem", "-noout", "-text"], {
      cwd: dir,
      encoding: "utf8",
    });
    assert.match(text, /Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
    assert.match(text, /Key Usage: critical\s+Certificate Sign, CRL Sign\n/);
    assert.match(text, /NIST CURVE: P-256/);
  });

  it("gives every certificate a serial number of 128 random bits", async () => {
    const authority = await makeAuthority("x", TIMES);
    const serials = new Set<string>();
    for (let round = 0; round < 20; round++) {
      const { facts, certificate } = await issueCertificate(authority, AGENCY, TIMES);
      assert.match(facts.serial, /^10[0-9a-f]{32}$/);
      assert.equal(new X509Certificate(certificate).serialNumber.toLowerCase(), facts.serial);
      serials.add(facts.serial);
    }
    assert.equal(serials.size, 20);
  });

  it("is the same after its certificate and key were written and read", async () => {
    const made = await makeAuthority("x", TIMES);
    const authority = await readAuthority(made.certificate, keyOf(made));
    const { certificate } = await issueCertificate(authority, AGENCY, TIMES);
    const issuer = new X509Certificate(made.certificate);
    assert.ok(new X509Certificate(certificate).verify(issuer.publicKey));
    assert.ok(new X509Certificate(certificate).checkIssued(issuer));
  });

  it("is refused with a damaged key or the key of another, and no message has the key", async () => {
    const [one, other] = [await makeAuthority("x", TIMES), await makeAuthority("x", TIMES)];
    const key = keyOf(one);
    const cases: readonly (readonly [certificate: string, key: string, reason: RegExp])[] = [
      [one.certificate, keyOf(other), /its key does not belong to its certificate$/],
      [one.certificate, key.slice(0, 100), /damaged$/],
      [one.certificate, "", /damaged$/],
      [one.certificate.slice(0, 100), key, /damaged$/],
    ];
    for (const [certificate, key, reason] of cases) {
      await assert.rejects(readAuthority(certificate, key), (error: Error & { code?: string }) => {
        assert.equal(error.code, "PKI_UNUSABLE");
        assert.match(error.message, reason);
        assert.equal(error.cause, undefined);
        return true;
      });
    }
  });

  it("issues nothing that outlives it", async () => {
    const authority = await makeAuthority("x", TIMES);
    await assert.rejects(issueCertificate(authority, AGENCY, { from: at(0), until: at(11) }), {
      code: "PKI_REFUSED",
      message: /ends at .*; ask for fewer days$/,
    });
  });

  for (const name of ["", "  ", "a\nb", "a\u202Eb", "x".repeat(65)]) {
    it(`cannot be called ${JSON.stringify(name)}`, async () => {
      await assert.rejects(makeAuthority(name, TIMES), { code: "PKI_REFUSED" });
    });
  }

  for (const hosts of [
    [],
    [""],
    ["a b"],
    ["a,b"],
    ["*.x"],
    ["1.2.3"],
    ["a_b"],
    Array(101).fill("a"),
  ]) {
    it(`gives a server no certificate for ${JSON.stringify(hosts).slice(0, 20)}`, async () => {
      const authority = await makeAuthority("x", TIMES);
      await assert.rejects(issueCertificate(authority, { kind: "server", hosts }, TIMES), {
        code: "PKI_REFUSED",
      });
    });
  }

  it("issues what both ends of a TLS 1.3 connection accept, until it is revoked", async (t) => {
    const authority = await makeAuthority("x", TIMES);
    const server = await issueCertificate(authority, SERVER, TIMES);
    const agency = await issueCertificate(authority, AGENCY, TIMES);
    const foreign = await issueCertificate(await makeAuthority("x", TIMES), AGENCY, TIMES);
    const talk = async (client: typeof agency, crl: string): Promise<string | undefined> => {
      const listener = createServer({
        cert: server.certificate,
        key: server.key,
        ca: authority.certificate,
        crl,
        minVersion: "TLSv1.3",
        requestCert: true,
        rejectUnauthorized: false,
      });
      t.after(() => listener.close());
      listener.listen(0, "127.0.0.1");
      await once(listener, "listening");
      const socket = connect({
        port: (listener.address() as AddressInfo).port,
        host: "127.0.0.1",
        ca: authority.certificate,
        cert: client.certificate,
        key: client.key,
      });
      t.after(() => socket.destroy());
      const [[accepted]] = await Promise.all([
        once(listener, "secureConnection") as Promise<[TLSSocket]>,
        once(socket, "secureConnect"),
      ]);
      t.after(() => accepted.destroy());
      assert.ok(socket.authorized);
      const { authorizationError } = accepted;
      return accepted.authorized ? undefined : String(authorizationError);
    };
    assert.equal(await talk(agency, await listed(authority, [])), undefined);
    assert.equal(
      await talk(agency, await listed(authority, [agency.facts.serial])),
      "CERT_REVOKED",
    );
    assert.notEqual(await talk(foreign, await listed(authority, [])), undefined);
  });
});

const readBy = (text: string, ...authorities: readonly Authority[]): RevocationList =>
  readRevocationList(
    text,
    authorities.map(({ certificate }) => new X509Certificate(certificate)),
  );

describe("a list of revoked certificates", () => {
  it("is read as it was written, by the authority that signed it", async () => {
    const [other, authority] = [await makeAuthority("y", TIMES), await makeAuthority("x", TIMES)];
    const serials = ["10ff", "7f00", "1", "ff00000000000001"];
    const read = readBy(await listed(authority, serials, 300), other, authority);
    assert.equal(read.number, 300);
    assert.equal(read.issuer, issuerKeyOf(new X509Certificate(authority.certificate)));
    assert.deepEqual([...read.revoked.keys()], serials);
    const second = Math.floor(at(-0.5).getTime() / 1000) * 1000;
    for (const date of [read.issuedAt, ...read.revoked.values()]) {
      assert.equal(date.getTime(), second);
    }
    assert.equal(read.nextAt?.getTime(), Math.floor(TIMES.until.getTime() / 1000) * 1000);
  });

  it("is read whole however long it is", async () => {
    const authority = await makeAuthority("x", TIMES);
    const serials = Array.from({ length: 3000 }, (_, index) => (index + 4096).toString(16));
    assert.equal(readBy(await listed(authority, serials), authority).revoked.size, 3000);
  });

  it("is refused when it is damaged, changed, or of another authority", async () => {
    const authority = await makeAuthority("x", TIMES);
    const other = await makeAuthority("x", TIMES);
    const good = await listed(authority, ["10ff"]);
    assert.throws(() => readBy(good, other), /none of the authorities has signed it/);
    for (const bad of ["", "x", good.slice(0, 90), authority.certificate]) {
      assert.throws(() => readBy(bad, authority), RangeError);
    }
    const [begin, end] = ["-----BEGIN X509 CRL-----\n", "-----END X509 CRL-----\n"] as const;
    const bytes = Buffer.from(good.replaceAll(/-----[^-]+-----/g, ""), "base64");
    // Every bit but those that say how many bits of the signature do not count, which is always none.
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(bytes.readUInt8(at) ^ (1 << (at % 8)), at);
      const text = `${begin}${changed.toString("base64")}\n${end}`;
      assert.throws(
        () => assert.equal(readBy(text, authority).revoked.has("10ff"), true),
        (error) => error instanceof RangeError,
        `byte ${at}`,
      );
    }
  });
});
