import { playFlips } from "./play-flips.ts";

// `make torture` flips 10,000 bits in ledgers of 1,000 batches.
playFlips({ batches: 150, flips: 25 });
