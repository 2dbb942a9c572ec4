import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { AgencyId } from "../../../src/lottery/bet.ts";
import { encodeLines } from "../../../src/lottery/canonical-line.ts";
import { LinkError } from "../../../src/protocols/agency-link.ts";
import { DIALECTS } from "../../../src/protocols/dialects.ts";
import { seed, seedNote } from "../../support/seed.ts";
import { network, run } from "../agency-run.ts";
import { MemoryDesk } from "../memory-desk.ts";
import { bet, bets } from "../plain-bets.ts";

/** Everything an agency can speak whose batches have no numbers, and the central it speaks to. */
const SPOKEN = DIALECTS.filter(({ name }) => name !== "native").flatMap((dialect) => {
  const { name, dialer, earlier = {} } = dialect;
  const versions = Object.entries(earlier).map(([version, old]) => ({
    name: `${name}/${version}`,
    dialect,
    dialer: old,
  }));
  return dialer === undefined ? versions : [{ name, dialect, dialer }, ...versions];
});

for (const { name, dialect, dialer } of SPOKEN) {
  const noWinners = dialer.drawless === true ? undefined : [];

  describe(`agencies that speak ${name}`, { concurrency: 4 }, () => {
    if (dialer.drawless !== true) {
      it("play a whole draw of three", async () => {
        const desk = new MemoryDesk(3);
        const winners = await Promise.all(
          ([1, 2, 3] as AgencyId[]).map((agency) => {
            const lucky = Array.from({ length: agency - 1 }, (_, index) =>
              bet({ agency, document: `${9000 + index}`, number: 7574 }),
            );
            // Nobody's last batch is full: that is a matter of its own in some dialect.
            const sent = [...bets(40 * agency, { agency }), ...lucky];
            return run({ sent, dialer, agency, size: 7, connect: network(dialect, desk) });
          }),
        );
        assert.deepEqual(winners, [[], ["9000"], ["9000", "9001"]]);
        assert.equal(desk.lines.split("\r\n").length - 1, 40 + 81 + 122);
      });

      it("hear of 50,000 winners", async () => {
        const desk = new MemoryDesk(1);
        const sent = bets(50_000, { number: 7574 });
        const connect = network(dialect, desk);
        assert.deepEqual(
          await run({ sent, dialer, size: 999, connect }),
          sent.map(({ document }) => document),
        );
      });
    }

    for (const [what, sent, size] of [
      ["a file of full batches", bets(6), 3],
      ["a file with a rest", bets(7), 3],
      ["an empty file", [], 3],
      ["a file of 1,100 bets", bets(1100), 500],
    ] as const) {
      for (const pieceBytes of [1, 1448]) {
        it(`send ${what} in pieces of ${pieceBytes} bytes`, async () => {
          const desk = new MemoryDesk(1);
          const connect = network(dialect, desk, { size: pieceBytes });
          assert.deepEqual(await run({ sent, dialer, size, connect }), noWinners);
          assert.equal(desk.lines, encodeLines(sent).toString());
        });
      }
    }

    it(`P2 store everything once though they are killed and run again (${seedNote})`, async () => {
      const sent = bets(20);
      const kills = fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 5 });
      await fc.assert(
        fc.asyncProperty(kills, async (moments) => {
          const desk = new MemoryDesk(1);
          for (const bytesMax of moments) {
            const connect = network(dialect, desk, { bytesMax });
            await run({ sent, dialer, connect }).catch((error: unknown) => {
              assert.ok(error instanceof LinkError && error.transient, String(error));
            });
          }
          const connect = network(dialect, desk);
          assert.deepEqual(await run({ sent, dialer, connect }), noWinners);
          assert.equal(desk.lines, encodeLines(sent).toString());
        }),
        { seed, numRuns: 60 },
      );
    });
  });
}
