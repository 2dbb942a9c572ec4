import type { CentralConfig } from "../config/central-config.ts";
import { linesBytesMax } from "../limits.ts";
import { openCsvStore } from "../stores/csv/csv-store.ts";
import { type LedgerOptions, openLedger } from "../stores/ledger/ledger.ts";
import type { BetStore } from "../store/bet-store.ts";
import { storeWithoutBets } from "../stores/no-bets.ts";

/** The callbacks of a store. */
export type StoreEvents = Required<
  Pick<LedgerOptions, "onFailure" | "onTornTail" | "onPublication" | "onDelay">
>;

/**
 * Opens the store that the configuration names.
 *
 * @param signal ends an opening that waits for another process
 * @throws StoreError; the signal's reason
 */
export function openStore(
  config: Pick<
    CentralConfig,
    "mode" | "store" | "dataDir" | "draw" | "winningNumber" | "agencies" | "replay" | "limits"
  >,
  events: StoreEvents,
  signal: AbortSignal,
): Promise<BetStore> {
  if (config.mode === "echo") return Promise.resolve(storeWithoutBets());
  const options = {
    ...events,
    signal,
    batchBytesMax: linesBytesMax(config.limits),
    dir: config.dataDir,
    draw: config.draw,
    winningNumber: config.winningNumber,
    agencies: config.agencies,
    replay: config.replay,
  };
  return OPENERS[config.store](options);
}

/** All stores. A new one needs its folder and a line here. */
const OPENERS: Readonly<
  Record<CentralConfig["store"], (options: LedgerOptions) => Promise<BetStore>>
> = {
  ledger: openLedger,
  csv: openCsvStore,
};
