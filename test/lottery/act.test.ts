import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import {
  type Act,
  ACT_BYTES_MAX,
  type Deed,
  encodeAct,
  parseAct,
  shownActs,
  wordFlaw,
} from "../../src/lottery/act.ts";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { seed, seedNote } from "../support/seed.ts";
import { anyAct } from "./arbitrary-acts.ts";

const AT = "2026-11-30T21:00:00.000Z";
const close: Act = {
  deed: { kind: "close" },
  atMs: Date.parse(AT),
  by: "(clock)",
  reason: "",
};

describe("the text of an act", () => {
  it("has its keys in one order, and the time as an ISO date", () => {
    const texts = (deed: Deed): string =>
      encodeAct({ deed, atMs: Date.parse(AT), by: "ana", reason: 'the "line" is down' }).toString();
    const end = `"at":"${AT}","by":"ana","reason":"the \\"line\\" is down"}`;
    assert.deepEqual(
      [
        texts({ kind: "open" }),
        texts({ kind: "close" }),
        texts({ kind: "close-out", agency: 4 as AgencyId }),
        texts({ kind: "cancel" }),
        texts({ kind: "propose-number", number: 0 }),
        texts({ kind: "tell-number", number: 9999 }),
        texts({ kind: "run" }),
      ],
      [
        `{"act":"open",${end}`,
        `{"act":"close",${end}`,
        `{"act":"close-out","agency":4,${end}`,
        `{"act":"cancel",${end}`,
        `{"act":"propose-number","number":0,${end}`,
        `{"act":"tell-number","number":9999,${end}`,
        `{"act":"run",${end}`,
      ],
    );
  });

  it(`is read back as the same act (${seedNote})`, () => {
    fc.assert(
      fc.property(anyAct, (act) => {
        const bytes = encodeAct(act);
        assert.ok(bytes.length <= ACT_BYTES_MAX);
        assert.deepEqual(parseAct(bytes), act);
      }),
      { numRuns: 1000, seed },
    );
  });

  it(`is read only if it is exactly what would be written (${seedNote})`, () => {
    const changed = fc.tuple(anyAct, fc.nat(2000), fc.nat(255), fc.constantFrom(-1, 0, 1));
    let refused = 0;
    fc.assert(
      fc.property(changed, ([act, place, byte, longer]) => {
        const good = encodeAct(act);
        const at = place % (good.length + 1);
        const bytes = Buffer.concat([
          good.subarray(0, at),
          longer < 0 ? Buffer.alloc(0) : Buffer.of(byte),
          good.subarray(longer > 0 ? at : at + 1),
        ]);
        const parsed = parseAct(bytes);
        if (parsed === undefined) refused++;
        // A byte of a word or a digit may make another act.
        else assert.deepEqual(encodeAct(parsed), bytes);
      }),
      { numRuns: 3000, seed },
    );
    assert.ok(refused > 300, `${refused} were refused`);
  });

  const text = encodeAct(close).toString();
  const head = '{"act":"close",';
  const others: Readonly<Record<string, string | Buffer>> = {
    nothing: "",
    "no JSON": text.slice(0, -1),
    "no object": "null",
    "a list": `[${text}]`,
    "a line end after it": `${text}\n`,
    "a space in it": text.replace(",", ", "),
    "a byte order mark before it": `\uFEFF${text}`,
    "bytes that are no UTF-8": Buffer.concat([
      Buffer.from(text.slice(0, -2)),
      Buffer.of(0xff),
      Buffer.from('"}'),
    ]),
    "its keys in another order": `${head}"by":"(clock)","at":"${AT}","reason":""}`,
    "a key more": text.replace("}", ',"more":1}'),
    "a key twice": `${head}${text.slice(1)}`,
    "no reason": `${head}"at":"${AT}","by":"(clock)"}`,
    "a reason that is no text": text.replace('""', "7"),
    "an escape that is not needed": text.replace("clock", "cl\\u006fck"),
    "a time in another form": text.replace(".000Z", "Z"),
    "a time that is no time": text.replace(AT, "yesterday"),
    "a time as a number": text.replace(`"${AT}"`, String(Date.parse(AT))),
    "no act that there is": text.replace("close", "reopen"),
    "an agency for a close": text.replace(head, `${head}"agency":1,`),
    "a close-out of nobody": text.replace("close", "close-out"),
    "a close-out of agency 0": text.replace(head, '{"act":"close-out","agency":0,'),
    "a close-out of agency 1.0": text.replace(head, '{"act":"close-out","agency":1.0,'),
    "a close-out of an agency as text": text.replace(head, '{"act":"close-out","agency":"1",'),
    "no number": text.replace("close", "tell-number"),
    "a number below 0": text.replace(head, '{"act":"tell-number","number":-1,'),
    "minus 0": text.replace(head, '{"act":"tell-number","number":-0,'),
    "a number above 9999": text.replace(head, '{"act":"propose-number","number":10000,'),
    "a number with a fraction": text.replace(head, '{"act":"tell-number","number":1.5,'),
    "a control character in its reason": text.replace('""', '"\\t"'),
    "half a character in its reason": text.replace('""', '"\\ud800"'),
    "a name of 65 bytes": text.replace("(clock)", "a".repeat(65)),
    "a reason of 257 bytes": text.replace('""', `"${"ñ".repeat(128)}a"`),
    "more bytes than an act may have": text.replace('""', `"${"\\u0041".repeat(200)}"`),
  };
  for (const [what, other] of Object.entries(others)) {
    it(`is refused with ${what}`, () => {
      assert.equal(parseAct(Buffer.from(other)), undefined);
    });
  }
});

describe("encodeAct", () => {
  it("takes words up to their limits in bytes, however JSON writes them", () => {
    for (const character of ['"', "\\", "a", "ñ", "€", "🎲"]) {
      const bytes = Buffer.byteLength(character);
      const by = character.repeat(Math.floor(64 / bytes));
      const reason = character.repeat(Math.floor(256 / bytes));
      const act: Act = {
        deed: { kind: "propose-number", number: 9999 },
        atMs: 8.64e15,
        by,
        reason,
      };
      const encoded = encodeAct(act);
      assert.ok(encoded.length <= ACT_BYTES_MAX, `${encoded.length} bytes`);
      assert.deepEqual(parseAct(encoded), act);
    }
  });

  const bad: Readonly<Record<string, [change: Partial<Act>, told: string]>> = {
    "a long name": [{ by: "ñ".repeat(33) }, "its operator's name has 66 bytes, max is 64"],
    "a long reason": [{ reason: "a".repeat(257) }, "its reason has 257 bytes, max is 256"],
    "a line end in a name": [{ by: "ana\n" }, "its operator's name has control characters"],
    "a C1 control": [{ reason: "\u0085" }, "its reason has control characters"],
    "half a character": [{ reason: "\udfff" }, "its reason is not valid Unicode"],
    "no time": [{ atMs: Number.NaN }, "its time is NaN, not whole milliseconds since 1970"],
    "half a millisecond": [{ atMs: 0.5 }, "its time is 0.5, not whole milliseconds since 1970"],
    "a time that no date has": [
      { atMs: 8.64e15 + 1 },
      "its time is 8640000000000001, not whole milliseconds since 1970",
    ],
    "a number above the highest": [
      { deed: { kind: "tell-number", number: 10_000 } },
      "its number is 10000, not 0 to 9999",
    ],
    "half a number": [
      { deed: { kind: "propose-number", number: 0.5 } },
      "its number is 0.5, not 0 to 9999",
    ],
  };
  for (const [what, [change, told]] of Object.entries(bad)) {
    it(`refuses an act that it could not read back, with ${what}`, () => {
      const act: Act = { ...close, ...change };
      assert.throws(() => encodeAct(act), {
        name: "RangeError",
        message: `Cannot record the act ${act.deed.kind}: ${told}`,
      });
    });
  }
});

it("a number that is only proposed is shown to nobody before the second operator has told it", () => {
  const proposed: Act = { ...close, deed: { kind: "propose-number", number: 4321 } };
  assert.equal(JSON.stringify(shownActs([proposed])).includes("4321"), false);
  const told = [proposed, { ...close, deed: { kind: "tell-number", number: 4321 } } as const];
  assert.deepEqual(
    shownActs(told).map(({ number }) => number),
    [4321, 4321],
  );
});

it("a word is judged by its bytes, its control characters and its Unicode", () => {
  assert.equal(wordFlaw("ñandú 🎲", 12), undefined);
  assert.equal(wordFlaw("ñandú 🎲", 11), "has 12 bytes, max is 11");
  assert.equal(wordFlaw("", 0), undefined);
  assert.equal(wordFlaw("\u007f", 9), "has control characters");
});
