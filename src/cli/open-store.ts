import type { CentralConfig } from "../config/central-config.ts";
import { openCsvStore } from "../csv/csv-store.ts";
import { openLedger } from "../ledger/ledger.ts";
import type { BetStore, StoreOptions } from "../store/bet-store.ts";
import { storeWithoutBets } from "../store/no-bets.ts";

/** Opens the store that the configuration names. @throws StoreError */
export function openStore(
  config: Pick<CentralConfig, "mode" | "store" | "dataDir" | "draw" | "winningNumber" | "agencies">,
  onFailure: (error: Error) => void,
): Promise<BetStore> {
  if (config.mode === "echo") return Promise.resolve(storeWithoutBets());
  const options: StoreOptions = {
    dir: config.dataDir,
    draw: config.draw,
    winningNumber: config.winningNumber,
    agencies: config.agencies,
    onFailure,
  };
  return OPENERS[config.store](options);
}

/** Every store there is. A new one is its folder and a line here. */
const OPENERS: Readonly<
  Record<CentralConfig["store"], (options: StoreOptions) => Promise<BetStore>>
> = {
  ledger: openLedger,
  csv: openCsvStore,
};
