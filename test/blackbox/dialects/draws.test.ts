import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { realData } from "../../support/paths.ts";
import { castOf, SPOKEN } from "./cast.ts";
import { plainData } from "./plain-data.ts";
import { playDrawing } from "./play-draw.ts";
import { realAgencies, sixRealAgencies } from "./real-agencies.ts";

const SEGMENT_BYTES = 1448;
/** Of the course's own files. */
const WINNERS = [2, 3, 3, 2, 0];

describe("the course's own files", { skip: realData === undefined, concurrency: 2 }, () => {
  const agencies = realAgencies(realData ?? "");

  it("have the known winners", () => {
    assert.deepEqual(
      agencies.map(({ winners }) => winners.length),
      WINNERS,
    );
  });

  // `make torture` runs a draw in each dialect alone, and in every version:
  // test/torture/draws.test.ts.
  for (const dialects of [SPOKEN, SPOKEN.toReversed()]) {
    const cast = castOf(agencies.length, dialects);
    const names = cast.map(({ dialect }) => dialect).join(", ");
    it(`are drawn in ${names}, through a network that cuts segments`, async () => {
      await playDrawing({ cast, agencies, pieceBytes: SEGMENT_BYTES });
    });
  }
});

describe("six agencies in as many dialects", { concurrency: 2 }, () => {
  const plain = [0, 1, 2, 3, 0, 30].map((winners, index) => plainData(200 + index, winners));

  it("take part in one draw", async () => {
    const agencies = realData === undefined ? plain : sixRealAgencies(realData);
    await playDrawing({ cast: castOf(agencies.length, SPOKEN), agencies });
  });

  it("take part in one draw even if every byte comes alone", async () => {
    await playDrawing({ cast: castOf(plain.length, SPOKEN), agencies: plain, pieceBytes: 1 });
  });
});
