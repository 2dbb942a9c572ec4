import assert from "node:assert/strict";
import { mkdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, it } from "node:test";
import {
  CLOCK_TOLERANCE_MS,
  expectBelievable,
  newestFile,
} from "../../src/cli/believable-clock.ts";
import { builtAt } from "../../src/cli/build-stamp.ts";
import { tempDir } from "../support/temp-dir.ts";

const at = new Date("2026-03-01T12:00:00Z");
const built = { what: "this program was built", at, file: undefined };
const written = { what: "data/1/00000001.seg was written", at, file: "data/1/00000001.seg" };
const before = (ms: number): Date => new Date(at.getTime() - ms);

describe("a clock at the start of a central", () => {
  it("is believed without earlier times, after them, and a little before them", () => {
    expectBelievable(new Date(0), []);
    for (const now of [before(-1), at, before(CLOCK_TOLERANCE_MS), new Date("2099-01-01")]) {
      expectBelievable(now, [built, written]);
    }
  });

  it("is refused when it is before the program was built", () => {
    const message =
      "Cannot start: the clock says 1980-01-01T00:00:00.000Z, but this program was built at 2026-03-01T12:00:00.000Z; set the clock (or start with SERVER_CLOCK=trust)";
    assert.throws(() => expectBelievable(new Date("1980-01-01"), [built]), {
      name: "CentralError",
      code: "CLOCK_UNBELIEVABLE",
      message,
    });
  });

  it("is refused when it is before the newest file of the draw, naming it and what to do", () => {
    const older = { ...built, at: before(1e9) };
    assert.throws(() => expectBelievable(before(CLOCK_TOLERANCE_MS + 1), [older, written]), {
      code: "CLOCK_UNBELIEVABLE",
      message: /00000001\.seg was written at 2026-03-01T12:00:00\.000Z; .*touch data\/1\/00000001/,
    });
  });
});

describe("the newest file of a draw", () => {
  it("is a file that is written when something is stored, and never the lock", async (t) => {
    const dir = await tempDir(t);
    assert.equal(await newestFile(join(dir, "missing")), undefined);
    assert.equal(await newestFile(dir), undefined);
    const years = { "draw.json": 2020, "00000001.seg": 2022, "00000001.sum": 2021 };
    const others = { "ledger.lock.guard": 2040, "notes.txt": 2041, "00000002.seg.tmp": 2042 };
    for (const [name, year] of Object.entries({ ...years, ...others })) {
      await writeFile(join(dir, name), "");
      const time = new Date(Date.UTC(year, 0, 1));
      await utimes(join(dir, name), time, time);
    }
    await mkdir(join(dir, "a folder"));
    const newest = await newestFile(dir);
    assert.equal(newest?.file, join(dir, "00000001.seg"));
    assert.equal(newest.at.toISOString(), "2022-01-01T00:00:00.000Z");
  });
});

describe("the build stamp", () => {
  it("is read if it is valid, and otherwise ignored", async (t) => {
    const file = pathToFileURL(join(await tempDir(t), "build.json"));
    assert.equal(builtAt(file), undefined);
    for (const [text, expected] of [
      ['{"builtAt":"2026-03-01T12:00:00.000Z"}', at],
      ['{"builtAt":"soon"}', undefined],
      ["{}", undefined],
      ["null", undefined],
      ["no JSON", undefined],
    ] as const) {
      await writeFile(file, text);
      assert.deepEqual(builtAt(file), expected, text);
    }
  });
});
