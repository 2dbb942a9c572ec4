import { agencyId } from "../lottery/bet.ts";
import { type CalendarDay, calendarDay } from "../lottery/calendar-day.ts";
import type { BetFormat } from "../lottery/bet-text.ts";
import type { AgencyConfig, AgencyTlsConfig } from "./agency-config.ts";
import { hasBet, readBet } from "./bet-environment.ts";
import { readConfigFile } from "./config-file.ts";
import { gather } from "./gather.ts";
import type { Loaded, LoadOptions } from "./load-central.ts";
import { readYaml } from "./read-yaml.ts";
import type { Values } from "./setting.ts";
import { AGENCY_SETTINGS, LOOP_AMOUNT_MAX } from "./settings.ts";
import { quoted } from "./value.ts";

/** The file that is read when no other is named, if it exists. */
export const AGENCY_FILE = "config.yaml";

/** The dialect that has messages for a proof by token. */
const TOKEN_DIALECT = "native";

export interface LoadAgencyOptions extends LoadOptions {
  /** No birthdate may be later [today]. */
  readonly today?: CalendarDay;
  /** Whether `id` may be missing when the data file's name does not need it; then it is "". */
  readonly idOptional?: boolean;
  /** Those of `dialects` in which receipts can be kept [all]. */
  readonly chainedDialects?: readonly string[];
}

/** The configuration alone. As {@link loadAgency}. */
export function loadAgencyConfig(options: LoadAgencyOptions): AgencyConfig {
  return loadAgency(options).config;
}

/**
 * Reads the settings of an agency: config.yaml, then the environment, then the command line.
 *
 * @throws ConfigError naming everything that is wrong
 */
export function loadAgency(options: LoadAgencyOptions): Loaded<AgencyConfig> {
  const { env, flags = {}, dialects, today = calendarDay(new Date()) } = options;
  const file = readConfigFile(options.file, AGENCY_FILE, options.fileBytes);
  const { found, inEffect, origin, settle } = gather(
    AGENCY_SETTINGS,
    { file: file && { path: file.path, content: readYaml(file.text) }, env, flags },
    { environmentPrefix: "CLI_", dialects },
  );

  const wrong: string[] = [];
  const usual = hasBet(env) ? "bet" : "file";
  // A mode that cannot be read is a problem already: do not check anything for another mode.
  const mode = origin("mode") === undefined ? usual : found.mode;
  const id = found.id ?? "";
  const agency = /^[1-9]\d{0,9}$/.test(id) ? agencyId(Number(id)) : undefined;
  const idNeeded = options.idOptional !== true || found["data.file"]?.includes("{id}") === true;
  if (origin("id") === undefined && idNeeded) {
    wrong.push("id: is not set; allowed: in the file, as CLI_ID or with --id");
  } else if (found.id !== undefined && agency === undefined && mode !== "echo") {
    wrong.push(
      `${origin("id")}: is ${quoted(id)}; allowed: an agency's number, from 1 to 4294967295`,
    );
  }

  const first = found["retry.firstDelay"];
  const longest = found["retry.maxDelay"];
  if (first !== undefined && longest !== undefined && longest.ms < first.ms) {
    const where = origin("retry.maxDelay") ?? origin("retry.firstDelay");
    wrong.push(
      `${where}: retry.maxDelay is ${longest.text}, less than retry.firstDelay; allowed: ${first.text} or more`,
    );
  }

  const check = found["data.badRow"] !== "send";
  const single = mode === "bet" ? readBet(env, { today, check }) : undefined;
  wrong.push(...(single?.problems ?? []));
  for (const [key, what] of FILES_OF_MODE_FILE) {
    const path = found[key];
    if (path !== undefined && path !== "" && (mode === "bet" || mode === "echo")) {
      wrong.push(
        `${origin(key)}: ${what} in mode file only, and mode is ${mode}; allowed: nothing`,
      );
    }
  }
  wrong.push(...wrongWithTls(found, origin));
  const { chainedDialects = dialects } = options;
  const { dialect, "receipts.file": receipts = "" } = found;
  if (receipts !== "" && dialect !== undefined && !chainedDialects.includes(dialect)) {
    wrong.push(
      `${origin("receipts.file")}: receipts are kept in ${chainedDialects.join(" and ")} only, and dialect is ${dialect}; allowed: nothing`,
    );
  }
  const values = settle(wrong);

  const address = values["server.address"];
  const winnersFile = values["winners.file"].replaceAll("{id}", () => id);
  const config: AgencyConfig = {
    id,
    serverAddress: address.text,
    host: address.host,
    port: address.port,
    loopAmount:
      values["loop.lapse"] !== undefined && origin("loop.amount") === undefined
        ? LOOP_AMOUNT_MAX
        : values["loop.amount"],
    loopPeriodMs: values["loop.period"].ms,
    loopPeriod: values["loop.period"].text,
    loopLapse: values["loop.lapse"],
    logLevel: values["log.level"].level,
    logLevelText: values["log.level"].text,
    logFormat: values["log.format"],
    batchAmountMax: values["batch.maxAmount"],
    batchBytesMax: values["batch.maxBytes"],
    mode: values.mode ?? usual,
    dataFile: values["data.file"].replaceAll("{id}", () => id),
    badRow: values["data.badRow"],
    winnersFile,
    receiptsFile: values["receipts.file"].replaceAll("{id}", () => id),
    winnersFormat: values["winners.format"] ?? formatOf(winnersFile),
    resume: values.resume,
    dialect: values.dialect,
    draw: values.draw,
    bet: agency && single && { agency, ...single.bet },
    retry: {
      firstDelayMs: values["retry.firstDelay"].ms,
      delayMaxMs: values["retry.maxDelay"].ms,
      giveUpAfterMs: values["retry.giveUpAfter"].ms,
    },
    answerTimeoutMs: values["answer.timeout"].ms,
    tls: values["tls.ca"] === undefined ? undefined : tlsOf(values["tls.ca"], values),
  };
  return { config, inEffect };
}

const FILES_OF_MODE_FILE = [
  ["winners.file", "winners are told"],
  ["receipts.file", "receipts are kept"],
] as const;

type Found = Partial<Values<typeof AGENCY_SETTINGS>>;
type TlsKey = "tls.ca" | "tls.cert" | "tls.key" | "tls.name" | "token.file";

/** What does not fit together: an agency must not speak in the open by mistake. */
function wrongWithTls(found: Found, origin: (key: TlsKey) => string | undefined): string[] {
  const wrong: string[] = [];
  const needs = (key: TlsKey, needed: TlsKey): void => {
    if (origin(key) === undefined || origin(needed) !== undefined) return;
    wrong.push(
      `${origin(key)}: ${key} needs ${needed}, which is not set; allowed: both or neither`,
    );
  };
  for (const key of ["tls.cert", "tls.key", "tls.name", "token.file"] as const) {
    needs(key, "tls.ca");
  }
  needs("tls.cert", "tls.key");
  needs("tls.key", "tls.cert");
  const { dialect, "tls.cert": certificate } = found;
  // The other dialects have no message for a proof; a certificate needs none.
  if (
    origin("token.file") !== undefined &&
    certificate === undefined &&
    dialect !== TOKEN_DIALECT
  ) {
    wrong.push(
      `${origin("token.file")}: token.file is for the dialect ${TOKEN_DIALECT}, and dialect is ${dialect}; allowed: ${TOKEN_DIALECT}, or a certificate`,
    );
  }
  return wrong;
}

function tlsOf(authorities: string, values: Values<typeof AGENCY_SETTINGS>): AgencyTlsConfig {
  return {
    authorities,
    certificate: values["tls.cert"],
    key: values["tls.key"],
    name: values["tls.name"] ?? values["server.address"].host,
    tokenFile: values["token.file"],
  };
}

/** The format that belongs to a file's name. */
function formatOf(path: string): BetFormat {
  return /\.(?:jsonl|ndjson)$/i.test(path) ? "jsonl" : "csv";
}
