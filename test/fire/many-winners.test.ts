import { it } from "node:test";
import { playManyWinners } from "./many-winners.ts";

/** 150,080 winning bets: twice as many as such a heap held when they were kept in it. */
const BATCHES = 1072;
const HEAP_MIB = 16;

it("P9 more winners than the heap holds are taken, survive a stop and a kill, and are told in every dialect", (t) =>
  playManyWinners(t, { batches: BATCHES, heapMiB: HEAP_MIB, everyDialect: true }));
