import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { AgencyConfig } from "../../src/config/agency-config.ts";
import type { CentralConfig } from "../../src/config/central-config.ts";
import { ConfigError } from "../../src/config/config-error.ts";
import { loadAgencyConfig } from "../../src/config/load-agency.ts";
import { loadCentralConfig } from "../../src/config/load-central.ts";

export const DIALECTS = ["native", "tlv", "echo"];
export const TODAY = 20261120;

export interface Given {
  readonly file?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly flags?: Readonly<Record<string, string | undefined>>;
  readonly idOptional?: boolean;
  readonly chainedDialects?: readonly string[];
}

/** Loads from a file with this text; without a text, from a folder without a file. */
export function central(t: TestContext, { file = "", env = {}, flags = {} }: Given): CentralConfig {
  return loadCentralConfig({
    file: written(t, "config.ini", file),
    env,
    flags,
    dialects: DIALECTS,
  });
}

export function agency(
  t: TestContext,
  { file = "", env = {}, flags = {}, idOptional = false, chainedDialects = DIALECTS }: Given,
): AgencyConfig {
  return loadAgencyConfig({
    idOptional,
    chainedDialects,
    file: written(t, "config.yaml", file),
    env,
    flags,
    dialects: DIALECTS,
    today: TODAY,
  });
}

/** The problems that are found, with files only by their names. */
export function problemsOf(load: () => unknown): readonly string[] {
  try {
    load();
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    for (const problem of error.problems) assert.ok(error.message.includes(problem));
    return error.problems.map((problem) => problem.replace(/^\S*\/(?=config\.)/, ""));
  }
  return assert.fail("Nothing was found to be wrong");
}

function written(t: TestContext, name: string, text: string): string {
  const dir = mkdtempSync(join(tmpdir(), "quiniela-config-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
}
