import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { AGENCY_MAX, type AgencyId } from "../../src/lottery/bet.ts";
import { hideTokens } from "../../src/identity/hide-tokens.ts";
import {
  isToken,
  newToken,
  type ProofMessage,
  proofOf,
  provenKey,
  storedKeyOf,
} from "../../src/identity/token.ts";
import { root } from "../support/paths.ts";

interface Golden {
  readonly token: string;
  readonly challenge: string;
  readonly channelBinding: string;
  readonly agency: AgencyId;
  readonly draw: string;
  readonly storedKey: string;
  readonly proof: string;
}

const GOLDEN: readonly Golden[] = JSON.parse(
  readFileSync(join(root, "test/golden/identity/proofs.json"), "utf8"),
);

const hex = (text: string): Buffer => Buffer.from(text, "hex");
const messageOf = (golden: Golden): ProofMessage => ({
  ...golden,
  challenge: hex(golden.challenge),
  channelBinding: hex(golden.channelBinding),
});

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const messages: fc.Arbitrary<ProofMessage> = fc.record({
  challenge: bytes32,
  channelBinding: bytes32,
  agency: fc.integer({ min: 1, max: AGENCY_MAX }).map((agency) => agency as AgencyId),
  draw: fc.string({ unit: "grapheme", maxLength: 64 }),
});
const tokens = bytes32.map((secret) => `qnl_${Buffer.from(secret).toString("base64url")}`);

const proves = (...given: Parameters<typeof provenKey>): boolean =>
  provenKey(...given) !== undefined;

describe("a token's proof", () => {
  for (const golden of GOLDEN) {
    it(`has the bytes of the golden vector for draw ${golden.draw}`, () => {
      const message = messageOf(golden);
      assert.equal(storedKeyOf(golden.token), golden.storedKey);
      assert.equal(Buffer.from(proofOf(golden.token, message)).toString("hex"), golden.proof);
      assert.equal(proves([golden.storedKey], hex(golden.proof), message), true);
    });
  }

  it("is accepted with the token's stored key, alone or beside another, and with no other", () => {
    fc.assert(
      fc.property(tokens, tokens, messages, (token, other, message) => {
        fc.pre(token !== other);
        const [mine, foreign] = [storedKeyOf(token), storedKeyOf(other)];
        const proof = proofOf(token, message);
        assert.equal(proves([mine], proof, message), true);
        assert.equal(provenKey([foreign, mine], proof, message), mine);
        assert.equal(proves([mine, foreign], proof, message), true);
        assert.equal(proves([foreign], proof, message), false);
        assert.equal(proves([], proof, message), false);
      }),
    );
  });

  it("proves nothing for another challenge, connection, agency or draw", () => {
    fc.assert(
      fc.property(tokens, messages, messages, (token, message, other) => {
        const proof = proofOf(token, message);
        for (const key of ["challenge", "channelBinding", "agency", "draw"] as const) {
          fc.pre(String(message[key]) !== String(other[key]));
          const changed = { ...message, [key]: other[key] };
          assert.equal(proves([storedKeyOf(token)], proof, changed), false, key);
        }
      }),
    );
  });

  it("is refused when any bit of it is different, or when it is shorter or longer", () => {
    fc.assert(
      fc.property(tokens, messages, fc.nat(255), (token, message, bit) => {
        const proof = Uint8Array.from(proofOf(token, message));
        const keys = [storedKeyOf(token)];
        assert.equal(proves(keys, proof.subarray(0, 31), message), false);
        assert.equal(proves(keys, Buffer.concat([proof, Buffer.of(0)]), message), false);
        proof[bit >> 3] = (proof[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        assert.equal(proves(keys, proof, message), false);
      }),
    );
  });

  it("cannot be made from the stored key", () => {
    fc.assert(
      fc.property(tokens, messages, (token, message) => {
        const storedKey = storedKeyOf(token);
        // A thief of agencies.yaml has nothing better than the stored key in the place of the token.
        const thief = `qnl_${hex(storedKey).toString("base64url")}`;
        assert.equal(proves([storedKey], proofOf(thief, message), message), false);
        assert.equal(proves([storedKey], hex(storedKey), message), false);
        assert.equal(proves([storedKey], new Uint8Array(32), message), false);
      }),
    );
  });

  it("is not accepted for a stored key that is no key", () => {
    const [golden] = GOLDEN;
    assert.ok(golden);
    const message = messageOf(golden);
    for (const key of ["", "00", golden.storedKey.slice(2), `${golden.storedKey}00`, "zz"]) {
      assert.equal(proves([key], hex(golden.proof), message), false, key);
    }
  });

  it("needs a challenge and a channel binding of 32 bytes", () => {
    const token = newToken();
    const message = {
      challenge: new Uint8Array(32),
      channelBinding: new Uint8Array(32),
      agency: 1 as AgencyId,
      draw: "1",
    };
    for (const key of ["challenge", "channelBinding"] as const) {
      const short = { ...message, [key]: new Uint8Array(31) };
      const expected = { message: `Cannot prove: ${key} has 31 bytes; allowed: 32` };
      assert.throws(() => proofOf(token, short), expected);
      assert.throws(() => proves([storedKeyOf(token)], new Uint8Array(32), short), expected);
    }
  });

  it("recovers the key whose hash is stored, as SCRAM does", () => {
    const [golden] = GOLDEN;
    assert.ok(golden);
    const { challenge, channelBinding, agency, draw } = messageOf(golden);
    const text = Buffer.concat([
      Buffer.from("quiniela/1 proof\n"),
      challenge,
      channelBinding,
      Buffer.of(0, 0, 0, agency),
      Buffer.from(draw),
    ]);
    const mask = createHmac("sha256", hex(golden.storedKey)).update(text).digest();
    const clientKey = hex(golden.proof).map((byte, at) => byte ^ (mask[at] ?? 0));
    assert.equal(createHash("sha256").update(clientKey).digest("hex"), golden.storedKey);
  });
});

describe("a token", () => {
  it("is new each time, and has 256 bits", () => {
    const made = Array.from({ length: 100 }, () => newToken());
    assert.equal(new Set(made).size, 100);
    for (const token of made) {
      assert.match(token, /^qnl_[A-Za-z0-9_-]{43}$/);
      assert.ok(isToken(token));
    }
  });

  it("has one form only, and no error repeats a text in another form", () => {
    const good = GOLDEN[0]?.token ?? "";
    const bad = [
      "",
      "qnl_",
      good.slice(4),
      good.slice(0, -1),
      `${good}A`,
      `${good}=`,
      `${good}\n`,
      ` ${good}`,
      good.replace("qnl_", "QNL_"),
      // Differs only in bits that the decoder drops.
      `${good.slice(0, -1)}9`,
      good.replace("E", "+"),
    ];
    assert.ok(isToken(good));
    for (const text of bad) {
      assert.equal(isToken(text), false, JSON.stringify(text));
      assert.throws(() => storedKeyOf(text), {
        name: "RangeError",
        message:
          "Cannot use the token: it has another form; allowed: qnl_ and 43 characters of base64url",
      });
    }
  });

  it("is hidden in every text that is shown", () => {
    fc.assert(
      fc.property(tokens, fc.string(), fc.string(), (token, before, after) => {
        const shown = hideTokens(`${before}${token}${after}`);
        assert.ok(!shown.includes(token.slice(4)), shown);
      }),
    );
    assert.equal(hideTokens("name: qnl_abc-D_1, x"), "name: qnl_…, x");
  });
});
