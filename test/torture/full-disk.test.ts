import { it } from "node:test";
import { seed, seedNote } from "../support/seed.ts";
import { playFullDisk } from "../fire/full-disk.ts";
import { whyNoSmallDisk } from "../fire/small-disk.ts";

const title = `P1 P9: agencies wait while the disk is full, and go on when there is room (${seedNote})`;
it(title, { skip: whyNoSmallDisk() ?? false }, async () => {
  await playFullDisk(["native", "colon-lines", "tlv", "md5-frames", "newline-fields"], seed);
});
