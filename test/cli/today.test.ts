import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, it } from "node:test";
import { root } from "../support/paths.ts";
import { tempDir } from "../support/temp-dir.ts";
import { clockAt } from "./clock-at.ts";

const PROGRAM = join(root, "dist", "test", "cli", "today-program.js");
/** Three hours behind universal time, and fourteen ahead of it. */
const ZONES = ["America/Argentina/Buenos_Aires", "Pacific/Kiritimati"];

describe("the day of today, after which no birthdate may be", () => {
  for (const [moment, today, taken] of [
    ["2026-03-01T23:59:59.999Z", 2026_03_01, false],
    ["2026-03-02T00:00:00.000Z", 2026_03_02, true],
    ["2026-03-02T02:59:59.999Z", 2026_03_02, true],
  ] as const) {
    it(`is ${today} at ${moment} in every time zone, for central and agency`, async (t) => {
      const preload = join(await tempDir(t), "clock.mjs");
      writeFileSync(preload, clockAt(moment));
      for (const zone of ZONES) {
        const args = ["--import", pathToFileURL(preload).href, PROGRAM, "2026-03-02"];
        const env = { PATH: process.env["PATH"], TZ: zone };
        const told = execFileSync(process.execPath, args, { env, encoding: "utf8" });
        assert.deepEqual(JSON.parse(told), { today, taken }, zone);
      }
    });
  }
});
