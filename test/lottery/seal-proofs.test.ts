import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { type SealedAgency, sealByProof, sealOf } from "../../src/lottery/seal.ts";
import { SealProofs } from "../../src/lottery/seal-proofs.ts";

const DRAW = "2026-12-01";

/** The agencies 2, 5, 8, … */
const agenciesOf = (count: number): SealedAgency[] =>
  Array.from({ length: count }, (_, index) => ({
    agency: (3 * index + 2) as AgencyId,
    batches: index,
    bets: 2 * index,
    head: Buffer.alloc(32, index),
    closedOut: index % 2 === 1,
  }));

describe("SealProofs", () => {
  for (const count of [1, 2, 3, 4, 5, 8, 33, 100]) {
    it(`shows each of ${count} agencies what the seal has of it`, () => {
      const agencies = agenciesOf(count);
      const sealed = { draw: DRAW, agencies, acts: { count: 7, head: Buffer.alloc(32, 0xac) } };
      const proofs = new SealProofs(sealed);
      for (const expected of agencies) {
        const share = proofs.of(expected.agency);
        assert.deepEqual(share.sealed, expected);
        assert.deepEqual(sealByProof(DRAW, share.sealed, share.proof), sealOf(sealed));
      }
    });

    it(`shows nothing of an agency that is not among ${count}`, () => {
      const acts = { count: 0, head: Buffer.alloc(32) };
      const proofs = new SealProofs({ draw: DRAW, agencies: agenciesOf(count), acts });
      for (const agency of [1, 3, 3 * count + 1, 3 * count + 2] as AgencyId[]) {
        assert.throws(() => proofs.of(agency), RangeError);
      }
    });
  }
});
