/**
 * The public API of Quiniela: a national lottery over TCP.
 *
 * What is exported here is kept stable between minor versions; modules inside the package are not.
 *
 * @example
 * ```ts
 * import { agencyId, generateBets, hasWon, loadBets, storeBets } from "quiniela";
 *
 * const agency = agencyId(1);
 * if (agency === undefined) throw new RangeError("no agency has that number");
 * await storeBets(generateBets({ seed: 1, agency, count: 1000 }));
 * for await (const bet of loadBets()) if (hasWon(bet)) console.log(bet.document);
 * ```
 * @module
 */

// Bets: what they are, and whether they are good
export { type AgencyId, agencyId, type Bet, WINNING_NUMBER_DEFAULT } from "./lottery/bet.ts";
export { type CalendarDay, calendarDay } from "./lottery/calendar-day.ts";
export { checkBet } from "./lottery/check-bet.ts";
export type { BatchFlaw, Flaw, FlawField } from "./lottery/flaw.ts";

// Canonical lines: bets as bytes
export { encodeLines, formatLine, parseLines } from "./lottery/canonical-line.ts";
export { scanLines } from "./lottery/scan-lines.ts";
export { winnersIn } from "./lottery/winners.ts";

// Chains and seals: what makes a draw checkable
export { FIRST_HEAD, HEAD_BYTES, nextHead } from "./lottery/chain.ts";
export { type SealedAgency, sealOf } from "./lottery/seal.ts";

// The course's own functions over a file
export { BetFileError, type BetFileErrorCode } from "./stores/csv/bet-file-error.ts";
export { hasWon, loadBets, storeBets } from "./stores/csv/course-bets.ts";

// Made-up bets
export {
  type AgencyFile,
  type AgencyFilesRequest,
  generateAgencyFiles,
  writeAgencyFile,
} from "./generate/agency-files.ts";
export { type BetRequest, generateBets } from "./generate/generate-bets.ts";

// A draw's files: to keep one, to read one, to check one
export type {
  BetStore,
  DoneVerdict,
  DrawOutcome,
  StoreCapabilities,
  StoredBatch,
  StoreOptions,
  Verdict,
} from "./store/bet-store.ts";
export { StoreError, type StoreErrorCode } from "./store/store-error.ts";
export { type LedgerOptions, openLedger } from "./stores/ledger/ledger.ts";
export { readDraw } from "./stores/ledger/read-draw.ts";
export { type Verification, type VerifiedAgency, verifyDraw } from "./stores/ledger/verify.ts";
export { openCsvStore } from "./stores/csv/csv-store.ts";

// A central and an agency inside another program
export { type Central, type CentralOptions, startCentral } from "./central/central.ts";
export type { CentralConfig, CentralLimits } from "./config/central-config.ts";
export { DEFAULT_LIMITS } from "./limits.ts";
export type { AgencyOutcome, AgencyProgress } from "./agency/agency-run.ts";
export { runAgency, type RunAgencyOptions } from "./agency/run.ts";
export type { AgencyConfig } from "./config/agency-config.ts";
export { ConfigError, type ConfigErrorCode } from "./config/config-error.ts";
export { loadAgencyConfig } from "./config/load-agency.ts";
export { loadCentralConfig } from "./config/load-central.ts";
export { DIALECTS, dialectsFor } from "./protocols/dialects.ts";
export {
  type ConfirmingLogger,
  type LogEvent,
  type Logger,
  type LogLevel,
  silentLogger,
} from "./log/logger.ts";
export { createLogger, type ProgramLogger } from "./log/create-logger.ts";
