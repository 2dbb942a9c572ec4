import { parseAct } from "../../lottery/act.ts";
import type { AgencyId } from "../../lottery/bet.ts";
import { nextHead } from "../../lottery/chain.ts";
import type { DrawBook } from "../../lottery/draw-book.ts";
import { NO_WINNERS, sumWinners, type WinnersSum } from "../../lottery/winners.ts";
import { ACT, BATCH, DONE, DRAW, SEAL, SEGMENT_HEADER_BYTES, TOLD } from "./layout.ts";
import { LedgerCorrupt } from "./ledger-corrupt.ts";
import { parseRecord, type PlacedRecord, readUInt64 } from "./record.ts";
import type { SegmentImage } from "./segment-image.ts";
import { entriesOf, type Summary, type SummaryEntry } from "./summary.ts";
import type { WinnerPlaces } from "./winners-reader.ts";

type Segment = Pick<SegmentImage, "number" | "path" | "bytes">;

/** The last record that was replayed. */
export interface ReplayedTo {
  readonly segment: number;
  /** Size of that segment. */
  readonly segmentBytes: number;
  /** Offset after the record. */
  readonly end: number;
  readonly group: number;
  /** Offset where the record's flush began; undefined when the record is known from a summary only. */
  readonly groupStart: number | undefined;
}

const START: ReplayedTo = {
  segment: 0,
  segmentBytes: 0,
  end: 0,
  group: 0,
  groupStart: undefined,
};

/**
 * Enters records in a book again, in the order of the files, and checks each one against all before it:
 * its flush, its place, its sequence, its chain head, the state of the draw. A whole record that cannot come
 * next was not written here by a central.
 */
export class Replay {
  readonly book: DrawBook;
  readonly #places: WinnerPlaces | undefined;
  #to: ReplayedTo = START;

  /** @param places gets the places of records with winning bets, for a central that will report winners */
  constructor(book: DrawBook, places?: WinnerPlaces) {
    this.book = book;
    this.#places = places;
  }

  get to(): ReplayedTo {
    return this.#to;
  }

  /** @returns the sums of the record's bets that win @throws LedgerCorrupt */
  apply(segment: Segment, record: PlacedRecord): WinnersSum {
    const expect = expectAt(segment.path, record.at);
    this.#checkPlace(segment, record, expect);
    const winners = this.#enter(record, expect);
    this.#note(segment, record, winners);
    this.#to = {
      segment: segment.number,
      segmentBytes: segment.bytes.length,
      end: record.end,
      group: record.group,
      groupStart: record.at - record.groupOffset,
    };
    return winners;
  }

  /** Takes a segment's records from its summary. @throws LedgerCorrupt */
  adopt(segment: Segment, summary: Summary): void {
    try {
      for (const entry of entriesOf(summary)) {
        this.#adoptEntry(segment, entry);
        this.#note(segment, entry, entry.winners);
      }
    } catch (error) {
      if (error instanceof LedgerCorrupt) throw error;
      throw new LedgerCorrupt({
        file: segment.path,
        at: undefined,
        expected: "records that go with its summary (remove the .sum file to have it made again)",
        found: error instanceof Error ? error.message : String(error),
      });
    }
    this.#to = {
      segment: segment.number,
      segmentBytes: segment.bytes.length,
      end: summary.end,
      group: summary.lastGroup,
      groupStart: undefined,
    };
  }

  #note(
    { number }: Segment,
    { agency, at }: Pick<SummaryEntry, "agency" | "at">,
    { count }: WinnersSum,
  ): void {
    if (count > 0) this.#places?.add(agency, number, at);
  }

  #adoptEntry({ bytes, path }: Segment, entry: SummaryEntry): void {
    const { kind, agency, sequence, count, head, winners, at } = entry;
    switch (kind) {
      case BATCH:
        this.book.enterSummary(agency as AgencyId, sequence, count, head, winners);
        break;
      case DONE:
        this.book.enterDone(agency as AgencyId);
        break;
      case SEAL:
        this.book.enterSeal();
        break;
      case DRAW:
        this.book.enterDraw();
        break;
      case TOLD:
        this.book.enterTold();
        break;
      case ACT: {
        // The summary does not have the text of an act.
        const parsed = parseRecord(bytes, at);
        const expect = expectAt(path, at);
        if (parsed.kind === "invalid") expect(parsed.expected, "", parsed.found);
        if (parsed.kind !== "record") return expect("an act", "", "no record");
        expect("a record of kind", ACT, parsed.record.kind);
        this.#enterAct(parsed.record, expect);
        break;
      }
    }
  }

  #checkPlace(segment: Segment, record: PlacedRecord, expect: Expect): void {
    const { segment: before, segmentBytes, end, group, groupStart } = this.#to;
    if (segment.number !== before) {
      expect("segment", before + 1, segment.number);
      expect("a segment's first record at byte", SEGMENT_HEADER_BYTES, record.at);
      // A record goes to the next segment only if it does not fit here: otherwise records are missing.
      const fits = before > 0 && record.end - record.at <= segmentBytes - end;
      expect("a record that did not fit before:", true, !fits);
    }
    if (record.groupOffset === 0) {
      expect("flush", group + 1, record.group);
    } else {
      expect("flush", group, record.group);
      expect("a flush begun at byte", groupStart, record.at - record.groupOffset);
    }
  }

  #enter(record: PlacedRecord, expect: Expect): WinnersSum {
    const { book } = this;
    const { kind, sequence, count, head, body } = record;
    const agency = record.agency as AgencyId;
    if (kind === BATCH || kind === DONE) {
      expect("an agency of the draw:", true, book.roster.has(agency));
      expect("a draw that is", "open", book.state);
      const standing = book.standing(agency);
      expect("an agency that is not done:", true, !standing.done);
      expect("an agency that is not closed out:", true, standing.closedOut !== true);
      if (kind === DONE) {
        expect("batches", standing.nextSequence - 1, sequence);
        expect("bets", standing.bets, body.length === 8 ? readUInt64(body, 0) : undefined);
        expect("chain head", hex(standing.head), hex(head));
        book.enterDone(agency);
        return NO_WINNERS;
      }
      expect("sequence", standing.nextSequence, sequence);
      expect("bets in the batch:", true, count > 0);
      expect("chain head", hex(nextHead(standing.head, sequence, count, body)), hex(head));
      const winners = sumWinners(body, book.winningNumber);
      book.enterSummary(agency, sequence, count, head, winners);
      return winners;
    }
    if (kind === ACT) {
      this.#enterAct(record, expect);
      return NO_WINNERS;
    }
    if (kind === SEAL) {
      expect("a draw that is", "open", book.state);
      expect("agencies that are missing:", 0, book.missingCount);
      expect("seal", hex(book.enterSeal()), hex(head));
      return NO_WINNERS;
    }
    expect("a draw that is", kind === DRAW ? "sealed" : "drawn", book.state);
    expect("seal", hex(book.seal ?? Buffer.alloc(0)), hex(head));
    if (kind === TOLD) {
      expect("a draw that was not logged yet:", true, !book.told);
      expect("bytes in the body:", 0, body.length);
      book.enterTold();
      return NO_WINNERS;
    }
    expect("a draw that may be performed:", true, book.drawable);
    expect("winning number", book.winningNumber, body.length === 4 ? body.readUInt32BE(0) : -1);
    book.enterDraw();
    return NO_WINNERS;
  }

  #enterAct({ agency, sequence, count, head, body }: PlacedRecord, expect: Expect): void {
    const act = parseAct(body);
    if (act === undefined) return expect("the text of an act", "", JSON.stringify(text(body)));
    expect("agency", 0, agency);
    expect("count", 0, count);
    const entry = this.book.weighAct(act);
    expect("an act that is", "new", entry.kind === "refused" ? entry.why : entry.kind);
    if (entry.kind !== "new") return;
    expect("act", entry.sequence, sequence);
    expect("head of the acts", hex(entry.head), hex(head));
    this.book.enterAct(act, entry.head);
  }
}

type Expect = (what: string, expected: unknown, found: unknown) => void;

function expectAt(file: string, offset: number): Expect {
  return (what, expected, found) => {
    if (expected === found) return;
    throw new LedgerCorrupt({
      file,
      at: { offset },
      expected: `${what} ${String(expected)}`.trimEnd(),
      found: String(found),
    });
  };
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8").slice(0, 200);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
