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
export { BetFileError, type BetFileErrorCode } from "./csv/bet-file-error.ts";
export { hasWon, loadBets, storeBets } from "./csv/course-bets.ts";

// Made-up bets
export {
  type AgencyFile,
  type AgencyFilesRequest,
  generateAgencyFiles,
  writeAgencyFile,
} from "./generate/agency-files.ts";
export { type BetRequest, generateBets } from "./generate/generate-bets.ts";
