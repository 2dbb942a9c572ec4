import { join } from "node:path";
import { type Act, encodeAct } from "../../lottery/act.ts";
import type { Batch } from "../../lottery/batch.ts";
import type { AgencyId } from "../../lottery/bet.ts";
import type { DrawBook } from "../../lottery/draw-book.ts";
import { NO_WINNERS, type WinnersSum, type WinningLines } from "../../lottery/winners.ts";
import type { StoreCapabilities, StoredBatch } from "../../store/bet-store.ts";
import type { Disk } from "../disk/disk.ts";
import type { FailureLatch } from "../failure-latch.ts";
import type { GroupCommit } from "../engine/group-commit.ts";
import { BEHIND, DISK_FULL, type Journal, type Refused } from "../engine/journal.ts";
import { fileRemoved, type Ownership } from "../disk/ownership.ts";
import {
  ACT,
  BATCH,
  CONTROL_RECORD_BYTES_MAX,
  DONE,
  DONE_BODY_BYTES,
  DRAW,
  DRAW_BODY_BYTES,
  type RecordKind,
  SEAL,
  segmentName,
  TOLD,
} from "./layout.ts";
import { publishDraw } from "./publish.ts";
import { encodeRecord, type LedgerRecord, recordBytes, writeUInt64 } from "./record.ts";
import { scanBatches } from "./replay-files.ts";
import { roomAfterAct } from "./reserve.ts";
import type { Segment, SegmentChain, SegmentSizes } from "./segment-chain.ts";
import { SummaryBuilder, writeSummary } from "./summary.ts";
import type { WinnerPlaces, WinnersReader } from "./winners-reader.ts";
import { searchWinners } from "./winners-search.ts";

const NO_BODY = new Uint8Array(0);

export interface LedgerJournalParts {
  readonly disk: Disk;
  readonly dir: string;
  readonly chain: SegmentChain;
  readonly commit: GroupCommit;
  readonly latch: FailureLatch;
  readonly ownership: Pick<Ownership, "doubt" | "expectOurs">;
  /** Summary of the segment that records go to. */
  readonly summary: SummaryBuilder;
  /** Offset after the last record that the summary on disk covers. */
  readonly summaryEnd: number;
  /** The places of records with winning bets; those of new records are added. */
  readonly places: WinnerPlaces;
  /** Reads the winning bets at these places. */
  readonly winners: WinnersReader;
  readonly sizes: Pick<SegmentSizes, "marginBytes" | "reserveBytes" | "recordBytesMax">;
  readonly agencies: number;
}

/** The journal of a ledger: records in segments. */
export class LedgerJournal implements Journal {
  readonly capabilities: StoreCapabilities = {
    remembersBatches: true,
    remembersDraw: true,
    remembersActs: true,
  };
  /** Never true: records go to room that was reserved ahead. */
  readonly stuck = false;
  readonly #parts: LedgerJournalParts;
  #summary: SummaryBuilder;
  /** Offset after the last record that the summary on disk covers. */
  #summaryEnd: number;
  /** Full segments whose summary is not written yet, with that work once it has begun. */
  readonly #retiring = new Map<Segment, Promise<void> | undefined>();
  #ended = false;
  /** This process has begun to write the draw's files: they may be there although that failed. */
  #publishing = false;

  constructor(parts: LedgerJournalParts) {
    const { summary, summaryEnd } = parts;
    this.#parts = parts;
    this.#summary = summary;
    this.#summaryEnd = summaryEnd;
  }

  get congested(): boolean {
    const { chain, commit, sizes } = this.#parts;
    if (this.#ended) return false;
    if (commit.roomBytes < sizes.marginBytes) return true;
    return !chain.short && chain.roomBytes < sizes.marginBytes + sizes.reserveBytes;
  }

  appendBatch(batch: Batch, head: Uint8Array, winners: WinnersSum): Refused | undefined {
    const { agency, sequence, count, lines } = batch;
    const record = unplaced(BATCH, agency, sequence, count, head, lines);
    return this.#append(record, winners, this.#parts.sizes.reserveBytes);
  }

  appendDone(agency: AgencyId, book: DrawBook): Refused | undefined {
    const { nextSequence, bets, head } = book.standing(agency);
    const body = Buffer.alloc(DONE_BODY_BYTES);
    writeUInt64(body, bets, 0);
    const record = unplaced(DONE, agency, nextSequence - 1, 0, head, body);
    return this.#append(record, NO_WINNERS, 3 * CONTROL_RECORD_BYTES_MAX);
  }

  async expectFiles(): Promise<void> {
    const { disk, dir, chain } = this.#parts;
    const last = chain.current?.number ?? 0;
    const names = new Set(await disk.list(dir));
    for (let number = 1; number <= last; number++) {
      const name = segmentName(number);
      if (!names.has(name)) throw fileRemoved(join(dir, name));
    }
    if (chain.current?.file.isNamed() === false) throw fileRemoved(chain.current.file.path);
  }

  appendSeal(seal: Uint8Array): Refused | undefined {
    this.#ended = true;
    this.#parts.ownership.doubt();
    const record = unplaced(SEAL, 0, 0, this.#parts.agencies, seal, NO_BODY);
    return this.#append(record, NO_WINNERS, 2 * CONTROL_RECORD_BYTES_MAX);
  }

  appendAct(sequence: number, act: Act, head: Uint8Array, book: DrawBook): Refused | undefined {
    const { ownership, sizes } = this.#parts;
    ownership.doubt();
    const record = unplaced(ACT, 0, sequence, 0, head, encodeAct(act));
    const keep = roomAfterAct(act.deed.kind, book.missingCount);
    return this.#append(record, NO_WINNERS, Math.min(keep, sizes.reserveBytes));
  }

  appendDraw(seal: Uint8Array, winningNumber: number): Refused | undefined {
    this.#parts.ownership.doubt();
    const body = Buffer.alloc(DRAW_BODY_BYTES);
    body.writeUInt32BE(winningNumber);
    const record = unplaced(DRAW, 0, 0, 0, seal, body);
    return this.#append(record, NO_WINNERS, CONTROL_RECORD_BYTES_MAX);
  }

  appendTold(seal: Uint8Array): Refused | undefined {
    this.#parts.ownership.doubt();
    return this.#append(unplaced(TOLD, 0, 0, 0, seal, NO_BODY), NO_WINNERS, 0);
  }

  async publish(book: DrawBook, signal: AbortSignal): Promise<string | undefined> {
    this.#ended = true;
    const { disk, dir, ownership } = this.#parts;
    ownership.expectOurs();
    const again = this.#publishing;
    this.#publishing = true;
    const written = await publishDraw(disk, dir, book, signal);
    // The last try may have given the files their names without syncing the names.
    if (again && !written) await disk.syncDir(dir);
    return written || again ? dir : undefined;
  }

  async finish(): Promise<void> {
    this.#ended = true;
    this.#parts.ownership.expectOurs();
    // Segments that could not be removed do no harm; the next start tries again.
    await this.#parts.chain.dropReady().catch(() => undefined);
  }

  scan(): AsyncIterable<StoredBatch> {
    const { disk, dir, chain } = this.#parts;
    const { current } = chain;
    return scanBatches(disk, dir, current?.number ?? 0, current?.used ?? 0);
  }

  searchWinners(
    winningNumber: number,
    onBets: (bets: number) => void,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<AgencyId, WinnersSum>> {
    const { disk, dir, chain, places } = this.#parts;
    const used = { segment: chain.current?.number ?? 0, end: chain.current?.used ?? 0 };
    // What an earlier attempt found, which a shortage has ended.
    places.clear();
    return searchWinners({ disk, dir, used, winningNumber, places, onBets, signal });
  }

  winners(agency: AgencyId, winningNumber: number): AsyncIterable<WinningLines> {
    return this.#parts.winners.read(agency, winningNumber);
  }

  async close(): Promise<void> {
    const { chain, latch, winners } = this.#parts;
    await winners.close();
    for (const [segment, retiring] of this.#retiring) await (retiring ?? segment.file.close());
    const last = chain.current;
    // Covers all that is on stable storage at a clean stop: the next start need not read it.
    if (last !== undefined && latch.error === undefined && this.#summary.end > this.#summaryEnd) {
      await this.#writeSummary(last.number, this.#summary);
    }
    await chain.close();
  }

  #append(record: UnplacedRecord, winners: WinnersSum, keepBytes: number): Refused | undefined {
    const { chain, commit } = this.#parts;
    const bytes = recordBytes(record.body.length);
    const segment = chain.find(bytes, keepBytes);
    if (segment === undefined) {
      this.#expectPossible(bytes);
      return chain.short ? DISK_FULL : BEHIND;
    }
    const at = segment.used;
    const group = commit.claim(bytes, segment.file, at);
    if (group === undefined) return BEHIND;
    const full = chain.take(segment, bytes);
    if (full !== undefined) this.#retire(full, segment.number);
    record.group = group.number;
    record.groupOffset = group.used - bytes;
    encodeRecord(record, group.buffer, record.groupOffset);
    this.#summary.add(record, winners, at, at + bytes);
    if (winners.count > 0) this.#parts.places.add(record.agency, segment.number, at);
    return undefined;
  }

  #expectPossible(bytes: number): void {
    const most = this.#parts.sizes.recordBytesMax;
    if (bytes > most) {
      throw new RangeError(`Cannot store a record of ${bytes} bytes: a segment holds ${most}`);
    }
  }

  /** Writes the summary of a full segment and closes its file, once all of it is on stable storage. */
  #retire(full: Segment, next: number): void {
    const summary = this.#summary;
    this.#summary = new SummaryBuilder(next);
    this.#summaryEnd = 0;
    this.#retiring.set(full, undefined);
    this.#parts.commit.afterPending(() => {
      const retiring = this.#writeSummary(full.number, summary)
        .then(() => full.file.close())
        // All of it is on stable storage: a file that cannot be closed has lost nothing.
        .catch(() => undefined)
        .finally(() => this.#retiring.delete(full));
      this.#retiring.set(full, retiring);
    });
  }

  /** Writes a summary if the directory is still ours. Without one the next start only reads more. */
  async #writeSummary(segment: number, summary: SummaryBuilder): Promise<void> {
    const { disk, dir, ownership } = this.#parts;
    try {
      ownership.expectOurs();
    } catch {
      return;
    }
    await writeSummary(disk, dir, segment, summary);
  }
}

/** A record whose group is filled in when there is room for it. */
interface UnplacedRecord extends LedgerRecord {
  group: number;
  groupOffset: number;
}

/** Makes the record with all fields, to be filled in later: copying it with a spread would be slower. */
function unplaced(
  kind: RecordKind,
  agency: number,
  sequence: number,
  count: number,
  head: Uint8Array,
  body: Uint8Array,
): UnplacedRecord {
  return { kind, groupOffset: 0, agency, group: 0, sequence, count, head, body };
}
