import { openCsvStore } from "../../../src/stores/csv/csv-store.ts";
import { betStoreConformance } from "../conformance/bet-store.ts";

betStoreConformance({
  name: "the course's bets.csv",
  capabilities: { remembersBatches: false, remembersDraw: false, remembersActs: false },
  exclusive: true,
  open: (dir, { smallBuffers, ...settings }) =>
    openCsvStore({
      dir,
      ...settings,
      ...(smallBuffers ? { groupBytes: 1024, groupsMax: 2 } : {}),
    }),
});
