import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import type { Holder } from "../../../src/identity/pki/authority.ts";
import {
  holderOf,
  initAuthority,
  issueFrom,
  listCertificates,
  revokeIn,
} from "../../../src/identity/pki/authority-folder.ts";
import { readRevocationList } from "../../../src/identity/revocation-list.ts";
import type { AgencyId } from "../../../src/lottery/bet.ts";
import { tempDir } from "../../support/temp-dir.ts";

const START = new Date("2026-01-01T00:00:00Z");
const days = (count: number): Date => new Date(START.getTime() + count * 86_400_000);
const until = (count: number) => ({ from: START, until: days(count) });
const agency = (number: number): Holder => ({ kind: "agency", agency: number as AgencyId });
const SERVER: Holder = { kind: "server", hosts: ["::1", "localhost"] };

async function made(t: TestContext): Promise<string> {
  const dir = join(await tempDir(t), "pki");
  await initAuthority(dir, "Lottery", until(3650));
  return dir;
}

async function states(dir: string, now: Date): Promise<string[]> {
  const { certificates } = await listCertificates(dir, now);
  return certificates.map((one) => `${holderOf(one)}: ${one.state}`).toSorted();
}

const serialsOf = (all: readonly { serial: string }[]): string[] => all.map(({ serial }) => serial);

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

describe("the folder of an authority", () => {
  it("and its keys are for its owner alone", async (t) => {
    const dir = await made(t);
    const { keyPath } = await issueFrom(dir, agency(17), until(30), dir);
    assert.equal(keyPath, join(dir, "agency-17.key"));
    assert.equal(await modeOf(dir), 0o700);
    assert.equal(await modeOf(join(dir, "ca.key")), 0o600);
    assert.equal(await modeOf(keyPath), 0o600);
    const { keyPath: elsewhere } = await issueFrom(dir, SERVER, until(30), join(dir, "../out"));
    assert.equal(elsewhere, join(dir, "../out/server---1.key"));
    assert.equal(await modeOf(elsewhere), 0o600);
    assert.equal(await modeOf(join(dir, "../out")), 0o700);
  });

  it("is never made over what is there", async (t) => {
    const dir = await made(t);
    const before = await readFile(join(dir, "ca.key"));
    await assert.rejects(initAuthority(dir, "Again", until(10)), { code: "PKI_EXISTS" });
    for (const file of ["ca.pem", "crl.pem", "ca.key"]) {
      const other = join(dir, `../only-${file}`);
      await mkdir(other, { mode: 0o700 });
      await writeFile(join(other, file), "");
      await assert.rejects(initAuthority(other, "Again", until(10)), { code: "PKI_EXISTS" });
      assert.deepEqual(await readdir(other), [file]);
    }
    assert.deepEqual(await readFile(join(dir, "ca.key")), before);
  });

  it("is not used while others may use it or its key", async (t) => {
    const dir = await made(t);
    await chmod(join(dir, "ca.key"), 0o640);
    const message = /ca\.key: others than its owner may use it; chmod 600 it$/;
    await assert.rejects(issueFrom(dir, agency(1), until(1), dir), {
      code: "PKI_UNUSABLE",
      message,
    });
    await chmod(join(dir, "ca.key"), 0o600);
    await chmod(dir, 0o770);
    await assert.rejects(revokeIn(dir, { kind: "agency", agency: 1 }, START), {
      code: "PKI_UNUSABLE",
      message: /pki: others than its owner may use it; chmod 700 it$/,
    });
    const open = join(dir, "../open");
    await mkdir(open);
    await chmod(open, 0o755);
    await assert.rejects(initAuthority(open, "x", until(1)), {
      code: "PKI_UNUSABLE",
      message: /open: others than its owner may use it; chmod 700 it$/,
    });
    assert.deepEqual(await readdir(open), []);
  });

  it("says what is missing, and forgets no revoked certificate by making a new list", async (t) => {
    const dir = await made(t);
    await issueFrom(dir, agency(1), until(1), dir);
    for (const file of ["ca.pem", "ca.key", "crl.pem"]) {
      await rename(join(dir, file), join(dir, "away"));
      await assert.rejects(
        revokeIn(dir, { kind: "agency", agency: 1 }, START),
        { code: "PKI_UNUSABLE", message: new RegExp(`: ${file} is not there; restore it`) },
        file,
      );
      await rename(join(dir, "away"), join(dir, file));
    }
    await assert.rejects(listCertificates(join(dir, "nowhere"), START), { code: "PKI_UNUSABLE" });
  });

  it("overwrites no certificate and no key, and then issues nothing", async (t) => {
    const dir = await made(t);
    await issueFrom(dir, agency(17), until(30), dir);
    const key = await readFile(join(dir, "agency-17.key"));
    await assert.rejects(issueFrom(dir, agency(17), until(30), dir), { code: "PKI_EXISTS" });
    await rm(join(dir, "agency-17.pem"));
    await assert.rejects(issueFrom(dir, agency(17), until(30), dir), { code: "PKI_EXISTS" });
    assert.deepEqual(await readFile(join(dir, "agency-17.key")), key);
    assert.deepEqual(await states(dir, START), ["agency 17: valid"]);
  });

  it("lists what it issued: valid, expired, or revoked for ever", async (t) => {
    const dir = await made(t);
    await issueFrom(dir, agency(1), until(30), dir);
    await issueFrom(dir, agency(2), until(60), dir);
    const { facts } = await issueFrom(dir, SERVER, until(60), dir);
    // A command that was killed leaves this.
    await writeFile(join(dir, "issued", "10ab.pem.12345.tmp"), "half");
    const { serial } = facts;
    await revokeIn(dir, { kind: "certificate", hex: serial }, days(1));
    assert.deepEqual(await states(dir, days(2)), [
      "agency 1: valid",
      "agency 2: valid",
      "server 0:0:0:0:0:0:0:1, localhost: revoked",
    ]);
    assert.deepEqual(await states(dir, days(45)), [
      "agency 1: expired",
      "agency 2: valid",
      "server 0:0:0:0:0:0:0:1, localhost: revoked",
    ]);
    const server = (await listCertificates(dir, days(100))).certificates.find(
      (one) => one.serial === serial,
    );
    assert.deepEqual([server?.state, server?.revokedAt], ["revoked", days(1)]);
  });

  it("revokes by serial number, fingerprint or agency, and each certificate once", async (t) => {
    const dir = await made(t);
    const out = (name: string): string => join(dir, name);
    const first = await issueFrom(dir, agency(1), until(30), out("a"));
    const second = await issueFrom(dir, agency(1), until(60), out("b"));
    const third = await issueFrom(dir, agency(1), until(90), out("c"));
    const other = await issueFrom(dir, agency(2), until(90), out("d"));
    const number = async (): Promise<number> => {
      const [list, ca] = ["crl.pem", "ca.pem"].map((file) => readFile(join(dir, file), "utf8"));
      return readRevocationList((await list) ?? "", [new X509Certificate((await ca) ?? "")]).number;
    };

    const bySerial = await revokeIn(
      dir,
      { kind: "certificate", hex: second.facts.serial },
      days(1),
    );
    assert.deepEqual(serialsOf(bySerial.revoked), [second.facts.serial]);
    assert.equal(await number(), 2);
    const again = await revokeIn(
      dir,
      { kind: "certificate", hex: second.facts.fingerprint },
      days(2),
    );
    assert.deepEqual([again.selected.length, again.revoked.length], [1, 0]);
    assert.equal(again.selected[0]?.revokedAt?.getTime(), days(1).getTime());
    assert.equal(await number(), 2);

    // The first one has expired by then, and needs no revocation.
    const byAgency = await revokeIn(dir, { kind: "agency", agency: 1 }, days(40));
    assert.deepEqual(serialsOf(byAgency.revoked), [third.facts.serial]);
    const byFingerprint = { kind: "certificate", hex: first.facts.fingerprint } as const;
    assert.equal((await revokeIn(dir, byFingerprint, days(40))).revoked.length, 1);
    assert.deepEqual(await states(dir, days(41)), [
      "agency 1: revoked",
      "agency 1: revoked",
      "agency 1: revoked",
      "agency 2: valid",
    ]);

    for (const selection of [
      { kind: "agency", agency: 1 },
      { kind: "agency", agency: 3 },
      { kind: "certificate", hex: "10" },
      { kind: "certificate", hex: other.facts.serial.slice(0, -1) },
    ] as const) {
      await assert.rejects(revokeIn(dir, selection, days(41)), { code: "PKI_REFUSED" });
    }
  });

  it("warns of a file among its own that is no certificate of it, and revokes others all the same", async (t) => {
    const dir = await made(t);
    const foreign = join(dir, "../foreign");
    await initAuthority(foreign, "Lottery", until(3650));
    const { certificate } = await issueFrom(foreign, agency(1), until(30), foreign);
    await issueFrom(dir, agency(1), until(30), dir);
    for (const text of [certificate, "no certificate"]) {
      await writeFile(join(dir, "issued", "1.pem"), text);
      const { certificates, damaged } = await listCertificates(dir, START);
      assert.equal(certificates.length, 1);
      assert.match(
        damaged.join(),
        /issued\/1\.pem: it is no certificate of this authority; restore it$/,
      );
    }
    const { revoked, damaged } = await revokeIn(dir, { kind: "agency", agency: 1 }, days(1));
    assert.deepEqual([revoked.length, damaged.length], [1, 1]);
  });

  it("revokes by serial number also a certificate whose file is lost", async (t) => {
    const dir = await made(t);
    const { facts } = await issueFrom(dir, agency(1), until(30), dir);
    await rm(join(dir, "issued", `${facts.serial}.pem`));
    const selection = { kind: "certificate", hex: facts.serial } as const;
    assert.deepEqual((await revokeIn(dir, selection, days(1))).revoked, [{ serial: facts.serial }]);
    assert.deepEqual((await revokeIn(dir, selection, days(2))).revoked, []);
  });
});
