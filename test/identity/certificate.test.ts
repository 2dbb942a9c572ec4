import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { describe, it } from "node:test";
import { factsOf, plainSerial, readCertificate } from "../../src/identity/certificate.ts";
import { issueCertificate, makeAuthority } from "../../src/identity/pki/authority.ts";
import { x509 } from "../../src/identity/pki/x509.ts";
import type { AgencyId } from "../../src/lottery/bet.ts";

const TIMES = { from: new Date("2026-01-01T00:00:00Z"), until: new Date("2027-01-01T00:00:00Z") };

type Names = ConstructorParameters<typeof x509.SubjectAlternativeNameExtension>[0];

async function withNames(names: Names): Promise<X509Certificate> {
  const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
    "sign",
    "verify",
  ]);
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    keys,
    name: "CN=x",
    signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
    extensions: [new x509.SubjectAlternativeNameExtension(names)],
  });
  return new X509Certificate(Buffer.from(made.rawData));
}

const uri = (value: string) => ({ type: "url", value }) as const;

describe("the facts of a certificate", () => {
  it("name the agency, the times, the serial number and the fingerprint", async () => {
    const authority = await makeAuthority("x", TIMES);
    const holder = { kind: "agency", agency: 17 as AgencyId } as const;
    const { certificate, facts } = await issueCertificate(authority, holder, TIMES);
    const node = new X509Certificate(certificate);
    assert.deepEqual(facts, {
      serial: node.serialNumber.toLowerCase(),
      fingerprint: node.fingerprint256.replaceAll(":", "").toLowerCase(),
      from: TIMES.from,
      until: TIMES.until,
      agency: 17,
      hosts: [],
    });
  });

  const NONE: readonly (readonly [title: string, names: Names])[] = [
    ["two agencies", [uri("quiniela:agency:1"), uri("quiniela:agency:2")]],
    ["one agency twice", [uri("quiniela:agency:1"), uri("quiniela:agency:1")]],
    ["an agency beside another URI", [uri("quiniela:agency:1"), uri("https://x.example")]],
    ["two agencies in one URI", [uri("quiniela:agency:1, URI:quiniela:agency:2")]],
    ["an agency with a quote", [uri('quiniela:agency:1"')]],
    ["an agency within a host name", [{ type: "dns", value: "x, URI:quiniela:agency:1" }]],
    ["an agency as a host name", [{ type: "dns", value: "quiniela:agency:1" }]],
    ["an agency as a mail address", [{ type: "email", value: "quiniela:agency:1" }]],
    ["agency 0", [uri("quiniela:agency:0")]],
    ["an agency with a leading zero", [uri("quiniela:agency:01")]],
    ["an agency of 33 bits", [uri("quiniela:agency:4294967296")]],
    ["an agency in capitals", [uri("QUINIELA:agency:1")]],
    ["an agency with more behind it", [uri("quiniela:agency:1/2")]],
    ["an agency with a space", [uri("quiniela:agency: 1")]],
    ["only a host", [{ type: "dns", value: "localhost" }]],
  ];
  for (const [title, names] of NONE) {
    it(`name no agency when the certificate names ${title}`, async () => {
      assert.equal(factsOf(await withNames(names)).agency, undefined);
    });
  }

  it("name the agency beside host names", async () => {
    const names: Names = [{ type: "dns", value: "a.b" }, uri("quiniela:agency:4294967295")];
    assert.equal(factsOf(await withNames(names)).agency, 4294967295);
  });

  it("have the serial number in one form", () => {
    assert.equal(plainSerial("00AB0"), "ab0");
    assert.equal(plainSerial("00"), "0");
  });
});

describe("a file with a certificate", () => {
  it("is read as PEM or as DER, and must have exactly one", async () => {
    const { certificate } = await makeAuthority("x", TIMES);
    const { raw } = new X509Certificate(certificate);
    assert.deepEqual(readCertificate(Buffer.from(certificate))?.raw, raw);
    assert.deepEqual(readCertificate(raw)?.raw, raw);
    for (const bad of ["", "x", certificate.slice(0, 200), certificate + certificate]) {
      assert.equal(readCertificate(Buffer.from(bad)), undefined);
    }
  });
});
