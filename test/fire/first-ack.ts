import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { openCsvStore } from "../../src/stores/csv/csv-store.ts";
import { openLedger } from "../../src/stores/ledger/ledger.ts";
import { batchOf, submit, WINNING_NUMBER } from "../stores/conformance/batches.ts";

// A program for a trace: `first-ack.js STORE DIR SIGN` opens a new store, stores one batch, and
// makes the folder SIGN when the batch is confirmed.
const [kind, dir = "", sign = ""] = process.argv.slice(2);
const open = kind === "csv" ? openCsvStore : openLedger;
const store = await open({
  dir: join(dir, "made", "by", "the", "store"),
  draw: "1",
  winningNumber: WINNING_NUMBER,
  agencies: 2,
  onFailure: (error) => {
    throw error;
  },
});
const { kind: verdict } = await submit(store, batchOf(1, 1));
if (verdict === "stored") mkdirSync(sign);
await store.close();
