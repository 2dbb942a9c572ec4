import { it } from "node:test";
import { playManyWinners } from "./many-winners.ts";

/**
 * The batches of 150,080 winning bets: twice as many as fitted into such a heap when winners were
 * kept in it.
 */
const BATCHES = 1072;
const HEAP_MIB = 16;

it("P9 more winners than fit into the heap survive a stop and a kill, and are told in every dialect", (t) =>
  playManyWinners(t, { batches: BATCHES, heapMiB: HEAP_MIB, everyDialect: true }));
