import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, rename, rm, writeFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { ConfigError } from "../../src/config/config-error.ts";
import { newAuthority, TestIdentity } from "../support/identity-files.ts";

/** Makes one of the files wrong. */
type Spoils = (identity: TestIdentity) => Promise<unknown>;

const WRONG: Readonly<Record<string, readonly [problem: RegExp, spoil: Spoils]>> = {
  "a certificate that is missing": [
    /^SERVER_TLS_CERT: .*central\.pem: there is no such file$/,
    ({ files }) => rm(files.certificate),
  ],
  "a key that is missing": [
    /^SERVER_TLS_KEY: .*central\.key: there is no such file$/,
    ({ files }) => rm(files.key),
  ],
  "authorities that are missing": [
    /^SERVER_TLS_CA: .*ca\.pem: there is no such file$/,
    ({ files }) => rm(files.authorities),
  ],
  "a list of revoked certificates that is missing": [
    /^SERVER_TLS_CRL: .*crl\.pem: there is no such file$/,
    ({ files }) => rm(files.revoked ?? ""),
  ],
  "an agencies.yaml that is missing": [
    /^SERVER_AGENCIES_FILE: .*agencies\.yaml: there is no such file$/,
    ({ files }) => rm(files.agencies),
  ],
  "a key that others may read": [
    /^SERVER_TLS_KEY: .*central\.key: others than its owner may use it \(permissions 640\).*chmod 600/,
    ({ files }) => chmod(files.key, 0o640),
  ],
  "a key of another certificate": [
    /^SERVER_TLS_KEY: .*central\.key: the key does not belong to the certificate/,
    async (identity) => writeFile(identity.files.key, (await identity.issueServer()).key),
  ],
  "a key that is damaged": [
    /^SERVER_TLS_KEY: .*central\.key: has no private key that can be used/,
    ({ files }) =>
      writeFile(files.key, "-----BEGIN PRIVATE KEY-----\nSALT\n-----END PRIVATE KEY-----\n"),
  ],
  "a certificate that has ended": [
    /^SERVER_TLS_CERT: .*central\.pem: the certificate ended at 20/,
    async (identity) => identity.serve(await identity.issueServer(undefined, [-2, -1])),
  ],
  "a certificate that is not valid yet": [
    /^SERVER_TLS_CERT: .*central\.pem: the certificate begins only at 20/,
    async (identity) => identity.serve(await identity.issueServer(undefined, [1, 2])),
  ],
  "an agency's certificate as the central's": [
    /^SERVER_TLS_CERT: .*central\.pem: the certificate is not for servers/,
    async (identity) => identity.serve(await identity.issueAgency(1)),
  ],
  "a file without a certificate": [
    /^SERVER_TLS_CERT: .*central\.pem: has no certificate/,
    ({ files }) => writeFile(files.certificate, "nothing\n"),
  ],
  "a certificate among the authorities that is none": [
    /^SERVER_TLS_CA: .*ca\.pem: certificate 1 of the file is not an authority's$/,
    async (identity) => {
      const { certificate } = await identity.issueServer();
      await writeFile(identity.files.authorities, certificate);
    },
  ],
  "a list of another authority": [
    /^SERVER_TLS_CRL: .*crl\.pem: list 1 of the file cannot be used: it is damaged, or none of the authorities has signed it in a way/,
    async (identity) => {
      await identity.trustOnly(await newAuthority());
      await identity.trust(identity.authority);
    },
  ],
  "a file without a list": [
    /^SERVER_TLS_CRL: .*crl\.pem: has no list/,
    ({ files }) => writeFile(files.revoked ?? "", ""),
  ],
  "an agencies.yaml with a mistake": [
    /^SERVER_AGENCIES_FILE: .*agencies\.yaml:2: agency: is "0"/,
    ({ files }) => writeFile(files.agencies, "agencies:\n- agency: 0\n  name: x\n"),
  ],
};

async function problemsOf(identity: TestIdentity): Promise<readonly string[]> {
  try {
    await identity.load(new Date());
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems;
  }
  throw assert.fail("the files were accepted");
}

describe("loading the identity of a central", () => {
  for (const [what, [problem, spoil]] of Object.entries(WRONG)) {
    it(`refuses ${what}, and names the setting and the path`, async (t) => {
      const identity = await TestIdentity.make(t);
      await spoil(identity);
      const [first = ""] = await problemsOf(identity);
      assert.match(first, problem);
    });
  }

  it("does not wait for a pipe in the place of a file", async (t) => {
    const identity = await TestIdentity.make(t);
    for (const file of [identity.files.key, identity.files.authorities, identity.files.agencies]) {
      await rename(file, `${file}.kept`);
      execFileSync("mkfifo", ["-m", "600", file]);
      await assert.rejects(identity.load(), /is not a file/);
      await rename(`${file}.kept`, file);
    }
  });

  it("tells all problems together", async (t) => {
    const identity = await TestIdentity.make(t);
    await rm(identity.files.key);
    await rm(identity.files.agencies);
    const problems = await problemsOf(identity);
    assert.deepEqual(
      problems.map((problem) => problem.slice(0, problem.indexOf(":"))),
      ["SERVER_TLS_KEY", "SERVER_AGENCIES_FILE"],
    );
  });

  it("trusts two authorities while they are changed, each with what it has revoked", async (t) => {
    const identity = await TestIdentity.make(t);
    const fresh = await newAuthority();
    await identity.trust(identity.authority, fresh);
    const { certificates } = await identity.load(new Date());
    assert.deepEqual(
      certificates.map(({ whose }) => whose),
      ["central", "authority", "authority"],
    );
  });

  it("keeps the key out of what can be printed", async (t) => {
    const identity = await TestIdentity.make(t);
    const loaded = await identity.load(new Date());
    assert.doesNotMatch(inspect(loaded, { depth: 10, showHidden: true }), /PRIVATE/);
    assert.doesNotMatch(JSON.stringify(loaded), /PRIVATE/);
  });
});
