import { it } from "node:test";
import { playManyWinners } from "../fire/many-winners.ts";

/** 10,000,060 winning bets. */
const BATCHES = 71_429;
const HEAP_MIB = 128;

it("P9 ten million winners fit into a heap of 128 MiB, survive a stop and a kill, and are told", (t) =>
  playManyWinners(t, { batches: BATCHES, heapMiB: HEAP_MIB, everyDialect: false }));
