import { openLedger } from "../../../src/stores/ledger/ledger.ts";
import { betStoreConformance } from "../conformance/bet-store.ts";

betStoreConformance({
  name: "the ledger",
  capabilities: { remembersBatches: true, remembersDraw: true, remembersActs: true },
  exclusive: true,
  open: (dir, { smallBuffers, ...settings }) =>
    openLedger({
      dir,
      ...settings,
      segmentBytes: 64 * 1024,
      ...(smallBuffers ? { groupBytes: 1024, groupsMax: 2 } : {}),
    }),
});
