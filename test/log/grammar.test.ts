import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { formatJson } from "../../src/log/format-json.ts";
import { formatText, localStamp, type Side } from "../../src/log/format-text.ts";
import { LOG_LEVELS, type LogEvent } from "../../src/log/logger.ts";
import { parseLine } from "../../src/log/parse-line.ts";

const sides = fc.constantFrom<Side[]>("central", "agency");
const levels = fc.constantFrom(...LOG_LEVELS);
const times = fc.date({ min: new Date(1971, 0), max: new Date(2100, 0), noInvalidDate: true });

/** Any text of a program, also halves of surrogate pairs and the grammar's own marks. */
const texts = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
  fc.string({
    unit: fc.constantFrom("|", " ", ": ", " | ", "\\", "\\u007c", "\n", "\r", "é", "N°1"),
  }),
);
const events: fc.Arbitrary<LogEvent> = fc
  .record({
    action: texts,
    result: fc.constantFrom("success" as const, "fail" as const, "in_progress" as const),
    others: fc.dictionary(texts, fc.oneof(texts, fc.double(), fc.boolean(), fc.integer())),
  })
  .map(({ action, result, others }) => ({ ...others, action, result }));

describe("any event", () => {
  it("makes one line of text that reads back as the same event", () => {
    fc.assert(
      fc.property(sides, levels, events, times, (side, level, event, time) => {
        const line = formatText(side, level, event, time);
        assert.doesNotMatch(line, ENDS_A_LINE);

        const parsed = parseLine(line);
        assert.ok(parsed);
        assert.equal(parsed.level, level);
        assert.equal(localStamp(parsed.time), localStamp(time));
        assert.deepEqual(
          { ...parsed.event },
          Object.fromEntries(Object.entries(event).map(([key, value]) => [key, String(value)])),
        );
      }),
    );
  });

  it("has no separator inside a key or value", () => {
    fc.assert(
      fc.property(events, (event) => {
        const line = formatText("agency", "info", event, new Date(0));
        assert.equal(line.split("|").length, Object.keys(event).length);
      }),
    );
  });

  it("makes one line of JSON with the same content", () => {
    fc.assert(
      fc.property(sides, levels, events, times, (side, level, event, time) => {
        const line = formatJson(side, level, event, time);
        assert.doesNotMatch(line, ENDS_A_LINE);

        const { action, result, ...others } = event;
        const headed = Object.entries(others).map(([key, value]) => [
          ["time", "level", "side"].includes(key) ? `${key}_` : key,
          typeof value === "number" && !Number.isFinite(value) ? null : value,
        ]);
        assert.deepEqual(JSON.parse(line), {
          ...(JSON.parse(JSON.stringify(Object.fromEntries(headed))) as object),
          time: time.toISOString(),
          level,
          side,
          action,
          result,
        });
      }),
    );
  });
});

/** Everything that some reader takes as the end of a line. */
const ENDS_A_LINE = /[\n\v\f\r\u0085\u2028\u2029]/;

function rendered(value: string): string | undefined {
  const line = formatText(
    "central",
    "info",
    { action: "a", result: "success", v: value },
    new Date(0),
  );
  return line.split("| v: ")[1];
}

describe("a value", () => {
  it("stays as it is when it is ordinary", () => {
    for (const value of [
      "[CLIENT 1] Message N°1",
      "Ñandú, José María",
      "10.0.0.1:80",
      "a  b: c",
      "🎲",
    ]) {
      assert.equal(rendered(value), value);
    }
  });

  it("is escaped if it would break the line", () => {
    assert.equal(rendered("a|b"), "a\\u007cb");
    assert.equal(rendered("a\r\nb"), "a\\u000d\\u000ab");
    assert.equal(rendered("C:\\u007c"), "C:\\\\u007c");
    assert.equal(rendered("\u001b[31m"), "\\u001b[31m");
    assert.equal(rendered("\ud800"), "\\ud800");
    assert.equal(rendered("\u202etxt"), "\\u202etxt");
  });
});

describe("a line that does not follow the grammar", () => {
  const good = "2024-08-21 22:11:15 INFO     action: a | result: success | k: v";
  it("is recognised", () => assert.ok(parseLine(good)));
  for (const [why, line] of [
    ["no time", "INFO     action: a | result: success"],
    ["a day that is none", good.replace("08-21", "02-30")],
    ["too few spaces", good.replace("INFO     ", "INFO ")],
    ["an unknown level", good.replace("INFO ", "LOUD ")],
    ["no action", good.replace("action: a | ", "")],
    ["result first", "2024-08-21 22:11:15 INFO     result: success | action: a"],
    ["an unknown result", good.replace("success", "perhaps")],
    ["a key without a value", good.replace("k: v", "k")],
    ["a key with a space", good.replace("k: v", "k k: v")],
    ["a key twice", `${good} | k: w`],
    ["a bare separator in a value", good.replace("k: v", "k: a|b")],
    ["a bare backslash", good.replace("k: v", "k: a\\b")],
    ["a line end", `${good}\n`],
    ["nothing at all", ""],
  ] as const) {
    it(`is refused because of ${why}`, () => assert.equal(parseLine(line), undefined));
  }
});

describe("the time of a line", () => {
  it("is the local time in any time zone", (t) => {
    const zone = process.env["TZ"];
    t.after(() => {
      if (zone === undefined) delete process.env["TZ"];
      else process.env["TZ"] = zone;
    });
    const time = new Date(Date.UTC(2024, 7, 22, 1, 2, 3));
    process.env["TZ"] = "America/Argentina/Buenos_Aires";
    assert.equal(localStamp(time), "2024-08-21 22:02:03");
    process.env["TZ"] = "Asia/Tokyo";
    assert.equal(localStamp(time), "2024-08-22 10:02:03");
  });
});
