import { it } from "node:test";
import { seed, seedNote } from "../support/seed.ts";
import { playFullDisk } from "../fire/full-disk.ts";
import { whyNoSmallDisk } from "../fire/small-disk.ts";

const title = `P1 P9: a disk that gets full puts agencies off, and they go on when there is room (${seedNote})`;
it(title, { skip: whyNoSmallDisk() ?? false }, async () => {
  await playFullDisk(["native", "colon-lines", "tlv", "md5-frames", "newline-fields"], seed);
});
