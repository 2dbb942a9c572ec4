import type { Bet } from "../lottery/bet.ts";
import type { BetFormat } from "../lottery/bet-text.ts";
import type { LogLevel } from "../log/logger.ts";

/** All settings of an agency, after file, environment and command line were merged. */
export interface AgencyConfig {
  readonly id: string;
  /** `host:port`, as configured and as logged. */
  readonly serverAddress: string;
  readonly host: string;
  readonly port: number;
  /** The largest possible number when only `loopLapse` is set. */
  readonly loopAmount: number;
  readonly loopPeriodMs: number;
  /** As Go prints durations: `5s`, `100ms`, `1m0s`. */
  readonly loopPeriod: string;
  /** No message is sent once this time has passed; undefined for no limit. */
  readonly loopLapse: { readonly ms: number; readonly text: string } | undefined;
  readonly logLevel: LogLevel;
  /** The level as it was written (`DEBUG`): `action: config` logs it so. */
  readonly logLevelText: string;
  readonly logFormat: "text" | "json";
  readonly batchAmountMax: number;
  readonly batchBytesMax: number;
  /** `file`: the agency's CSV; `bet`: the one bet below; `echo`: the message loop. */
  readonly mode: "file" | "bet" | "echo";
  /** Path of the bets, with `{id}` replaced already. */
  readonly dataFile: string;
  /**
   * What to do with a row that is not a valid bet: `stop` before anything is sent, or `send` it and let the
   * central refuse its batch.
   */
  readonly badRow: "stop" | "send";
  /** Where winners go, with `{id}` replaced already: a path, `-` for standard output, "" for nowhere. */
  readonly winnersFile: string;
  readonly winnersFormat: BetFormat;
  /** Where receipts are kept, with `{id}` replaced already; "" for nowhere. */
  readonly receiptsFile: string;
  /** What to do when the central's chain head does not match the rows that are skipped. */
  readonly resume: "verify" | "trust";
  readonly dialect: string;
  readonly draw: string;
  /** From NOMBRE, APELLIDO, DOCUMENTO, NACIMIENTO, NUMERO; only in mode `bet`. */
  readonly bet: Bet | undefined;
  /** Undefined when the agency speaks no TLS. */
  readonly tls?: AgencyTlsConfig | undefined;
  readonly retry: RetryConfig;
  readonly answerTimeoutMs: number;
}

/** By what an agency knows its central, and proves who it is itself. All files are paths. */
export interface AgencyTlsConfig {
  readonly authorities: string;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  /** What the central's certificate must have: a host name or an IP address. */
  readonly name: string;
  readonly tokenFile: string | undefined;
}

export interface RetryConfig {
  readonly firstDelayMs: number;
  readonly delayMaxMs: number;
  /** Give up after so long without a central; 0 for never. */
  readonly giveUpAfterMs: number;
}
