import { describe, it } from "node:test";
import { castOf, SPOKEN, VERSIONS } from "../blackbox/dialects/cast.ts";
import { playDrawing } from "../blackbox/dialects/play-draw.ts";
import { realAgencies, sixRealAgencies } from "../blackbox/dialects/real-agencies.ts";
import { realData } from "../support/paths.ts";

const SEGMENT_BYTES = 1448;
/** Byte by byte, the whole data takes minutes. */
const PATIENCE_MS = 1_800_000;

describe("the course's own files", { skip: realData === undefined }, () => {
  const five = realAgencies(realData ?? "");
  const six = sixRealAgencies(realData ?? "");
  const draws = [
    ...VERSIONS.map((dialect) => ({ what: dialect, dialects: [dialect], agencies: five })),
    { what: "all dialects at once", dialects: SPOKEN, agencies: six },
  ];

  for (const { what, dialects, agencies } of draws) {
    const cast = castOf(agencies.length, dialects);

    it(`are drawn in ${what}`, async () => {
      await playDrawing({ cast, agencies });
    });

    it(`are drawn in ${what}, through a network that cuts segments`, async () => {
      await playDrawing({ cast, agencies, pieceBytes: SEGMENT_BYTES });
    });

    it(`are drawn in ${what} even if every byte comes alone`, async () => {
      await playDrawing({ cast, agencies, pieceBytes: 1, patienceMs: PATIENCE_MS });
    });
  }
});
