/**
 * A national lottery over TCP: bets, draws, and a central and agencies inside another program.
 *
 * There are three entry points. Their exports stay stable between minor versions; modules inside the package
 * do not. Each name is exported from one entry point.
 *
 * - `quiniela`: bets, the course's three functions, a central and an agency to embed, logs, settings
 * - `quiniela/protocols`: the dialects of this package, and the parts for a new one
 * - `quiniela/stores`: the stores of this package, and the parts for a new one
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
 * @module quiniela
 */

// Bets, and the check whether they are good
export { type AgencyId, agencyId, type Bet, WINNING_NUMBER_DEFAULT } from "./lottery/bet.ts";
export type { BetFormat } from "./lottery/bet-text.ts";
export { type CalendarDay, calendarDay } from "./lottery/calendar-day.ts";
export { checkBet } from "./lottery/check-bet.ts";
export type { BatchFlaw, Flaw, FlawField } from "./lottery/flaw.ts";

// Canonical lines: bets as bytes
export { encodeLines, formatLine, parseLines } from "./lottery/canonical-line.ts";
export { scanLines } from "./lottery/scan-lines.ts";
export { documentsIn, winnersIn } from "./lottery/winners.ts";

// A draw: its states, its batches, its chains and its seal
export type { Batch, BatchBets, Place, UnnumberedBatch } from "./lottery/batch.ts";
export type { DoneClaim, DrawState } from "./lottery/draw-book.ts";
export type { Standing, Totals } from "./lottery/standing.ts";
export { FIRST_HEAD, HEAD_BYTES, nextHead } from "./lottery/chain.ts";
export {
  formatReceipt,
  parseReceipts,
  type Receipt,
  type Receipts,
  RECEIPTS_HEADER,
  type ReceiptsFlaw,
} from "./lottery/receipt.ts";
export {
  type Sealed,
  type SealedActs,
  type SealedAgency,
  sealByProof,
  sealOf,
  type SealProof,
  SealTree,
} from "./lottery/seal.ts";
export { SealProofs, type SealShare } from "./lottery/seal-proofs.ts";

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

// A central inside another program
export {
  type Central,
  type CentralOptions,
  startCentral,
  type Stopped,
} from "./central/central.ts";
export type { OpenDraw, OpenRefusal, OpenVerdict } from "./central/draw-register.ts";
export type {
  AgencyReport,
  DrawReport,
  Operations,
  Operator,
} from "./central/operations.ts";
export type { PlannedAgencies, PlannedAgency, PlannedDraw } from "./timetable/planned-draw.ts";
export { readTimetable } from "./timetable/read-timetable.ts";
export type { Timetable, TimetableEntry, Weekday } from "./timetable/timetable.ts";
export { DEFAULT_LIMITS } from "./limits.ts";
export type { Expel, ProvenPeer } from "./central/proven-peer.ts";
export type { CentralIdentity } from "./central/tls-door.ts";
export type { Revoked, Trust, Trusted, TrustFlaw } from "./identity/trust.ts";
export { type DatedCertificate, type Identity, loadIdentity } from "./identity/load-identity.ts";
export type { AgencyDirectory, AgencyEntry } from "./identity/agencies-file.ts";
export { CentralError, type CentralErrorCode } from "./central/central-error.ts";
export type { Listen, Listener, ListenerOptions } from "./central/listener.ts";
export type {
  AgencyEvent,
  BatchEvent,
  BatchSketch,
  CentralEvent,
  CentralEventKind,
  ConnectionEvent,
  DrawEvent,
  HandshakeFlaw,
  MissingAgencies,
  Overview,
  ServiceEvent,
  Source,
  StorageEvent,
} from "./events/central-event.ts";
export { Feed, type Subscriber } from "./events/feed.ts";
export { type CentralLog, logEvents } from "./log/central-log.ts";

// An agency inside another program
export { AgencyError, type AgencyErrorCode } from "./agency/agency-error.ts";
export type { AgencyOutcome, AgencyPhase, AgencyProgress, Missing } from "./agency/agency-run.ts";
export type { DataHandle, OpenData } from "./agency/data-file.ts";
export { type AgencyAccess, loadAgencyAccess } from "./identity/agency-access.ts";
export type { ProofMessage } from "./identity/token.ts";
export { runAgency, type RunAgencyOptions } from "./agency/run.ts";
export { type ReceiptBook, receiptsFile, type ReceiptsSystem } from "./agency/receipts-file.ts";
export type { ReceiptsFileOptions } from "./agency/receipts-place.ts";
export { winnersFile, type WinnersFileOptions, type WinnersSink } from "./agency/winners-sink.ts";

// The settings of both
export type { AgencyConfig, AgencyTlsConfig, RetryConfig } from "./config/agency-config.ts";
export type {
  CentralConfig,
  CentralLimits,
  IdentityConfig,
  IdentityFiles,
} from "./config/central-config.ts";
export { ConfigError, type ConfigErrorCode } from "./config/config-error.ts";
export { loadAgencyConfig, type LoadAgencyOptions } from "./config/load-agency.ts";
export { loadCentralConfig, type LoadOptions } from "./config/load-central.ts";

// The logs of both, and the clock that they use
export { type Clock, systemClock } from "./clock.ts";
export { createLogger, type LoggerOptions, type ProgramLogger } from "./log/create-logger.ts";
export type { Side } from "./log/format-text.ts";
export {
  type ConfirmingLogger,
  type LogEvent,
  type Logger,
  type LogLevel,
  type LogResult,
  silentLogger,
} from "./log/logger.ts";
