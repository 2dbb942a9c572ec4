import { createHash } from "node:crypto";
import type { Batch } from "../../lottery/batch.ts";
import type { AgencyId } from "../../lottery/bet.ts";
import { FIRST_HEAD, nextHead } from "../../lottery/chain.ts";
import type { DrawBook } from "../../lottery/draw-book.ts";
import { type WinningLines, winningLines } from "../../lottery/winners.ts";
import type { StoreCapabilities, StoredBatch } from "../../store/bet-store.ts";
import type { Disk, DiskFile } from "../disk/disk.ts";
import type { GroupCommit } from "../engine/group-commit.ts";
import { BEHIND, DISK_FULL, type Journal, type Refused } from "../engine/journal.ts";
import { fileRemoved, type Ownership } from "../disk/ownership.ts";
import { sealFile, writeSealFile } from "../engine/seal-file.ts";
import { readRows } from "./read-rows.ts";
import type { RowWriter } from "./row-writer.ts";
import { runsIn } from "./runs.ts";

/** Smaller than for other reads: there may be as many readers as connections. */
const WINNERS_CHUNK_BYTES = 32 * 1024;

export interface CsvJournalParts {
  readonly disk: Disk;
  readonly dir: string;
  readonly file: DiskFile;
  readonly writer: RowWriter;
  readonly commit: GroupCommit;
  readonly ownership: Pick<Ownership, "expectOurs">;
  /** Where the next row goes. */
  readonly end: number;
}

/** Appends bets as rows of `bets.csv`, and nothing else: DONEs, seal and draw are in memory only. */
export class CsvJournal implements Journal {
  readonly capabilities: StoreCapabilities = {
    remembersBatches: false,
    remembersDraw: false,
    remembersActs: false,
  };
  readonly #parts: CsvJournalParts;
  #end: number;

  constructor(parts: CsvJournalParts) {
    this.#parts = parts;
    this.#end = parts.end;
  }

  get congested(): boolean {
    const { commit, writer } = this.#parts;
    return !writer.full && commit.roomBytes < commit.groupBytes / 4;
  }

  get stuck(): boolean {
    return this.#parts.writer.full;
  }

  appendBatch({ lines }: Batch): Refused | undefined {
    const { commit, file, writer } = this.#parts;
    // The disk is full: this batch would only wait, with those that wait already.
    if (writer.full) return DISK_FULL;
    const group = commit.claim(lines.length, file, this.#end);
    if (group === undefined) return BEHIND;
    group.buffer.set(lines, group.used - lines.length);
    this.#end += lines.length;
    return undefined;
  }

  appendDone(): undefined {}

  async expectFiles(): Promise<void> {
    const { file } = this.#parts;
    if (!file.isNamed()) throw fileRemoved(file.path);
  }

  appendSeal(): undefined {}

  appendAct(): never {
    throw new RangeError("Cannot keep acts: bets.csv has only bets");
  }

  appendDraw(): undefined {}

  appendTold(): undefined {}

  async publish(book: DrawBook, signal: AbortSignal): Promise<string> {
    const { disk, dir, file, ownership } = this.#parts;
    const hash = createHash("sha256");
    for await (const rows of readRows(file, this.#end)) {
      signal.throwIfAborted();
      hash.update(rows);
    }
    const betsCsv = { sha256: hash.digest("hex"), bytes: this.#end };
    ownership.expectOurs();
    await this.expectFiles();
    await writeSealFile(disk, dir, sealFile(book, betsCsv));
    return dir;
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }

  /**
   * The file does not say where a batch ends. So rows of one agency that follow each other make one batch,
   * with the number and the chain head that it would have if it had been sent so.
   */
  async *scan(): AsyncIterable<StoredBatch> {
    const last = new Map<AgencyId, { sequence: number; head: Buffer }>();
    for await (const rows of readRows(this.#parts.file, this.#end)) {
      for (const { agency: number, count, lines } of runsIn(rows)) {
        const agency = number as AgencyId;
        const before = last.get(agency) ?? { sequence: 0, head: FIRST_HEAD };
        const sequence = before.sequence + 1;
        const head = nextHead(before.head, sequence, count, lines);
        last.set(agency, { sequence, head });
        yield { agency, sequence, count, lines, head };
      }
    }
  }

  searchWinners(): never {
    throw new RangeError("Cannot search winners: the number is known from the beginning");
  }

  /** Reads the whole file: no index says where an agency's rows are. */
  async *winners(agency: AgencyId, winningNumber: number): AsyncIterable<WinningLines> {
    const { file } = this.#parts;
    for await (const rows of readRows(file, this.#end, WINNERS_CHUNK_BYTES)) {
      for (const run of runsIn(rows)) {
        if (run.agency !== agency) continue;
        const winners = winningLines(run.lines, winningNumber);
        if (winners.count > 0) yield winners;
      }
    }
  }

  async close(): Promise<void> {
    this.#parts.writer.stop();
    await this.#parts.file.close();
  }
}
