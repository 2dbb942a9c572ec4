import { Command } from "commander";
import type { AgencyOutcome, AgencyProgress } from "../agency/agency-run.ts";
import { type ReceiptBook, receiptsFile } from "../agency/receipts-file.ts";
import { runAgency } from "../agency/run.ts";
import type { AgencyConfig } from "../config/agency-config.ts";
import { AGENCY_FILE, loadAgencyConfig } from "../config/load-agency.ts";
import { AGENCY_SETTINGS } from "../config/settings.ts";
import type { AgencyAccess } from "../identity/agency-access.ts";
import { createLogger } from "../log/create-logger.ts";
import { agencyConfigured, loopLapseNoted } from "../log/mandated-lines.ts";
import type { LogEvent, LogLevel } from "../log/logger.ts";
import { plural } from "../lottery/plural.ts";
import { AGENCY_DIALERS, agencyDialectNames, chainedDialectNames } from "../protocols/dialects.ts";
import type { AgencyDialer } from "../protocols/agency-link.ts";
import { agencyWinners } from "./agency-winners.ts";
import { checkData } from "./check-data.ts";
import {
  EXIT_FAILURE,
  EXIT_FILE_DIFFERS,
  EXIT_INTERRUPTED,
  EXIT_SEAL_DIFFERS,
  EXIT_SEAL_UNPROVEN,
  EXIT_SUCCESS,
} from "./exit-status.ts";
import { besideProgress, createProgress } from "./progress.ts";
import { addSettings, type ParsedOptions, readFlags } from "./setting-options.ts";
import { addExamples } from "./examples.ts";
import { formatCount } from "./numbers.ts";
import { readPipe } from "./read-pipe.ts";
import type { Signals } from "./signals.ts";
import { StopRequested } from "./stop-requested.ts";
import { report } from "./supervision.ts";
import { STANDARD_OUTPUT } from "./write-out.ts";

/** `quiniela agency`: sends an agency's bets and waits for its winners. */
export function agencyCommand(signals: Signals): Command {
  const command = addSettings(
    new Command("agency").description(
      "send an agency's bets to the central, resume after failures, get its winners",
    ),
    AGENCY_SETTINGS,
    "config.yaml",
    agencyDialectNames(),
  )
    .option("--check", "check the agency's file, print what is wrong with it, and send nothing")
    .action((options: AgencyOptions) => agency(options, signals));
  return addExamples(command, [
    [
      "quiniela agency --id 1 --data ./my-draw/bets/agency-1.csv",
      "Send a file to the central of this machine",
    ],
    [
      "CLI_ID=2 quiniela agency --server 127.0.0.1:12346 --mode echo",
      "Send five messages, and expect each to come back",
    ],
  ]);
}

type AgencyOptions = ParsedOptions & { readonly check?: true };

async function agency({ check, ...options }: AgencyOptions, signals: Signals): Promise<void> {
  const { file, flags } = readFlags(AGENCY_SETTINGS, options);
  const config = loadAgencyConfig({
    file,
    fileBytes: await readPipe(file ?? AGENCY_FILE),
    flags: check ? { ...flags, mode: "file" } : flags,
    env: process.env,
    dialects: agencyDialectNames(),
    chainedDialects: chainedDialectNames(),
    idOptional: check === true,
  });
  process.exitCode = await (check
    ? checkData(config, dialerOf(config.dialect))
    : run(config, await accessOf(config), signals));
}

/** @throws ConfigError */
async function accessOf({ tls, id }: AgencyConfig): Promise<AgencyAccess | undefined> {
  if (tls === undefined) return undefined;
  // Loaded only where it is needed: it takes a while.
  const { loadAgencyAccess } = await import("../identity/agency-access.ts");
  return loadAgencyAccess(tls, id, new Date());
}

async function run(
  config: AgencyConfig,
  access: AgencyAccess | undefined,
  signals: Signals,
): Promise<number> {
  const logger = createLogger({
    side: "agency",
    level: config.logLevel,
    format: config.logFormat,
    // When the winners go to standard output, nothing else may.
    fd: config.winnersFile === STANDARD_OUTPUT ? 2 : 1,
  });
  logger.log(
    "info",
    agencyConfigured({
      clientId: config.id,
      serverAddress: config.serverAddress,
      loopAmount: config.loopAmount,
      loopPeriod: config.loopPeriod,
      logLevel: config.logLevelText,
    }),
  );
  if (config.loopLapse !== undefined) {
    logger.log("info", loopLapseNoted(config.id, config.loopLapse.text, config.mode));
  }
  signals.logTo(logger);
  // Write the first line now, so that it is above the bar.
  logger.flush();
  const progress = createProgress();
  const bar = progress.add(`agency ${config.id}`, 1000);
  const dialer = dialerOf(config.dialect);
  const winners = agencyWinners(config, {
    dialer,
    signal: signals.stop,
    terminal: process.stdout.isTTY,
  });
  try {
    const outcome = await runAgency({
      config,
      dialer,
      access,
      winners: winners.sink,
      receipts: config.receiptsFile === "" ? undefined : receiptsOf(config),
      logger: besideProgress(logger, progress),
      signal: signals.stop,
      onProgress: (now) => {
        const fraction = fractionOf(now);
        bar.update(fraction * 1000, noteOf(now));
        report({ kind: "progress", bets: now.bets, fraction });
      },
    });
    progress.stop();
    const { bets, batches, winners: won } = outcome;
    report({ kind: "outcome", bets, batches, winners: won });
    const { level, event } = endOf(config, outcome);
    logger.log(level, event);
    return statusOf(outcome, signals.stop);
  } finally {
    progress.stop();
    await logger.close();
    winners.print();
  }
}

function receiptsOf({ receiptsFile: path, dataFile, winnersFile }: AgencyConfig): ReceiptBook {
  const toFile = winnersFile !== STANDARD_OUTPUT;
  return receiptsFile({ path, dataFile, winnersFile: toFile ? winnersFile : undefined });
}

/** The log's last line. */
function endOf(
  { id, mode }: AgencyConfig,
  { kind, error, missing, bets, batches }: AgencyOutcome,
): { level: LogLevel; event: LogEvent } {
  if (error !== undefined) {
    const { code, message } = error;
    return {
      level: "error",
      event: { action: "end", result: "fail", client_id: id, code, error: message },
    };
  }
  if (kind !== "stopped") {
    return { level: "info", event: { action: "end", result: "success", client_id: id } };
  }
  const stored = mode === "file" ? { bets, batches } : {};
  return {
    level: "info",
    event: {
      action: "end",
      result: "in_progress",
      client_id: id,
      missing: missing.join(", "),
      ...stored,
    },
  };
}

function statusOf({ kind, error }: AgencyOutcome, stop: AbortSignal): number {
  if (error?.code === "FILE_DIFFERS") return EXIT_FILE_DIFFERS;
  if (error?.code === "SEAL_DIFFERS") return EXIT_SEAL_DIFFERS;
  if (error?.code === "SEAL_UNPROVEN") return EXIT_SEAL_UNPROVEN;
  if (error !== undefined) return EXIT_FAILURE;
  const by = stop.reason instanceof StopRequested ? stop.reason.signal : undefined;
  return kind === "stopped" && by === "SIGINT" ? EXIT_INTERRUPTED : EXIT_SUCCESS;
}

function dialerOf(name: string): AgencyDialer {
  const dialer = AGENCY_DIALERS.get(name);
  if (dialer === undefined) throw new RangeError(`Cannot dial: no dialect is called ${name}`);
  return dialer;
}

/** The text beside the bar. */
function noteOf({ phase, bets }: AgencyProgress): string {
  const count = plural(bets, "bet", formatCount);
  if (phase === "comparing") return "comparing the file";
  if (phase === "checking-seal") return "checking the seal";
  return phase === "awaiting-draw" ? `${count}, waiting for the draw` : count;
}

/** The fraction of the file that is sent. When the bets were not counted, the bytes read are nearly that. */
function fractionOf({ phase, bets, betsTotal, bytesRead, fileBytes }: AgencyProgress): number {
  switch (phase) {
    case "connecting":
    case "comparing":
      return 0;
    case "sending":
      if (betsTotal !== undefined) return betsTotal === 0 ? 0 : bets / betsTotal;
      return fileBytes === 0 ? 0 : bytesRead / fileBytes;
    case "closing":
    case "awaiting-draw":
    case "checking-seal":
    case "finished":
      return 1;
    default:
      return phase satisfies never;
  }
}
