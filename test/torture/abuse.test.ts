import { abuseSuite } from "../abuse/suite.ts";

abuseSuite({
  atOnce: 1,
  agencies: 30_000,
  slowConnections: 2000,
  frozenTimes: 20,
  cutBatchBets: [5, 3, 1],
  resetsInTurn: true,
  floodTimes: 4,
  winners: 10_000,
  stormConnections: 20_000,
  crowdingRounds: 20,
  crowd: { idle: 10_000, busy: 500, batches: 20, batchBets: 100 },
});
