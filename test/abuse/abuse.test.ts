import { abuseSuite } from "./suite.ts";

// `make torture` runs the same with much larger numbers.
abuseSuite({
  atOnce: 3,
  agencies: 5000,
  slowConnections: 120,
  frozenTimes: 1,
  cutBatchBets: [2, 1],
  resetsInTurn: false,
  floodTimes: 0,
  winners: 1000,
  stormConnections: 500,
  crowdingRounds: 2,
  crowd: { idle: 300, busy: 30, batches: 5, batchBets: 10 },
});
