import type { CentralConfig } from "../config/central-config.ts";
import type { Feed } from "../events/feed.ts";
import { linesBytesMax } from "../limits.ts";
import type { DrawPlan } from "../lottery/draw-plan.ts";
import { openCsvStore } from "../stores/csv/csv-store.ts";
import { type LedgerOptions, openLedger } from "../stores/ledger/ledger.ts";
import type { BetStore } from "../store/bet-store.ts";
import { report } from "./supervision.ts";

export interface OpenStoreOptions {
  readonly config: Pick<CentralConfig, "store" | "dataDir" | "replay" | "limits">;
  readonly plan: DrawPlan;
  /** Told what the store reports. */
  readonly events: Feed;
  readonly onFailure: (error: Error) => void;
  /** Ends an opening that waits for another process. */
  readonly signal: AbortSignal;
}

/**
 * Opens the store of a draw that the configuration names.
 *
 * @throws StoreError; the signal's reason
 */
export function openStore(options: OpenStoreOptions): Promise<BetStore> {
  const { config, plan, events, onFailure, signal } = options;
  const { name: draw } = plan;
  return OPENERS[config.store]({
    ...plan,
    draw,
    dir: config.dataDir,
    replay: config.replay,
    batchBytesMax: linesBytesMax(config.limits),
    signal,
    onFailure,
    onTornTail: ({ file, offset, bytes }) => {
      events.publish({ kind: "tail-cut", file, offset, bytes });
    },
    onDelay: (delay) => {
      const { what } = delay;
      if (delay.kind === "over") events.publish({ kind: "work-resumed", what });
      else events.publish({ kind: "work-delayed", what, reason: delay.reason });
    },
    onSearch: ({ bets, of }) => events.publish({ kind: "winners-searched", draw, bets, of }),
    onPublication: (publication) => {
      if (publication.kind === "written") {
        events.publish({ kind: "draw-published", dir: publication.dir });
        report({ kind: "published" });
      } else {
        events.publish({ kind: "publication-deferred" });
      }
    },
  });
}

/** All stores. A new one needs its folder and a line here. */
const OPENERS: Readonly<
  Record<CentralConfig["store"], (options: LedgerOptions) => Promise<BetStore>>
> = {
  ledger: openLedger,
  csv: openCsvStore,
};
