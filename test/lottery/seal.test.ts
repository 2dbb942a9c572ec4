import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { FIRST_HEAD } from "../../src/lottery/chain.ts";
import { type SealedAgency, sealedAgency, sealOf } from "../../src/lottery/seal.ts";
import { FIRST_STANDING } from "../../src/lottery/standing.ts";

const head1 = "e72ac66ab12c1a819236e2b0bdeefb507147e4a132f5b427d11e2191d7abdcfa";
const head2 = "601e66d3025f0c9e6294b121a950553f048c64608c656104d18457f88aedf89d";

const one: SealedAgency = {
  agency: 1 as AgencyId,
  batches: 2,
  bets: 3,
  head: Buffer.from(head2, "hex"),
};
const two = sealedAgency(2 as AgencyId, FIRST_STANDING);
const ten: SealedAgency = {
  agency: 10 as AgencyId,
  batches: 1,
  bets: 1,
  head: new Uint8Array(Buffer.from(head1, "hex")),
};

describe("sealOf", () => {
  it("gives the seals of the test vectors", () => {
    // Computed with Python's hashlib.
    assert.equal(
      sealOf("2026-11", [one, two, ten]).toString("hex"),
      "11cfbe7b9f63e3f69c9a7d0e87736eb0772b7a84b2e33603ac35df929e14405a",
    );
    assert.equal(
      sealOf("1", []).toString("hex"),
      "84fcd3b9d72c7fddc95e614b3b2a6cf76c8affaaea22d67fac9b6bd37932f90d",
    );
  });

  it("is the SHA-256 of the documented text", () => {
    const text =
      "quiniela/1 seal\n" +
      "draw 1\n" +
      `agency 1 batches 2 bets 3 head ${head2}\n` +
      `agency 2 batches 0 bets 0 head ${"0".repeat(64)}\n`;
    assert.deepEqual(sealOf("1", [one, two]), createHash("sha256").update(text).digest());
  });

  it("orders agencies by number, not as text", () => {
    assert.deepEqual(sealOf("1", [ten, two, one]), sealOf("1", [one, two, ten]));
  });

  it("changes when anything that it seals changes", () => {
    const seals = [
      sealOf("1", [one, two]),
      sealOf("2", [one, two]),
      sealOf("1", [one]),
      sealOf("1", [{ ...one, batches: 3 }, two]),
      sealOf("1", [{ ...one, bets: 4 }, two]),
      sealOf("1", [{ ...one, head: FIRST_HEAD }, two]),
    ].map((seal) => seal.toString("hex"));
    assert.equal(new Set(seals).size, seals.length);
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
    });
  });
});
