import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { FIRST_HEAD, HEAD_BYTES, nextHead } from "../../src/lottery/chain.ts";

/** The definition, step by step. */
function headByDefinition(
  previous: Uint8Array,
  sequence: number,
  count: number,
  lines: Uint8Array,
): Buffer {
  const sequenceBytes = Buffer.alloc(8);
  sequenceBytes.writeBigUInt64BE(BigInt(sequence));
  const countBytes = Buffer.alloc(4);
  countBytes.writeUInt32BE(count);
  const linesHash = createHash("sha256").update(lines).digest();
  return createHash("sha256")
    .update(previous)
    .update(sequenceBytes)
    .update(countBytes)
    .update(linesHash)
    .digest();
}

// Computed with Python's hashlib and struct.
const vectors = [
  {
    sequence: 1,
    count: 1,
    lines: "1,Santiago Lionel,Lorca,30904465,1999-03-17,7574\r\n",
    head: "e72ac66ab12c1a819236e2b0bdeefb507147e4a132f5b427d11e2191d7abdcfa",
  },
  {
    sequence: 2,
    count: 2,
    lines: '1,"Lorca, Ana",Agüero,1,2000-02-29,0\r\n1,Ciro,,0042,1980-02-10,9955\r\n',
    head: "601e66d3025f0c9e6294b121a950553f048c64608c656104d18457f88aedf89d",
  },
  {
    sequence: 2 ** 32 + 5,
    count: 70_000,
    lines: "",
    head: "06aa49a69b2c6992d20282ccc934a6cedb4086663b990f1ae044dd25c0582489",
  },
];

describe("nextHead", () => {
  it("starts at 32 zero bytes", () => {
    assert.deepEqual(FIRST_HEAD, Buffer.alloc(32));
    assert.equal(HEAD_BYTES, 32);
  });

  it("gives the heads of the test vectors, each after the one before", () => {
    let head: Buffer = FIRST_HEAD;
    for (const { sequence, count, lines, head: expected } of vectors) {
      head = nextHead(head, sequence, count, Buffer.from(lines));
      assert.equal(head.toString("hex"), expected);
    }
  });

  it("follows its definition", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.maxSafeNat(),
        fc.integer({ min: 0, max: 0xffff_ffff }),
        fc.uint8Array(),
        (previous, sequence, count, lines) => {
          const head = nextHead(previous, sequence, count, lines);
          assert.deepEqual(head, headByDefinition(previous, sequence, count, lines));
        },
      ),
      {
        examples: [0xffff_ffff, 2 ** 32, Number.MAX_SAFE_INTEGER].map((sequence) => [
          FIRST_HEAD,
          sequence,
          0xffff_ffff,
          new Uint8Array(),
        ]),
      },
    );
  });

  it("returns heads that later calls do not change", () => {
    const first = nextHead(FIRST_HEAD, 1, 1, Buffer.from("a"));
    const copy = Buffer.from(first);
    nextHead(first, 2, 1, Buffer.from("b"));
    assert.deepEqual(first, copy);
  });
});
