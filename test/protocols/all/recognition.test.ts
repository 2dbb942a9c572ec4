import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createRandom, type Random } from "../../../src/generate/random.ts";
import { RECOGNISE_BYTES_MAX } from "../../../src/limits.ts";
import type { Dialect, Recognition } from "../../../src/protocols/dialect.ts";
import { DIALECTS } from "../../../src/protocols/dialects.ts";
import { recogniser } from "../../../src/protocols/recognise.ts";
import { seed, seedNote } from "../../support/seed.ts";
import { type Opening, OPENINGS, STRANGERS } from "./first-bytes.ts";

const HEADS = 20_000;

const recognise = recogniser(DIALECTS);
const openings = OPENINGS.filter(({ dialect }) => DIALECTS.some(({ name }) => name === dialect));

function told(head: Uint8Array, complete = false): string {
  const recognised = recognise(head, complete);
  return recognised.kind === "dialect" ? recognised.dialect.name : recognised.kind;
}

describe("the shared port, by how connections begin", () => {
  for (const { dialect, what, bytes } of openings) {
    it(`tells ${dialect}, ${what}, cut anywhere`, () => {
      for (let cut = 0; cut < bytes.length; cut++) {
        const name = told(bytes.subarray(0, cut));
        assert.ok(name === "more" || name === dialect, `after ${cut} bytes: ${name}`);
      }
      // The client says nothing more before it is answered.
      assert.equal(told(bytes), dialect);
    });
  }

  it("waits for more when it has only the hello of fixed70, which others could begin with", () => {
    assert.equal(told(Buffer.of(0, 0, 0, 1)), "more");
  });

  for (const [what, bytes] of Object.entries(STRANGERS)) {
    it(`takes nobody's word for ${what}`, () => {
      for (let cut = 0; cut <= bytes.length; cut++) {
        const name = told(bytes.subarray(0, cut));
        assert.ok(name === "more" || name === "unknown", `after ${cut} bytes: ${name}`);
      }
      assert.equal(told(bytes, true), "unknown");
    });
  }

  it("names the dialect that it is not to speak, cut anywhere", () => {
    for (const { dialect, what, bytes } of openings) {
      const others = DIALECTS.filter(({ name }) => name !== dialect);
      const without = recogniser(
        others,
        DIALECTS.filter((each) => !others.includes(each)),
      );
      for (let cut = 0; cut <= bytes.length; cut++) {
        const recognised = without(bytes.subarray(0, cut));
        const name = recognised.kind === "disabled" ? recognised.dialect.name : recognised.kind;
        const expected = [dialect, ...(cut < bytes.length ? ["more"] : [])];
        assert.ok(expected.includes(name), `${dialect}, ${what}, after ${cut} bytes: ${name}`);
      }
    }
  });
});

describe(`every dialect by itself, asked about ${HEADS} heads (${seedNote})`, () => {
  for (const dialect of DIALECTS) {
    it(`${dialect.name} makes up its mind once, within ${RECOGNISE_BYTES_MAX} bytes`, () => {
      for (const head of heads(createRandom(seed))) assertSteady(dialect, head);
    });
  }

  it("at most one takes a connection", () => {
    for (const head of heads(createRandom(seed, 1))) {
      const takers = DIALECTS.filter((dialect) => dialect.recognise(head) === "yes");
      assert.ok(
        takers.length <= 1,
        `${takers.map(({ name }) => name).join(" and ")} take ${head.toString("hex")}`,
      );
    }
  });
});

/** What it has said of a beginning holds for whatever follows. */
function assertSteady(dialect: Dialect, head: Buffer): void {
  let said: Recognition = "more";
  for (let cut = 0; cut <= head.length; cut++) {
    const now = dialect.recognise(head.subarray(0, cut));
    if (said !== "more") {
      assert.equal(now, said, `${dialect.name} of ${cut} bytes of ${head.toString("hex")}`);
    }
    said = now;
  }
  if (head.length === RECOGNISE_BYTES_MAX) {
    assert.notEqual(said, "more", `${dialect.name} of ${head.toString("hex")}`);
  }
}

/** Beginnings of real connections, spoiled and mixed; and noise. */
function* heads(random: Random): Generator<Buffer> {
  const [first, ...others] = openings;
  const sources: readonly [Opening, ...Opening[]] = [first ?? assert.fail(), ...others];
  for (let made = 0; made < HEADS; made++) {
    const bytes = random.below(4) === 0 ? RECOGNISE_BYTES_MAX : random.below(24);
    const head = Buffer.alloc(bytes);
    for (let at = 0; at < bytes; at++) head[at] = byteOf(random);
    if (random.below(8) > 0) {
      const source = random.pick(sources).bytes;
      source.copy(head, 0, 0, random.below(source.length + 1));
    }
    const spoiled = bytes === 0 ? 0 : random.below(3);
    for (let done = 0; done < spoiled; done++) {
      head[random.below(Math.min(bytes, 16))] = byteOf(random);
    }
    yield head;
  }
}

/** Any byte, and often one that decides somewhere. */
function byteOf(random: Random): number {
  const deciding = [
    0, 0, 0, 1, 3, 4, 5, 6, 0x0a, 0x0d, 0x23, 0x30, 0x31, 0x3a, 0x41, 0xc3,
  ] as const;
  return random.below(2) === 0 ? random.pick(deciding) : random.below(256);
}
