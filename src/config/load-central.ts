import { peerBufferBytesMin } from "../limits.ts";
import type { CentralConfig, IdentityConfig } from "./central-config.ts";
import { readConfigFile } from "./config-file.ts";
import { gather, type InEffect } from "./gather.ts";
import { readIni } from "./read-ini.ts";
import type { Values } from "./setting.ts";
import { CENTRAL_SETTINGS } from "./settings.ts";

/** The file that is read when no other is named, if it exists. */
export const CENTRAL_FILE = "config.ini";

/** The word for a winning number that an operator tells after the seal. */
const TOLD = "told";
/** Settings of the draw that SERVER_DRAW names, which need a store that keeps acts. */
const OF_ONE_DRAW = ["SERVER_CLOSES_AT", "SERVER_SECOND_OPERATOR"] as const;

/** What SERVER_IDENTITY=on needs, and the option of each. */
const OF_IDENTITY = {
  SERVER_TLS_CERT: "--tls-cert",
  SERVER_TLS_KEY: "--tls-key",
  SERVER_TLS_CA: "--tls-ca",
  SERVER_AGENCIES_FILE: "--agencies-file",
} as const;

/** What both loaders need. */
export interface LoadOptions {
  /** A configuration file that must exist [the program's usual file, which may be missing]. */
  readonly file?: string | undefined;
  /** The bytes of the file, if the caller has read it: a pipe can be read only once. */
  readonly fileBytes?: Uint8Array | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The options of the command line, by the key of the setting. */
  readonly flags?: Readonly<Record<string, string | undefined>>;
  /** Names of the dialects that this program can speak. */
  readonly dialects: readonly string[];
}

/** A configuration, and where it comes from. */
export interface Loaded<Config> {
  readonly config: Config;
  /** Every setting, in the order of the documentation. */
  readonly inEffect: readonly InEffect[];
}

/** The configuration alone. As {@link loadCentral}. */
export function loadCentralConfig(options: LoadOptions): CentralConfig {
  return loadCentral(options).config;
}

/**
 * Reads the settings of a central: config.ini, then the environment, then the command line.
 *
 * @throws ConfigError naming everything that is wrong
 */
export function loadCentral(options: LoadOptions): Loaded<CentralConfig> {
  const { env, flags = {}, dialects } = options;
  const file = readConfigFile(options.file, CENTRAL_FILE, options.fileBytes);
  const { found, inEffect, origin, settle } = gather(
    CENTRAL_SETTINGS,
    { file: file && { path: file.path, content: readIni(file.text) }, env, flags },
    { environmentPrefix: "SERVER_", dialects },
  );

  const wrong: string[] = [];
  const frame = found.SERVER_FRAME_BYTES_MAX;
  const buffer = found.SERVER_PEER_BUFFER_BYTES_MAX;
  const least = frame === undefined ? 0 : peerBufferBytesMin({ frameBytesMax: frame });
  if (buffer !== undefined && buffer < least) {
    const where = origin("SERVER_PEER_BUFFER_BYTES_MAX") ?? origin("SERVER_FRAME_BYTES_MAX");
    wrong.push(
      `${where}: SERVER_PEER_BUFFER_BYTES_MAX is ${buffer}, less than SERVER_FRAME_BYTES_MAX; allowed: ${least} or more`,
    );
  }
  const told = found.SERVER_WINNING_NUMBER?.toLowerCase() === TOLD;
  const follows = found.SERVER_DRAWS_FILE !== undefined;
  const isSet = (key: (typeof OF_ONE_DRAW)[number]): boolean =>
    origin(key) !== undefined && found[key] !== "no";
  if (found.SERVER_STORE === "csv") {
    for (const key of [...OF_ONE_DRAW, "SERVER_DRAWS_FILE"] as const) {
      if (origin(key) === undefined || found[key] === "no") continue;
      wrong.push(
        `${origin(key)}: ${key} needs the records of SERVER_STORE=ledger; bets.csv has only bets`,
      );
    }
    if (told) {
      wrong.push(
        `${origin("SERVER_WINNING_NUMBER")}: SERVER_WINNING_NUMBER is ${TOLD}, which needs SERVER_STORE=ledger; allowed: a number`,
      );
    }
  }
  if (follows && origin("SERVER_DRAW") === undefined) {
    for (const key of OF_ONE_DRAW.filter(isSet)) {
      wrong.push(
        `${origin(key)}: ${key} is of the draw that SERVER_DRAW names, and with SERVER_DRAWS_FILE there is none; set SERVER_DRAW, or say it in the timetable`,
      );
    }
  } else if (isSet("SERVER_SECOND_OPERATOR") && !told) {
    wrong.push(
      `${origin("SERVER_SECOND_OPERATOR")}: SERVER_SECOND_OPERATOR is yes, and no operator tells the number; allowed: no, or yes with SERVER_WINNING_NUMBER=${TOLD}`,
    );
  }
  if (found.SERVER_IDENTITY === "on") {
    for (const [key, flag] of Object.entries(OF_IDENTITY)) {
      if (origin(key as keyof typeof OF_IDENTITY) !== undefined) continue;
      wrong.push(
        `${key}: is not set, and SERVER_IDENTITY=on needs it; allowed: a path, in the file, in the environment or with ${flag}`,
      );
    }
  }
  const values = settle(wrong);

  const config: CentralConfig = {
    port: values.SERVER_PORT,
    serverIp: values.SERVER_IP,
    bindAddress: values.SERVER_BIND_ADDRESS,
    listenBacklog: values.SERVER_LISTEN_BACKLOG,
    loggingLevel: values.LOGGING_LEVEL.level,
    loggingLevelText: values.LOGGING_LEVEL.text,
    logFormat: values.SERVER_LOG_FORMAT,
    mode: values.SERVER_MODE,
    agencies: values.SERVER_AGENCIES,
    store: values.SERVER_STORE,
    dataDir: values.SERVER_DATA_DIR,
    draw: follows && origin("SERVER_DRAW") === undefined ? undefined : values.SERVER_DRAW,
    drawsFile: values.SERVER_DRAWS_FILE,
    closesAtMs: values.SERVER_CLOSES_AT,
    secondOperator: values.SERVER_SECOND_OPERATOR === "yes",
    dialects: values.SERVER_DIALECTS,
    winningNumber: told ? undefined : Number(values.SERVER_WINNING_NUMBER),
    replay: values.SERVER_REPLAY,
    drawMarginMs: values.SERVER_DRAW_MARGIN.ms,
    clock: values.SERVER_CLOCK,
    identity: values.SERVER_IDENTITY === "on" ? identityIn(values) : undefined,
    limits: {
      frameBytesMax: values.SERVER_FRAME_BYTES_MAX,
      courseFrameBytesMax: values.SERVER_COURSE_FRAME_BYTES_MAX,
      headerTimeoutMs: values.SERVER_HEADER_TIMEOUT.ms,
      frameTimeoutMs: values.SERVER_FRAME_TIMEOUT.ms,
      idleTimeoutMs: values.SERVER_IDLE_TIMEOUT.ms,
      peerBufferBytesMax: values.SERVER_PEER_BUFFER_BYTES_MAX,
      connectionsMax: values.SERVER_CONNECTIONS_MAX,
      connectionsPerAddressMax: values.SERVER_CONNECTIONS_PER_ADDRESS_MAX,
      refusedMax: values.SERVER_REFUSED_MAX,
      waitingPerAgencyMax: values.SERVER_WAITING_PER_AGENCY_MAX,
      halfClosedPerAgencyMax: values.SERVER_HALF_CLOSED_PER_AGENCY_MAX,
      halfClosedMax: values.SERVER_HALF_CLOSED_MAX,
      stopGraceMs: values.SERVER_STOP_GRACE.ms,
    },
  };
  return { config, inEffect };
}

function identityIn(values: Values<typeof CENTRAL_SETTINGS>): IdentityConfig {
  return {
    port: values.SERVER_TLS_PORT,
    files: {
      certificate: needed(values.SERVER_TLS_CERT),
      key: needed(values.SERVER_TLS_KEY),
      authorities: needed(values.SERVER_TLS_CA),
      revoked: values.SERVER_TLS_CRL,
      agencies: needed(values.SERVER_AGENCIES_FILE),
    },
  };
}

/** Was checked before. It must not be missed: a central without it would believe everybody. */
function needed(path: string | undefined): string {
  if (path === undefined) throw new RangeError("Cannot check identities: a file is not set");
  return path;
}
