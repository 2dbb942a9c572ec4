import type { BetStore } from "../store/bet-store.ts";
import { FIRST_STANDING } from "../lottery/standing.ts";
import { Roster } from "../lottery/roster.ts";
import { StoreError } from "../store/store-error.ts";

/** The store of a central that only echoes: a draw without agencies, which takes no bets. */
export function storeWithoutBets(): BetStore {
  const never = new AbortController();
  const closed = new StoreError("STORE_CLOSED", "Cannot wait for a draw: the store is closed");
  return {
    capabilities: { remembersBatches: false, remembersDraw: false, remembersActs: false },
    draw: "none",
    plan: { name: "none", winningNumber: 0, agencies: 0 },
    roster: new Roster(0),
    state: () => Promise.resolve("open"),
    standing: () => Promise.resolve(FIRST_STANDING),
    standings: () => Promise.resolve(new Map()),
    totals: () => Promise.resolve({ bets: 0, batches: 0 }),
    submit: refuse,
    congested: false,
    whenRoom: (callback) => callback(),
    done: refuse,
    act: () => Promise.resolve({ kind: "refused", why: "unsupported" }),
    acts: () => Promise.resolve([]),
    performDraw: () => Promise.resolve({ performed: false }),
    whenDrawn: () =>
      new Promise((_, reject) => {
        never.signal.addEventListener("abort", () => reject(closed));
      }),
    winners: refuse,
    async *scan() {},
    close: () => Promise.resolve(never.abort()),
  };
}

function refuse(): never {
  throw new RangeError("Cannot take bets: this central has no draw");
}
