import { Command } from "commander";
import type { InEffect, Origin } from "../config/gather.ts";
import { AGENCY_FILE, loadAgency } from "../config/load-agency.ts";
import {
  CENTRAL_FILE,
  loadCentral,
  type Loaded,
  type LoadOptions,
} from "../config/load-central.ts";
import type { Setting } from "../config/setting.ts";
import { AGENCY_SETTINGS, CENTRAL_SETTINGS } from "../config/settings.ts";
import { hideTokens } from "../identity/hide-tokens.ts";
import { agencyDialectNames, chainedDialectNames, dialectNames } from "../protocols/dialects.ts";
import { addExamples } from "./examples.ts";
import { readPipe } from "./read-pipe.ts";
import { addSettings, type ParsedOptions, readFlags } from "./setting-options.ts";
import { renderTable } from "./terminal.ts";

/** `quiniela config check`: reads a configuration as the program would, and starts nothing. */
export function configCommand(): Command {
  const check = new Command("check")
    .description("read a configuration as the program would, and say where each value comes from")
    .addCommand(checkOf(CENTRAL), { isDefault: true })
    .addCommand(checkOf(AGENCY));
  addExamples(check, EXAMPLES);
  return addExamples(
    new Command("config").description("check a configuration without starting anything"),
    EXAMPLES,
  ).addCommand(check);
}

const EXAMPLES = [
  ["quiniela config check", "The central's: its file in this folder, and the environment"],
  ["CLI_ID=1 quiniela config check agency", "An agency's, in the same way"],
] as const;

/** A program that has a configuration. */
interface Configured {
  readonly name: "central" | "agency";
  readonly article: "a" | "an";
  readonly settings: readonly Setting[];
  readonly file: string;
  readonly dialects: readonly string[];
  /** @throws ConfigError */
  readonly load: (options: LoadOptions) => Loaded<unknown>;
}

const CENTRAL: Configured = {
  name: "central",
  article: "a",
  settings: CENTRAL_SETTINGS,
  file: CENTRAL_FILE,
  dialects: dialectNames(),
  load: loadCentral,
};

const AGENCY: Configured = {
  name: "agency",
  article: "an",
  settings: AGENCY_SETTINGS,
  file: AGENCY_FILE,
  dialects: agencyDialectNames(),
  load: (options) => loadAgency({ ...options, chainedDialects: chainedDialectNames() }),
};

type CheckOptions = ParsedOptions & { readonly json?: true };

function checkOf(program: Configured): Command {
  const { name, article, settings, file, dialects } = program;
  const command = new Command(name)
    .description(`check the configuration of ${article} ${name}, given as to \`quiniela ${name}\``)
    .option("--json", "print the settings as JSON");
  addSettings(command, settings, file, dialects).action((options: CheckOptions) =>
    check(program, options),
  );
  return addExamples(command, [
    [`quiniela config check ${name} --config ${file}`, "That file, and the environment"],
    [
      name === "central"
        ? "SERVER_PORT=0 quiniela config check central --agencies 3"
        : "quiniela config check agency --id 3 --server 127.0.0.1:12346",
      "What a start with the same options would use",
    ],
  ]);
}

async function check(program: Configured, { json, ...options }: CheckOptions): Promise<void> {
  const { file, flags } = readFlags(program.settings, options);
  const { inEffect } = program.load({
    file,
    fileBytes: await readPipe(file ?? program.file),
    flags,
    env: process.env,
    dialects: program.dialects,
  });
  // What this prints is shown to others: a token in the wrong place must not be in it.
  const shown = inEffect.map((each) => ({ ...each, text: each.text && hideTokens(each.text) }));
  console.log(json ? asJson(program, shown) : asText(shown));
}

function asJson({ name }: Configured, inEffect: readonly InEffect[]): string {
  const settings = inEffect.map(({ setting, text, origin }) => ({
    key: setting.key,
    value: text ?? null,
    from: origin,
  }));
  return JSON.stringify({ program: name, settings });
}

function asText(inEffect: readonly InEffect[]): string {
  const rows = inEffect.map(({ setting, text, origin }) => [
    setting.key,
    valueText(setting, text),
    originText(origin),
  ]);
  const columns = [{ title: "setting" }, { title: "value" }, { title: "from" }];
  return `${renderTable(columns, rows)}\n${ALL_GOOD}`;
}

/** The value as it was written; in brackets what a program does without one. */
function valueText({ absent = "nothing" }: Setting, text: string | undefined): string {
  if (text === undefined) return `(${absent})`;
  return text === "" ? "(nothing)" : text;
}

/** A start looks at these too. */
const ALL_GOOD =
  "All settings are good. Data folder, certificates, network and machine were not looked at.";

function originText(origin: Origin): string {
  switch (origin.kind) {
    case "file":
      return `${origin.path}:${origin.line}`;
    case "environment":
      return `environment ${origin.name}`;
    case "option":
      return `option ${origin.flag}`;
    case "default":
      return "default";
    default:
      return origin satisfies never;
  }
}
