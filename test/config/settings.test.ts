import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { BET_ENVIRONMENT } from "../../src/config/bet-environment.ts";
import { parseGoDuration, formatGoDuration } from "../../src/config/go-duration.ts";
import { loadAgencyConfig } from "../../src/config/load-agency.ts";
import { loadCentralConfig } from "../../src/config/load-central.ts";
import type { Setting } from "../../src/config/setting.ts";
import { AGENCY_SETTINGS, CENTRAL_SETTINGS } from "../../src/config/settings.ts";
import { allowedFor } from "../../src/config/value.ts";
import { root } from "../support/paths.ts";

const DIALECTS = ["native", "echo"];

describe("the tables of settings", () => {
  for (const [program, table] of [
    ["central", CENTRAL_SETTINGS],
    ["agency", AGENCY_SETTINGS],
  ] as const) {
    it(`give each key of the ${program} its own variable and option`, () => {
      for (const name of ["key", "environment", "flag"] as const) {
        const names = table.map((setting) => setting[name].toLowerCase());
        assert.equal(new Set(names).size, names.length);
      }
      for (const { flag } of table) assert.match(flag, /^--[a-z]+(-[a-z]+)*$/);
    });

    it(`write the durations of the ${program} as Go does`, () => {
      for (const { type, default: standard } of table) {
        if (type.kind !== "duration") continue;
        for (const text of [standard ?? type.min, type.min, type.max]) {
          const value = parseGoDuration(text);
          assert.equal(value === undefined ? undefined : formatGoDuration(value), text);
        }
      }
    });
  }

  it("name a central's variables like its keys", () => {
    for (const { key, environment } of CENTRAL_SETTINGS) assert.equal(environment, key);
  });

  it("name an agency's variables as the course's client does", () => {
    for (const { key, environment } of AGENCY_SETTINGS) {
      assert.equal(environment, `CLI_${key.replaceAll(".", "_").toUpperCase()}`);
    }
  });
});

describe("docs/configuration.md", () => {
  const text = readFileSync(join(root, "docs", "configuration.md"), "utf8");

  for (const setting of [...CENTRAL_SETTINGS, ...AGENCY_SETTINGS]) {
    it(`lists ${setting.environment} with its default and its allowed values`, () => {
      assert.ok(text.includes(`\n${documented(setting)}\n`), `Missing: ${documented(setting)}`);
    });
  }
  for (const { name, allowed } of BET_ENVIRONMENT) {
    it(`lists ${name} with its allowed values`, () => {
      assert.ok(text.includes(`| \`${name}\` | ${allowed} |`));
    });
  }
  it("lists no other settings", () => {
    const rows = text.match(/^\| `[^|]*` \|.*`--.*$/gm) ?? [];
    assert.equal(rows.length, CENTRAL_SETTINGS.length + AGENCY_SETTINGS.length);
  });
});

/** A setting's row: key, variable if it differs, option, default, allowed, meaning. */
function documented(setting: Setting): string {
  const { key, environment, flag, type, doc } = setting;
  const standard = setting.default === "" ? "nothing" : setting.default && `\`${setting.default}\``;
  return [
    "",
    `\`${key}\``,
    ...(environment === key ? [] : [`\`${environment}\``]),
    `\`${flag}\``,
    standard ?? setting.absent ?? "",
    allowedFor(type),
    doc,
    "",
  ]
    .join(" | ")
    .trim();
}

describe("the files of the exercise", () => {
  it("in server/config.ini have the course's keys and values", () => {
    const file = join(root, "server", "config.ini");
    const { port, serverIp, listenBacklog, loggingLevel, loggingLevelText, ...others } =
      loadCentralConfig({
        file,
        env: {},
        dialects: DIALECTS,
      });
    assert.deepEqual(
      [port, serverIp, listenBacklog, loggingLevel, loggingLevelText],
      [12345, "server", 5, "debug", "DEBUG"],
    );
    const standard = loadCentralConfig({ file: "/dev/null", env: {}, dialects: DIALECTS });
    assert.deepEqual({ ...standard, ...others }, standard);
  });

  it("in client/config.yaml have the course's keys and values", () => {
    const options = { env: { CLI_ID: "1" }, dialects: DIALECTS, today: 20261120 };
    const file = join(root, "client", "config.yaml");
    const config = loadAgencyConfig({ ...options, file });
    assert.deepEqual(
      [config.serverAddress, config.loopAmount, config.loopPeriod, config.logLevelText],
      ["server:12345", 5, "5s", "DEBUG"],
    );
    assert.ok(config.batchAmountMax * 65 < 8000);
    assert.equal(config.batchBytesMax, 8192);
  });
});
