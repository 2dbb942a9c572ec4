import type { CentralConfig } from "../config/central-config.ts";
import { openCsvStore } from "../csv/csv-store.ts";
import { type LedgerOptions, openLedger } from "../ledger/ledger.ts";
import type { BetStore } from "../store/bet-store.ts";
import { storeWithoutBets } from "../store/no-bets.ts";

/** What a store has to tell beside its answers. */
export type StoreEvents = Required<
  Pick<LedgerOptions, "onFailure" | "onTornTail" | "onPublication">
>;

/** Opens the store that the configuration names. @throws StoreError */
export function openStore(
  config: Pick<
    CentralConfig,
    "mode" | "store" | "dataDir" | "draw" | "winningNumber" | "agencies" | "replay"
  >,
  events: StoreEvents,
): Promise<BetStore> {
  if (config.mode === "echo") return Promise.resolve(storeWithoutBets());
  const options = {
    ...events,
    dir: config.dataDir,
    draw: config.draw,
    winningNumber: config.winningNumber,
    agencies: config.agencies,
    replay: config.replay,
  };
  return OPENERS[config.store](options);
}

/** Every store there is. A new one is its folder and a line here. */
const OPENERS: Readonly<
  Record<CentralConfig["store"], (options: LedgerOptions) => Promise<BetStore>>
> = {
  ledger: openLedger,
  csv: openCsvStore,
};
