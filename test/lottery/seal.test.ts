import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { FIRST_HEAD } from "../../src/lottery/chain.ts";
import {
  firstSealOf,
  type SealedAgency,
  sealByProof,
  sealedAgency,
  sealOf,
  type SealProof,
  SealTree,
} from "../../src/lottery/seal.ts";
import { FIRST_STANDING } from "../../src/lottery/standing.ts";

const head1 = "e72ac66ab12c1a819236e2b0bdeefb507147e4a132f5b427d11e2191d7abdcfa";
const head2 = "601e66d3025f0c9e6294b121a950553f048c64608c656104d18457f88aedf89d";

const one: SealedAgency = {
  agency: 1 as AgencyId,
  batches: 2,
  bets: 3,
  head: Buffer.from(head2, "hex"),
  closedOut: false,
};
const two = sealedAgency(2 as AgencyId, FIRST_STANDING);
const ten: SealedAgency = {
  agency: 10 as AgencyId,
  batches: 1,
  bets: 1,
  head: new Uint8Array(Buffer.from(head1, "hex")),
  closedOut: false,
};
const NO_ACTS = { count: 0, head: FIRST_HEAD };

const sha256 = (...parts: (string | Buffer)[]): Buffer => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const leaf = (line: string): Buffer => sha256(`\0${line}`);
const node = (left: Buffer, right: Buffer): Buffer => sha256("\u0001", left, right);
const line = (agency: number, head: string): string =>
  `agency ${agency} batches 1 bets 1 head ${head}`;

/** Agencies 1 to n, with heads that differ. */
function agencies(n: number): SealedAgency[] {
  return Array.from({ length: n }, (_, index) => ({
    agency: (index + 1) as AgencyId,
    batches: 1,
    bets: 1,
    head: sha256(`head ${index + 1}`),
    closedOut: false,
  }));
}

/** The documented text of the second seal. */
function textOf(count: number, root: Buffer): string {
  return (
    `quiniela/2 seal\ndraw noche\nagencies ${count} root ${root.toString("hex")}\n` +
    `acts 0 head ${"0".repeat(64)}\n`
  );
}

const seal = (n: number): Buffer => sealOf({ draw: "noche", agencies: agencies(n), acts: NO_ACTS });

describe("the first seal", () => {
  it("gives the seals of the test vectors", () => {
    // Computed with Python's hashlib.
    assert.equal(
      firstSealOf("2026-11", [one, two, ten]).toString("hex"),
      "11cfbe7b9f63e3f69c9a7d0e87736eb0772b7a84b2e33603ac35df929e14405a",
    );
    assert.equal(
      firstSealOf("1", []).toString("hex"),
      "84fcd3b9d72c7fddc95e614b3b2a6cf76c8affaaea22d67fac9b6bd37932f90d",
    );
  });

  it("is the SHA-256 of the documented text", () => {
    const text =
      "quiniela/1 seal\n" +
      "draw 1\n" +
      `agency 1 batches 2 bets 3 head ${head2}\n` +
      `agency 2 batches 0 bets 0 head ${"0".repeat(64)}\n`;
    assert.deepEqual(firstSealOf("1", [one, two]), sha256(text));
  });
});

describe("sealOf", () => {
  const [a, b, c] = [1, 2, 3].map((n) => leaf(line(n, sha256(`head ${n}`).toString("hex"))));
  it("is the SHA-256 of the documented text, whatever the number of agencies", () => {
    assert.ok(a !== undefined && b !== undefined && c !== undefined);
    assert.deepEqual(seal(0), sha256(textOf(0, sha256(""))));
    assert.deepEqual(seal(1), sha256(textOf(1, a)));
    assert.deepEqual(seal(2), sha256(textOf(2, node(a, b))));
    assert.deepEqual(seal(3), sha256(textOf(3, node(node(a, b), c))));
  });

  it("changes when anything that it seals changes", () => {
    const base = { draw: "1", agencies: [one, two], acts: NO_ACTS };
    const seals = [
      base,
      { ...base, draw: "2" },
      { ...base, agencies: [one] },
      { ...base, agencies: [{ ...one, batches: 3 }, two] },
      { ...base, agencies: [{ ...one, bets: 4 }, two] },
      { ...base, agencies: [{ ...one, head: FIRST_HEAD }, two] },
      { ...base, agencies: [{ ...one, closedOut: true }, two] },
      { ...base, acts: { count: 1, head: FIRST_HEAD } },
      { ...base, acts: { count: 0, head: one.head } },
    ].map((sealed) => sealOf(sealed).toString("hex"));
    assert.equal(new Set(seals).size, seals.length);
  });
});

describe("the proof that a seal has an agency", () => {
  const acts = { count: 2, head: sha256("acts") };
  const proofIn = (sealed: readonly SealedAgency[], index: number): SealProof => ({
    agencies: sealed.length,
    index,
    path: new SealTree(sealed).pathTo(index),
    acts,
  });

  it("leads to the seal for every agency of a draw of any size", () => {
    for (let size = 1; size <= 70; size++) {
      const sealed = agencies(size);
      const seal = sealOf({ draw: "noche", agencies: sealed, acts });
      for (const [index, agency] of sealed.entries()) {
        assert.deepEqual(sealByProof("noche", agency, proofIn(sealed, index)), seal);
      }
    }
  });

  it("leads to no seal, or to another one, when anything of it is changed", () => {
    const cases = fc.integer({ min: 1, max: 40 }).chain((size) =>
      fc.record({
        size: fc.constant(size),
        index: fc.integer({ min: 0, max: size - 1 }),
        change: fc.integer({ min: 0, max: 9 }),
        at: fc.nat(31),
      }),
    );
    fc.assert(
      fc.property(cases, ({ size, index, change, at }) => {
        const sealed = agencies(size);
        const agency = sealed[index];
        assert.ok(agency !== undefined);
        const seal = sealOf({ draw: "noche", agencies: sealed, acts });
        const proof = proofIn(sealed, index);
        const flipped = (bytes: Uint8Array): Buffer => {
          const copy = Buffer.from(bytes);
          copy[at] = (copy[at] ?? 0) ^ 1;
          return copy;
        };
        const [first, ...rest] = proof.path;
        const forged: [string, SealedAgency, SealProof][] = [
          ["otra", agency, proof],
          ["noche", { ...agency, bets: 2 }, proof],
          ["noche", { ...agency, head: flipped(agency.head) }, proof],
          ["noche", { ...agency, closedOut: true }, proof],
          ["noche", agency, { ...proof, index: index + 1 }],
          ["noche", agency, { ...proof, agencies: size + 1 }],
          ["noche", agency, { ...proof, acts: { count: 3, head: acts.head } }],
          ["noche", agency, { ...proof, acts: { count: 2, head: flipped(acts.head) } }],
          ["noche", agency, { ...proof, path: [...proof.path, FIRST_HEAD] }],
          first === undefined
            ? ["noche", agency, { ...proof, index: -1 }]
            : ["noche", agency, { ...proof, path: [flipped(first), ...rest] }],
        ];
        const [draw, other, path] = forged[change] ?? ["", agency, proof];
        assert.notDeepEqual(sealByProof(draw, other, path), seal);
      }),
    );
  });
});

describe("sealedAgency", () => {
  it("counts the batches before the next sequence", () => {
    const head = Buffer.from(head1, "hex");
    const standing = { nextSequence: 8, bets: 700, head, done: true };
    assert.deepEqual(sealedAgency(4 as AgencyId, standing), {
      agency: 4,
      batches: 7,
      bets: 700,
      head,
      closedOut: false,
    });
  });
});
