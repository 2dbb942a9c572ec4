/**
 * `quiniela/stores`: the stores of this package, readers of their files, and the parts for a new store.
 *
 * A store is an object: {@link BetStore}. A central gets one, and needs nothing else.
 * docs/guides/first-store.md writes one step by step.
 *
 * @module quiniela/stores
 */

// The port
export type {
  ActVerdict,
  BetStore,
  Delay,
  DoneVerdict,
  DrawNews,
  DrawOutcome,
  Publication,
  StoreCapabilities,
  StoredBatch,
  StoreOptions,
  TellDraw,
  TornTail,
  Verdict,
  Winners,
  WinnersSearch,
} from "../store/bet-store.ts";
export { StoreError, type StoreErrorCode } from "../store/store-error.ts";

// The stores of this package
export { type LedgerOptions, openLedger } from "./ledger/ledger.ts";
export { type CsvStoreOptions, openCsvStore } from "./csv/csv-store.ts";

// Readers of a ledger's draw: they take no lock and change nothing
export { readDraw } from "./ledger/read-draw.ts";
export type { CheckedReceipts } from "./ledger/receipt-check.ts";
export { type Verification, type VerifiedAgency, verifyDraw } from "./ledger/verify.ts";

// What a new store decides with: which batch is new, which agency is done, which bets have won
export type { Act, Deed } from "../lottery/act.ts";
export type { ActEntry, ActRefusal } from "../lottery/draw-acts.ts";
export { DrawBook, type DoneEntry, type Entry } from "../lottery/draw-book.ts";
export type { DrawPlan } from "../lottery/draw-plan.ts";
export { type ExpectedAgencies, type ExpectedAgency, Roster } from "../lottery/roster.ts";
export { type ReplayMode, Repetitions } from "../lottery/repetitions.ts";
export { FIRST_STANDING } from "../lottery/standing.ts";
export {
  sumWinners,
  type WinningLines,
  winningLines,
  type WinnersSum,
} from "../lottery/winners.ts";

// The disk and the lock that the stores of this package use
export type { Disk, DiskFile, OpenOptions } from "./disk/disk.ts";
export { nodeDisk } from "./disk/node-disk.ts";
export type { DirectoryLock } from "./disk/directory-lock.ts";
export type { Waiting } from "./disk/lock-guard.ts";
export type { Lock } from "./disk/open-directory.ts";
