import type { AgencyId } from "../../lottery/bet.ts";
import { type WinningLines, winningLines } from "../../lottery/winners.ts";
import type { Clock } from "../../clock.ts";
import type { Disk } from "../disk/disk.ts";
import { BATCH } from "./layout.ts";
import { LedgerCorrupt } from "./ledger-corrupt.ts";
import { type PlacedRecord, parseRecord } from "./record.ts";
import { type SegmentPiece, SegmentReaders } from "./segment-readers.ts";
import type { WinnerPlace, WinnerPlaces } from "./winner-places.ts";

export interface WinnersReaderParts {
  readonly disk: Disk;
  readonly dir: string;
  readonly clock: Clock;
  readonly winningNumber: number;
  readonly places: WinnerPlaces;
}

/** Reads the bets that win where they are stored, checking every record that it takes them from. */
export class WinnersReader {
  readonly #winningNumber: number;
  readonly #places: WinnerPlaces;
  readonly #readers: SegmentReaders;

  constructor({ winningNumber, places, ...files }: WinnersReaderParts) {
    this.#winningNumber = winningNumber;
    this.#places = places;
    this.#readers = new SegmentReaders(files);
  }

  /**
   * An agency's, in its order: of each read one block, so of 64 KiB or of one record that is larger.
   * @throws LedgerCorrupt when a record is not the one that was stored
   */
  async *read(agency: AgencyId): AsyncGenerator<WinningLines, void> {
    let index = 0;
    for (;;) {
      const place = this.#places.get(agency, index);
      if (place === undefined) return;
      const blocks = await this.#readers.read(place.segment, place.offset, (piece) =>
        this.#take(agency, index, place, piece),
      );
      index += blocks.length;
      yield joined(blocks);
    }
  }

  close(): Promise<void> {
    return this.#readers.close();
  }

  /** The winners of every record of the agency that the piece holds whole, one at least. */
  #take(
    agency: AgencyId,
    first: number,
    { segment, offset }: WinnerPlace,
    piece: SegmentPiece,
  ): WinningLines[] {
    const found: WinningLines[] = [];
    for (let at = offset; ; ) {
      const parsed = parseRecord(piece.bytes, at - piece.from);
      if (parsed.kind === "record") {
        found.push(this.#winnersOf(agency, parsed.record, piece));
      } else if (found.length > 0) {
        // It may only not be whole here: the next read begins with it, and tells.
        return found;
      } else {
        const [expected, what] =
          parsed.kind === "end" ? ["a record", "none"] : [parsed.expected, parsed.found];
        throw new LedgerCorrupt({ file: piece.path, at: { offset: at }, expected, found: what });
      }
      const next = this.#places.get(agency, first + found.length);
      if (next === undefined || next.segment !== segment) return found;
      at = next.offset;
    }
  }

  #winnersOf(
    agency: AgencyId,
    { kind, agency: of, body, at }: PlacedRecord,
    { path, from }: SegmentPiece,
  ): WinningLines {
    const winners = winningLines(body, this.#winningNumber);
    if (kind === BATCH && of === agency && winners.count > 0) return winners;
    throw new LedgerCorrupt({
      file: path,
      at: { offset: from + at },
      expected: `a batch of agency ${agency} with winning bets`,
      found: `a record of kind ${kind}, of agency ${of}, with ${winners.count}`,
    });
  }
}

function joined(blocks: readonly WinningLines[]): WinningLines {
  const [first] = blocks;
  if (first !== undefined && blocks.length === 1) return first;
  return {
    lines: Buffer.concat(blocks.map(({ lines }) => lines)),
    count: blocks.reduce((sum, { count }) => sum + count, 0),
    documentBytes: blocks.reduce((sum, { documentBytes }) => sum + documentBytes, 0),
  };
}
