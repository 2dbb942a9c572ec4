import type { Act, Deed } from "../../../src/lottery/act.ts";
import type { Batch, UnnumberedBatch } from "../../../src/lottery/batch.ts";
import type { AgencyId, Bet } from "../../../src/lottery/bet.ts";
import { encodeLines } from "../../../src/lottery/canonical-line.ts";
import { FIRST_HEAD, nextHead } from "../../../src/lottery/chain.ts";
import type { DoneClaim } from "../../../src/lottery/draw-book.ts";
import type { BetStore, StoredBatch, TellDraw, Verdict } from "../../../src/store/bet-store.ts";

export const WINNING_NUMBER = 7574;

export const agency = (number: number): AgencyId => number as AgencyId;

/** Bets that differ by agency, sequence and place; every third one wins. */
export function betsOf(agencyNumber: number, sequence: number, count: number): Bet[] {
  return Array.from({ length: count }, (_, index) => ({
    agency: agency(agencyNumber),
    firstName: `Zoë ${sequence}`,
    lastName: "Muñoz, hijo",
    document: String(agencyNumber * 1_000_000 + sequence * 1000 + index),
    birthdate: "1999-03-17",
    number: (sequence + index) % 3 === 0 ? WINNING_NUMBER : (sequence * 31 + index) % 1000,
  }));
}

/** Batch `sequence` of an agency: always the same bytes for the same arguments. */
export function batchOf(agencyNumber: number, sequence: number, count = 2): Batch {
  const lines = encodeLines(betsOf(agencyNumber, sequence, count));
  return { agency: agency(agencyNumber), sequence, count, lines };
}

/** Batches `from` to `to` of an agency. */
export function batchesOf(agencyNumber: number, from: number, to: number, count = 2): Batch[] {
  return Array.from({ length: to - from + 1 }, (_, index) =>
    batchOf(agencyNumber, from + index, count),
  );
}

/** The winning documents of an agency's batches 1 to `batches`. */
export function winnersOf(agencyNumber: number, batches: number, count = 2): string[] {
  return batchesOf(agencyNumber, 1, batches, count)
    .flatMap(({ sequence }) => betsOf(agencyNumber, sequence, count))
    .filter(({ number }) => number === WINNING_NUMBER)
    .map(({ document }) => document);
}

/** What an agency claims after batches 1 to `batches`. */
export function claimOf(agencyNumber: number, batches: number, count = 2): DoneClaim {
  const head = batchesOf(agencyNumber, 1, batches, count).reduce<Buffer>(
    (before, batch) => nextHead(before, batch.sequence, batch.count, batch.lines),
    FIRST_HEAD,
  );
  return { batches, bets: batches * count, head };
}

/** An act of an operator; always the same one for the same arguments. */
export function actOf(deed: Deed, by = "ana", reason = "because"): Act {
  return { deed, atMs: Date.UTC(2026, 10, 30, 21), by, reason };
}

/** The clock closes the draw. */
export const close: Act = actOf({ kind: "close" }, "(clock)", "");

/** Pretends that the draw was logged. */
export const tell: TellDraw = () => Promise.resolve(true);

export function submit(store: BetStore, batch: Batch | UnnumberedBatch): Promise<Verdict> {
  return new Promise((resolve) => store.submit(batch, resolve));
}

/** Submits at once, without waiting; resolves when all are settled. */
export function submitAll(store: BetStore, batches: readonly Batch[]): Promise<Verdict[]> {
  return Promise.all(batches.map((batch) => submit(store, batch)));
}

/** `agency/sequence` of everything stored, in order. */
export async function scanned(store: BetStore): Promise<StoredBatch[]> {
  const batches: StoredBatch[] = [];
  for await (const batch of store.scan()) {
    batches.push({ ...batch, lines: Buffer.from(batch.lines), head: Buffer.from(batch.head) });
  }
  return batches;
}

export async function linesOf(store: BetStore): Promise<string> {
  const batches = await scanned(store);
  return Buffer.concat(batches.map(({ lines }) => lines)).toString("utf8");
}
