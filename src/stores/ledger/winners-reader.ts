import type { Clock } from "../../clock.ts";
import type { AgencyId } from "../../lottery/bet.ts";
import { type WinningLines, winningLines } from "../../lottery/winners.ts";
import type { Disk } from "../disk/disk.ts";
import { BATCH } from "./layout.ts";
import { LedgerCorrupt } from "./ledger-corrupt.ts";
import { parseRecord, type PlacedRecord } from "./record.ts";
import { type SegmentPiece, SegmentReaders } from "./segment-readers.ts";

export interface WinnersReaderParts {
  readonly disk: Disk;
  readonly dir: string;
  readonly clock: Clock;
  readonly places: WinnerPlaces;
}

/** Reads the bets that win from the segments, and checks every record that it reads. */
export class WinnersReader {
  readonly #places: WinnerPlaces;
  readonly #readers: SegmentReaders;

  constructor({ places, ...files }: WinnersReaderParts) {
    this.#places = places;
    this.#readers = new SegmentReaders(files);
  }

  /**
   * The bets of an agency that win, in its order: one block per read of 64 KiB, or of one larger record.
   * @throws LedgerCorrupt when a record is not the one that was stored
   */
  async *read(agency: AgencyId, winningNumber: number): AsyncGenerator<WinningLines, void> {
    let index = 0;
    for (;;) {
      const place = this.#places.get(agency, index);
      if (place === undefined) return;
      const blocks = await this.#readers.read(place.segment, place.offset, (piece) =>
        this.#take({ agency, winningNumber }, index, place, piece),
      );
      index += blocks.length;
      yield joined(blocks);
    }
  }

  close(): Promise<void> {
    return this.#readers.close();
  }

  /** The winners of the agency's records that are whole in the piece, at least one. */
  #take(
    wanted: Wanted,
    first: number,
    { segment, offset }: WinnerPlace,
    piece: SegmentPiece,
  ): WinningLines[] {
    const found: WinningLines[] = [];
    for (let at = offset; ; ) {
      const parsed = parseRecord(piece.bytes, at - piece.from);
      if (parsed.kind === "record") {
        found.push(winnersOf(wanted, parsed.record, piece));
      } else if (found.length > 0) {
        // The record may continue after the piece: the next read begins with it, and decides.
        return found;
      } else {
        const [expected, what] =
          parsed.kind === "end" ? ["a record", "none"] : [parsed.expected, parsed.found];
        throw new LedgerCorrupt({ file: piece.path, at: { offset: at }, expected, found: what });
      }
      const next = this.#places.get(wanted.agency, first + found.length);
      if (next === undefined || next.segment !== segment) return found;
      at = next.offset;
    }
  }
}

/** Whose winners are read, and with which number. */
interface Wanted {
  readonly agency: AgencyId;
  readonly winningNumber: number;
}

function winnersOf(
  { agency, winningNumber }: Wanted,
  { kind, agency: of, body, at }: PlacedRecord,
  { path, from }: SegmentPiece,
): WinningLines {
  const winners = winningLines(body, winningNumber);
  if (kind === BATCH && of === agency && winners.count > 0) return winners;
  throw new LedgerCorrupt({
    file: path,
    at: { offset: from + at },
    expected: `a batch of agency ${agency} with winning bets`,
    found: `a record of kind ${kind}, of agency ${of}, with ${winners.count}`,
  });
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

/**
 * The places of records with winning bets, by agency and in the agency's order. They take eight bytes per
 * record, outside of V8's heap; the bets themselves stay on the disk.
 */
export class WinnerPlaces {
  readonly #byAgency = new Map<number, Places>();

  /** @param segment number of the segment @param offset of the record's first byte */
  add(agency: number, segment: number, offset: number): void {
    let places = this.#byAgency.get(agency);
    if (places === undefined) {
      places = { count: 0, numbers: new Uint32Array(2) };
      this.#byAgency.set(agency, places);
    }
    const at = places.count * 2;
    if (at === places.numbers.length) {
      const grown = new Uint32Array(at * 2);
      grown.set(places.numbers);
      places.numbers = grown;
    }
    places.numbers[at] = segment;
    places.numbers[at + 1] = offset;
    places.count++;
  }

  clear(): void {
    this.#byAgency.clear();
  }

  /** @returns undefined after the agency's last */
  get(agency: number, index: number): WinnerPlace | undefined {
    const places = this.#byAgency.get(agency);
    if (places === undefined || index >= places.count) return undefined;
    const [segment = 0, offset = 0] = places.numbers.subarray(index * 2, index * 2 + 2);
    return { segment, offset };
  }
}

export interface WinnerPlace {
  readonly segment: number;
  readonly offset: number;
}

interface Places {
  count: number;
  /** Segment, offset, segment, offset, …; only the first `count` pairs are used. */
  numbers: Uint32Array;
}
