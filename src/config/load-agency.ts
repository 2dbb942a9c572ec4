import { agencyId } from "../lottery/bet.ts";
import { type CalendarDay, calendarDay } from "../lottery/calendar-day.ts";
import type { BetFormat } from "../lottery/bet-text.ts";
import type { AgencyConfig } from "./agency-config.ts";
import { hasBet, readBet } from "./bet-environment.ts";
import { readConfigFile } from "./config-file.ts";
import { gather } from "./gather.ts";
import type { Loaded, LoadOptions } from "./load-central.ts";
import { readYaml } from "./read-yaml.ts";
import { AGENCY_SETTINGS, LOOP_AMOUNT_MAX } from "./settings.ts";
import { quoted } from "./value.ts";

/** The file that is read when no other is named, if it exists. */
export const AGENCY_FILE = "config.yaml";

export interface LoadAgencyOptions extends LoadOptions {
  /** No birthdate may be later [today]. */
  readonly today?: CalendarDay;
  /** Whether `id` may be missing when the data file's name does not need it; then it is "". */
  readonly idOptional?: boolean;
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
  if (found["winners.file"] !== undefined && found["winners.file"] !== "") {
    if (mode === "bet" || mode === "echo") {
      wrong.push(
        `${origin("winners.file")}: winners are told in mode file only, and mode is ${mode}; allowed: nothing`,
      );
    }
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
  };
  return { config, inEffect };
}

/** The format that belongs to a file's name. */
function formatOf(path: string): BetFormat {
  return /\.(?:jsonl|ndjson)$/i.test(path) ? "jsonl" : "csv";
}
