import type { AgencyId } from "../../lottery/bet.ts";
import { sumOfWinners, sumWinners, type WinnersSum } from "../../lottery/winners.ts";
import type { Disk } from "../disk/disk.ts";
import { BATCH } from "./layout.ts";
import { recordsUpTo } from "./replay-files.ts";
import type { WinnerPlaces } from "./winners-reader.ts";

export interface WinnersSearchParts {
  readonly disk: Disk;
  readonly dir: string;
  /** The last segment with records, and the offset after its last one. */
  readonly used: { readonly segment: number; readonly end: number };
  readonly winningNumber: number;
  /** Gets the places of records with winning bets. */
  readonly places: WinnerPlaces;
  /** Told after each segment how many bets were looked at. */
  readonly onBets: (bets: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Finds the winners of a number that was told after the seal: reads all segments once. The
 * CRC of every record is checked; sequences and chains are checked when the draw's files are written.
 *
 * @throws the signal's reason; LedgerCorrupt
 */
export async function searchWinners({
  disk,
  dir,
  used,
  winningNumber,
  places,
  onBets,
  signal,
}: WinnersSearchParts): Promise<ReadonlyMap<AgencyId, WinnersSum>> {
  const found = new Map<AgencyId, WinnersSum>();
  let bets = 0;
  for await (const { segment, records } of recordsUpTo(disk, dir, used.segment, used.end)) {
    signal.throwIfAborted();
    for (const { kind, agency, count, body, at } of records) {
      if (kind !== BATCH) continue;
      bets += count;
      const winners = sumWinners(body, winningNumber);
      if (winners.count === 0) continue;
      places.add(agency, segment, at);
      const before = found.get(agency as AgencyId);
      found.set(agency as AgencyId, before === undefined ? winners : sumOfWinners(before, winners));
    }
    onBets(bets);
  }
  return found;
}
