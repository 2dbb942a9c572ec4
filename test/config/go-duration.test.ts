import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { formatGoDuration, parseGoDuration } from "../../src/config/go-duration.ts";

const MS = 1_000_000n;
const SECOND = 1000n * MS;
const MINUTE = 60n * SECOND;
const HOUR = 60n * MINUTE;
const MAX = 2n ** 63n - 1n;

describe("printing a duration as Go's Duration.String does", () => {
  for (const [nanoseconds, text] of [
    [0n, "0s"],
    [1n, "1ns"],
    [1100n, "1.1µs"],
    [100_000n, "100µs"],
    [2200n * 1000n, "2.2ms"],
    [100n * MS, "100ms"],
    [3300n * MS, "3.3s"],
    [5n * SECOND, "5s"],
    [MINUTE, "1m0s"],
    [4n * MINUTE + 5n * SECOND, "4m5s"],
    [4n * MINUTE + 5001n * MS, "4m5.001s"],
    [HOUR, "1h0m0s"],
    [5n * HOUR + 6n * MINUTE + 7001n * MS, "5h6m7.001s"],
    [8n * MINUTE + 1n, "8m0.000000001s"],
    [MAX, "2562047h47m16.854775807s"],
    [-MAX - 1n, "-2562047h47m16.854775808s"],
    [-1500n * MS, "-1.5s"],
  ] as const) {
    it(`gives ${text}`, () => assert.equal(formatGoDuration(nanoseconds), text));
  }
});

describe("reading a duration as Go's ParseDuration does", () => {
  for (const [text, nanoseconds] of [
    ["0", 0n],
    ["-0", 0n],
    ["+0", 0n],
    ["5s", 5n * SECOND],
    ["-5s", -5n * SECOND],
    ["+5s", 5n * SECOND],
    ["5.0s", 5n * SECOND],
    ["5.6s", 5600n * MS],
    ["5.s", 5n * SECOND],
    [".5s", 500n * MS],
    ["1.004s", 1004n * MS],
    ["1.0040s", 1004n * MS],
    ["100.00100s", 100n * SECOND + MS],
    ["10ns", 10n],
    ["500us", 500n * 1000n],
    ["12\u00b5s", 12_000n],
    ["12\u03bcs", 12_000n],
    ["100ms", 100n * MS],
    ["1m30s", 90n * SECOND],
    ["1.5h", 90n * MINUTE],
    ["3h30m", 3n * HOUR + 30n * MINUTE],
    ["10.5s4m", 4n * MINUTE + 10_500n * MS],
    ["-2m3.4s", -(2n * MINUTE + 3400n * MS)],
    ["1h2m3s4ms5us6ns", HOUR + 2n * MINUTE + 3n * SECOND + 4n * MS + 5006n],
    ["52763797000ns", 52_763_797_000n],
    ["0.3333333333333333333h", 20n * MINUTE],
    ["0.100000000000000000000h", 6n * MINUTE],
    ["0.830103483285477580700h", 49n * MINUTE + 48n * SECOND + 372_539_827n],
    ["9007199254740993ns", 2n ** 53n + 1n],
    ["9223372036854775807ns", MAX],
    ["9223372036854775.807us", MAX],
    ["9223372036s854ms775us807ns", MAX],
    ["-9223372036854775808ns", -MAX - 1n],
  ] as const) {
    it(`accepts "${text}"`, () => assert.equal(parseGoDuration(text), nanoseconds));
  }
  for (const text of [
    "",
    "3",
    "-",
    "s",
    ".",
    "-.",
    ".s",
    "+.s",
    "1d",
    "1S",
    " 1s",
    "1s ",
    "1 s",
    "1,5s",
    "--1s",
    "0x1s",
    "1constructors",
    "3000000h",
    "9223372036854775808ns",
    "9223372036854775.808us",
    "-9223372036854775809ns",
  ]) {
    it(`refuses "${text}"`, () => assert.equal(parseGoDuration(text), undefined));
  }
});

it("any printed duration is read back as the same duration", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -MAX, max: MAX }), (nanoseconds) => {
      // Whole microseconds, because Go reads fractions in floating point and may be wrong by a
      // nanosecond.
      const whole = nanoseconds - (nanoseconds % 1000n);
      assert.equal(parseGoDuration(formatGoDuration(whole)), whole);
    }),
  );
});

it("any text is read as a duration or refused", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."0123459.-+smhnuµ ".split("")) }), (text) => {
      const value = parseGoDuration(text);
      if (value !== undefined)
        assert.equal(parseGoDuration(formatGoDuration(value)) !== undefined, true);
    }),
  );
});
