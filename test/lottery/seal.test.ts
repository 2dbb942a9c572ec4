import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { FIRST_HEAD } from "../../src/lottery/chain.ts";
import {
  firstSealOf,
  type Sealed,
  type SealedActs,
  type SealedAgency,
  sealByProof,
  sealedAgency,
  sealOf,
  type SealProof,
  SealTree,
} from "../../src/lottery/seal.ts";
import { FIRST_STANDING } from "../../src/lottery/standing.ts";
import { seed, seedNote } from "../support/seed.ts";

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

const NO_ACTS: SealedActs = { count: 0, head: FIRST_HEAD };

function digest(...parts: readonly (string | Uint8Array)[]): Buffer {
  const all = createHash("sha256");
  for (const part of parts) all.update(part);
  return all.digest();
}

/** The agencies 1, 4, 7, …, every third of them closed out. */
function agenciesOf(count: number): SealedAgency[] {
  return Array.from({ length: count }, (_, index) => {
    const place = index + 1;
    return {
      agency: (3 * place - 2) as AgencyId,
      batches: place,
      bets: 2 * place,
      head: digest(`head ${place}`),
      closedOut: place % 3 === 0,
    };
  });
}

const sealedOf = (count: number): Sealed => ({
  draw: "2026-11",
  agencies: agenciesOf(count),
  acts: { count, head: digest(`acts ${count}`) },
});

/** Computed with Python's hashlib, from docs/ledger.md. */
const VECTORS: readonly [agencies: number, root: string, seal: string][] = [
  [
    0,
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "79d82acfa6416ca80d8d15dadc77c6244d668849014f003323e011640f263442",
  ],
  [
    1,
    "b22e6f4014d3b770d2528a3922caf1c2e50a5102b035e8169f4a7e8a5ba7cc75",
    "136588bb3363b98ccb03424e1d2b8321fd5548ed96187a69338e4520e10f5b62",
  ],
  [
    2,
    "4096e124ae1067ed9f71ae9b7b821f285bac1139113ce2291df2e2033615af69",
    "4b4124c94ac5660fe9341105133a490677626c6c70ddac986072eb7ef38fdf33",
  ],
  [
    3,
    "09f9b53c3df1767398ab3225e082a5d5b345586fed0dbe049ee9845635b911b2",
    "8ed1981315121e24a062224624cc4be66127a6957eaad72e1270dc33d90d8c54",
  ],
  [
    5,
    "eda3cb51ba6e77f2510ff095be0b0934cbe714c94615d3e31c3474f97db66374",
    "43c7a551a9474d5b893cf7bb58d440dd0a08dccd718728ed503acf3247334207",
  ],
  [
    8,
    "133952e27286602b4d62153c538411ee4fb272e8bf0d435d85842b5cd077bd24",
    "01564749e17fd867ae09ac844ce2293598a98f07e5df1edf641342fa9945b6dd",
  ],
];

const seal = (draw: string, agencies: SealedAgency[], acts = NO_ACTS): string =>
  sealOf({ draw, agencies, acts }).toString("hex");

describe("sealOf", () => {
  for (const [count, root, seal] of VECTORS) {
    it(`gives the root and the seal of the test vector with ${count} agencies`, () => {
      assert.equal(new SealTree(agenciesOf(count)).root.toString("hex"), root);
      assert.equal(sealOf(sealedOf(count)).toString("hex"), seal);
    });
  }

  it("is the SHA-256 of the documented text, over the documented tree", () => {
    const leaves = [
      digest("\0", `agency 1 batches 2 bets 3 head ${head2}`),
      digest("\0", `agency 2 batches 0 bets 0 head ${"0".repeat(64)} closed-out`),
      digest("\0", `agency 10 batches 1 bets 1 head ${head1}`),
    ] as const;
    const root = digest("\x01", digest("\x01", leaves[0], leaves[1]), leaves[2]);
    const text =
      "quiniela/2 seal\n" +
      "draw 1\n" +
      `agencies 3 root ${root.toString("hex")}\n` +
      `acts 4 head ${head1}\n`;
    const acts = { count: 4, head: Buffer.from(head1, "hex") };
    const agencies = [one, { ...two, closedOut: true }, ten];
    assert.deepEqual(sealOf({ draw: "1", agencies, acts }), digest(text));
  });

  it("changes when anything that it seals changes", () => {
    const seals = [
      seal("1", [one, two]),
      seal("2", [one, two]),
      seal("1", [one]),
      seal("1", [two, one]),
      seal("1", [{ ...one, agency: 3 as AgencyId }, two]),
      seal("1", [{ ...one, batches: 3 }, two]),
      seal("1", [{ ...one, bets: 4 }, two]),
      seal("1", [{ ...one, head: FIRST_HEAD }, two]),
      seal("1", [one, { ...two, closedOut: true }]),
      seal("1", [one, two], { count: 1, head: FIRST_HEAD }),
      seal("1", [one, two], { count: 0, head: Buffer.from(head1, "hex") }),
    ];
    assert.equal(new Set(seals).size, seals.length);
  });
});

describe("firstSealOf, for draws that were begun before acts existed", () => {
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
    assert.deepEqual(firstSealOf("1", [one, two]), digest(text));
  });
});

const head = fc.uint8Array({ minLength: 32, maxLength: 32 });
const count = fc.nat(2 ** 40);

/** Up to 40 agencies in ascending order, and one of them. */
const anySealed = fc
  .record({
    draw: fc.stringMatching(/^[A-Za-z0-9-]{1,20}$/),
    agencies: fc
      .uniqueArray(
        fc.record({
          agency: fc.integer({ min: 1, max: 100_000 }) as fc.Arbitrary<AgencyId>,
          batches: count,
          bets: count,
          head,
          closedOut: fc.boolean(),
        }),
        { minLength: 1, maxLength: 40, selector: ({ agency }) => agency, size: "max" },
      )
      .map((agencies) => agencies.toSorted((a, b) => a.agency - b.agency)),
    acts: fc.record({ count, head }),
  })
  .chain((sealed) => fc.tuple(fc.constant(sealed), fc.nat(sealed.agencies.length - 1)));

interface Shown {
  readonly draw: string;
  readonly agency: SealedAgency;
  readonly proof: SealProof;
}

/** What shows that the agency at a place is in a seal. */
function shownAt({ draw, agencies, acts }: Sealed, index: number): Shown {
  const agency = agencies[index];
  assert.ok(agency !== undefined);
  const path = new SealTree(agencies).pathTo(index);
  return { draw, agency, proof: { agencies: agencies.length, index, path, acts } };
}

const near = (number: number): number[] => [number - 1, number + 1, number * 2 + 2];

/** Everything that is near to what was shown, but differs from it. */
function forgeries({ draw, agency, proof }: Shown, at: number): [what: string, Shown][] {
  const flip = (bytes: Uint8Array): Uint8Array =>
    Buffer.from(bytes).map((byte, place) => (place === at % 32 ? byte ^ (1 << (at % 8)) : byte));
  const { path, acts, agencies: of, index } = proof;
  const places = path.map((_, place) => place);
  const changed: [what: string, change: Partial<SealProof>][] = [
    ...near(of).map((agencies): [string, Partial<SealProof>] => ["agencies", { agencies }]),
    ...near(index).map((other): [string, Partial<SealProof>] => ["index", { index: other }]),
    ...[0.5, Number.NaN].flatMap((number): [string, Partial<SealProof>][] => [
      ["agencies", { agencies: of + number }],
      ["index", { index: index + number }],
    ]),
    ...places.flatMap((place): [string, Partial<SealProof>][] => [
      ["a hash", { path: path.with(place, flip(path[place] ?? FIRST_HEAD)) }],
      ["a shorter hash", { path: path.with(place, (path[place] ?? FIRST_HEAD).subarray(1)) }],
      ["a longer hash", { path: path.with(place, Buffer.alloc(33)) }],
      ["a hash left out", { path: path.toSpliced(place, 1) }],
      ["a hash twice", { path: path.toSpliced(place, 0, path[place] ?? FIRST_HEAD) }],
    ]),
    ["a hash more", { path: [...path, FIRST_HEAD] }],
    ["the count of acts", { acts: { ...acts, count: acts.count + 1 } }],
    ["the head of acts", { acts: { ...acts, head: flip(acts.head) } }],
    ["the other order", { path: path.toReversed() }],
  ];
  const fields: [what: string, change: Partial<SealedAgency>][] = [
    ...near(agency.agency).map((number): [string, Partial<SealedAgency>] => [
      "the agency",
      { agency: number as AgencyId },
    ]),
    ...near(agency.batches).map((batches): [string, Partial<SealedAgency>] => [
      "its batches",
      { batches },
    ]),
    ...near(agency.bets).map((bets): [string, Partial<SealedAgency>] => ["its bets", { bets }]),
    ["its head", { head: flip(agency.head) }],
    ["whether it was closed out", { closedOut: !agency.closedOut }],
  ];
  const all: [what: string, Shown][] = [
    ["the draw", { draw: `${draw}-`, agency, proof }],
    ...changed.map(([what, change]): [string, Shown] => [
      what,
      { draw, agency, proof: { ...proof, ...change } },
    ]),
    ...fields.map(([what, change]): [string, Shown] => [
      what,
      { draw, agency: { ...agency, ...change }, proof },
    ]),
  ];
  // A path that reads the same from both ends is no forgery.
  return all.filter(([what]) => what !== "the other order" || differs(path, path.toReversed()));
}

function differs(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return !Buffer.concat(a).equals(Buffer.concat(b));
}

const showing = ({ draw, agency, proof }: Shown): Buffer | undefined =>
  sealByProof(draw, agency, proof);

describe(`sealByProof (${seedNote})`, () => {
  it("gives the seal for every agency of every draw", () => {
    fc.assert(
      fc.property(anySealed, ([sealed]) => {
        const seal = sealOf(sealed);
        for (const index of sealed.agencies.keys()) {
          assert.deepEqual(showing(shownAt(sealed, index)), seal);
        }
      }),
      { numRuns: 200, seed },
    );
  });

  it("gives another seal, or none, when anything that is shown is changed", () => {
    fc.assert(
      fc.property(anySealed, fc.nat(255), ([sealed, index], at) => {
        const seal = sealOf(sealed);
        for (const [what, forged] of forgeries(shownAt(sealed, index), at)) {
          assert.ok(showing(forged)?.equals(seal) !== true, what);
        }
      }),
      { numRuns: 300, seed },
    );
  });

  it("needs as many hashes as the tree is high, and none for a single agency", () => {
    for (const [agencies, index, hashes] of [
      [1, 0, 0],
      [2, 1, 1],
      [3, 0, 2],
      [3, 2, 1],
      [5, 4, 1],
      [8, 7, 3],
      [1000, 0, 10],
    ] as const) {
      assert.equal(new SealTree(agenciesOf(agencies)).pathTo(index).length, hashes);
    }
  });
});

describe("sealedAgency", () => {
  it("counts the batches before the next sequence", () => {
    const head = Buffer.from(head1, "hex");
    const standing = { nextSequence: 8, bets: 700, head, done: true };
    const sealed = { agency: 4, batches: 7, bets: 700, head };
    assert.deepEqual(sealedAgency(4 as AgencyId, standing), { ...sealed, closedOut: false });
    const closedOut = { ...standing, done: false, closedOut: true };
    assert.deepEqual(sealedAgency(4 as AgencyId, closedOut), { ...sealed, closedOut: true });
  });
});
