import { openLedger } from "../../src/stores/ledger/ledger.ts";
import { agencyId } from "../../src/lottery/bet.ts";
import { documentsIn } from "../../src/lottery/winners.ts";
import { tell } from "./child.ts";

// Measures the store's own part of a restart, and of reading winners, in a new process:
// open-store.js DATA_DIR DRAW AGENCIES

const [dir = "", draw = "", agenciesText = ""] = process.argv.slice(2);
const agencies = Number(agenciesText);
const startMs = performance.now();
const store = await openLedger({
  dir,
  draw,
  agencies,
  winningNumber: 7574,
  onFailure: (error) => {
    throw error;
  },
});
const openMs = performance.now() - startMs;
let winnersMs = 0;
let told = 0;
if ((await store.state()) === "drawn") {
  const startMs = performance.now();
  for (let agency = 1; agency <= agencies; agency++) {
    const id = agencyId(agency);
    if (id === undefined) continue;
    const winners = await store.winners(id);
    for await (const block of winners.blocks()) told += [...documentsIn(block)].length;
  }
  winnersMs = performance.now() - startMs;
}
await store.close();
tell({ kind: "result", openMs, winnersMs, told });
process.disconnect?.();
