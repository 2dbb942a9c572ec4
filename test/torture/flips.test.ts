import { playFlips } from "../fire/play-flips.ts";

/** 10,000 in all. */
playFlips({ batches: 1000, flips: 2500 });
