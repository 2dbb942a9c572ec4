import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { Winners } from "../../../src/store/bet-store.ts";
import * as colonLines from "../../../src/protocols/dialects/colon-lines/encode.ts";
import * as fixed70 from "../../../src/protocols/dialects/fixed70/encode.ts";
import * as md5Frames from "../../../src/protocols/dialects/md5-frames/encode.ts";
import * as newlineFields from "../../../src/protocols/dialects/newline-fields/encode.ts";
import * as tlv from "../../../src/protocols/dialects/tlv/encode.ts";
import { anyAgency, goodBet } from "../../lottery/arbitrary-bets.ts";
import { winnersOfBets } from "../../support/documents.ts";
import { seed, seedNote } from "../../support/seed.ts";
import type { Bet } from "../../../src/lottery/bet.ts";

const identifier = Buffer.alloc(16, 5);

/** How a dialect says winners: all at once, and a block at a time. native has frames instead. */
const ANSWERS: Record<
  string,
  {
    whole: (bets: readonly Bet[]) => Buffer;
    pieces: (winners: Winners) => AsyncIterable<Uint8Array>;
  }
> = {
  "colon-lines": {
    whole: (winners) => colonLines.encodeCentral({ kind: "winners", winners }),
    pieces: colonLines.encodeWinners,
  },
  fixed70: {
    whole: (bets) => fixed70.encodeCentral({ kind: "winners", documents: documents(bets) }),
    pieces: fixed70.encodeWinners,
  },
  "md5-frames": {
    whole: (bets) =>
      md5Frames.encodeCentral({ kind: "winners", documents: documents(bets), identifier }),
    pieces: (winners) => md5Frames.encodeWinners(winners, identifier),
  },
  "newline-fields": {
    whole: (bets) => newlineFields.encodeCentral({ kind: "winners", documents: documents(bets) }),
    pieces: newlineFields.encodeWinners,
  },
  tlv: {
    whole: (bets) => tlv.encodeCentral({ kind: "winners", documents: documents(bets) }),
    pieces: tlv.encodeWinners,
  },
};

describe("winners that are told a block at a time", () => {
  for (const [name, { whole, pieces }] of Object.entries(ANSWERS)) {
    it(`are the same bytes as all at once, in ${name} (${seedNote})`, async () => {
      const bets = anyAgency.chain((agency) => fc.array(goodBet(agency), { maxLength: 20 }));
      await fc.assert(
        fc.asyncProperty(bets, fc.integer({ min: 1, max: 8 }), async (won, blockBets) => {
          const parts: Uint8Array[] = [];
          for await (const part of pieces(winnersOfBets(won, blockBets))) parts.push(part);
          assert.deepEqual(Buffer.concat(parts), whole(won));
        }),
        { seed },
      );
    });
  }
});

function documents(bets: readonly Bet[]): string[] {
  return bets.map(({ document }) => document);
}
