import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { gradersData } from "../agency-data.ts";
import { assertNoFailure, clientNames, perform, stopServer } from "../perform.ts";
import type { Show, Stage } from "../stage.ts";

/** Exercises 5 and 6: single bets, and batches of them. */
export function betScenarios(stage: Stage): void {
  it("a single bet is sent and stored, and both sides say which", async () => {
    await perform(stage, { mode: "bet", clients: 3 }, async (show) => {
      for (const name of clientNames(3)) assert.equal(await show.feed.untilExit(name), 0);
      await show.feed.untilAction("apuesta_almacenada", "server", 3);
      const bets = [
        "dni: 30904465 | numero: 7574",
        "dni: 30904466 | numero: 7575",
        "dni: 30904467 | numero: 7576",
      ];
      for (const [index, bet] of bets.entries()) {
        assert.deepEqual(show.feed.messages("apuesta_enviada", `client${index + 1}`), [
          `action: apuesta_enviada | result: success | ${bet}`,
        ]);
      }
      assert.deepEqual(
        show.feed.messages("apuesta_almacenada", "server").toSorted(),
        bets.map((bet) => `action: apuesta_almacenada | result: success | ${bet}`),
      );
      assertNoFailure(show);
      await stopServer(show);
    });
  });

  for (const [bets, maxAmount] of [
    [64, 10],
    [99, 10],
    [64, 16],
    [99, 21],
    [16, 64],
  ] as const) {
    it(`${bets} bets arrive in batches of ${maxAmount}, and the last batch may be smaller`, async () => {
      const client = { batchMaxAmount: maxAmount };
      const data = [gradersData(bets).content];
      await perform(stage, { mode: "lottery", clients: 1, client, data }, async (show) => {
        assert.equal(await show.feed.untilExit("client1"), 0);
        await show.feed.untilAction("sorteo", "server");
        const counts: number[] = Array.from(
          { length: Math.floor(bets / maxAmount) },
          () => maxAmount,
        );
        if (bets % maxAmount > 0) counts.push(bets % maxAmount);
        assert.deepEqual(
          show.feed.messages("apuesta_recibida", "server"),
          counts.map((count) => `action: apuesta_recibida | result: success | cantidad: ${count}`),
        );
        assertNoFailure(show);
      });
    });
  }

  it("a bad bet makes its whole batch fail, and no other batch", async () => {
    // In the second batch of ten: a birthdate that does not exist, and a bet that would have won.
    const rows = gradersData(30, [5, 12]).content.split("\n");
    rows[17] = "Name,Surname,00000017,2001-02-29,17";
    const plan = {
      mode: "lottery",
      clients: 1,
      client: { batchMaxAmount: 10, more: "data:\n  badRow: send\n" },
      data: [rows.join("\n")],
    } as const;
    await perform(stage, plan, async (show) => {
      assert.equal(await show.feed.untilExit("client1"), 1, "the agency does not pass over it");
      await show.feed.untilAction("sorteo", "server");
      const received = show.feed.messages("apuesta_recibida", "server");
      const failed = "action: apuesta_recibida | result: fail | cantidad: 10";
      const stored = "action: apuesta_recibida | result: success | cantidad: 10";
      assert.equal(received.filter((message) => message === stored).length, 2);
      assert.ok(received.includes(failed));
      assert.ok(received.every((message) => message === stored || message === failed));
      assert.deepEqual(show.feed.messages("consulta_ganadores", "client1"), [
        "action: consulta_ganadores | result: success | cant_ganadores: 1",
      ]);
      await show.feed.untilAction("publish_draw", "server");
      await stopServer(show);
      const kept = [...rows.slice(0, 10), ...rows.slice(20, 30)];
      assert.deepEqual(
        await storedRows(show),
        kept.map((row) => `1,${row}`),
      );
    });
  });
}

/** Rows of the course's file of bets, in the order in which they were stored. */
async function storedRows(show: Show): Promise<string[]> {
  const text = readFileSync(join(await show.serverData(), "1", "bets.csv"), "utf8");
  assert.ok(text.endsWith("\r\n"));
  return text.slice(0, -2).split("\r\n");
}
