import assert from "node:assert/strict";
import { it } from "node:test";
import { realData } from "../../support/paths.ts";
import { type AgencyData, gradersData, realAgencyData } from "../agency-data.ts";
import { assertNoFailure, clientNames, perform, stopServer } from "../perform.ts";
import type { Plan, Show, Stage } from "../stage.ts";

/**
 * Exercises 7 and 8: all agencies send at the same time, there is one draw, and each agency gets
 * its own winners.
 */
export function drawScenarios(stage: Stage): void {
  it("three agencies learn how many winners they have", async () => {
    await playDraw(stage, [gradersData(100, [0, 99]), gradersData(100, [50]), gradersData(100)]);
  });

  it("five agencies learn how many winners they have", async () => {
    const winners = [[1], [1, 2], [1, 2, 3], [1, 2, 3, 4], [1, 2, 3, 4, 5]];
    await playDraw(
      stage,
      winners.map((bets) => gradersData(60, bets)),
    );
  });

  it("an agency without any bet takes part", async () => {
    await playDraw(stage, [gradersData(0), gradersData(20, [3])]);
  });

  it("the course's own files have as many winners as a count of the files gives", {
    skip: realData === undefined,
  }, async () => {
    const dir = realData ?? "";
    const agencies = [1, 2, 3, 4, 5].map((agency) => realAgencyData(dir, agency));
    await playDraw(stage, agencies, { client: { batchMaxAmount: 100 } });
  });

  it("no agency learns anything before the last agency is done", async () => {
    const agencies = [1, 2, 3, 4, 5].map((agency) => gradersData(50, [agency]));
    const plan = {
      ...planFor(agencies),
      server: { loggingLevel: "DEBUG" },
      services: ["server", ...clientNames(4)],
    };
    await perform(stage, plan, async (show) => {
      // Each of the four has said that it is done, and the server has recorded it.
      await show.feed.untilAction("register_done", "server", 4);
      assertNothingDrawn(show);
      await show.start(["client5"]);
      await assertDrawn(show, agencies);
      // From here on only the server's own lines have an order: the fifth may be done in milliseconds.
      const lines = show.feed.lines(undefined, "server");
      const fifthDoneAt = lines.findIndex(
        ({ action, details }) => action === "register_done" && details["agency"] === "5",
      );
      const drawnAt = lines.findIndex(({ action }) => action === "sorteo");
      assert.ok(fifthDoneAt >= 0 && fifthDoneAt < drawnAt, "the draw waits for the fifth");
    });
  });
}

function assertNothingDrawn(show: Show): void {
  assert.deepEqual(show.feed.messages("sorteo"), []);
  assert.deepEqual(show.feed.messages("consulta_ganadores"), []);
  assert.deepEqual(show.feed.exits(), [], "everybody is there and waits");
}

function planFor(agencies: readonly AgencyData[]): Plan {
  return {
    mode: "lottery",
    clients: agencies.length,
    data: agencies.map(({ content }) => content),
  };
}

async function playDraw(
  stage: Stage,
  agencies: readonly AgencyData[],
  more: Partial<Plan> = {},
): Promise<void> {
  await perform(stage, { ...planFor(agencies), ...more }, async (show) => {
    await assertDrawn(show, agencies);
  });
}

/** Waits for the end: one draw after all the bets, and each agency has its own winners. */
export async function assertDrawn(show: Show, agencies: readonly AgencyData[]): Promise<void> {
  const { feed } = show;
  for (const [index, { winners }] of agencies.entries()) {
    const name = `client${index + 1}`;
    assert.equal(await feed.untilExit(name), 0);
    assert.deepEqual(feed.messages("consulta_ganadores", name), [
      `action: consulta_ganadores | result: success | cant_ganadores: ${winners.length}`,
    ]);
  }
  await feed.untilAction("sorteo", "server");
  assert.deepEqual(feed.messages("sorteo"), ["action: sorteo | result: success"]);
  const lines = feed.lines(undefined, "server");
  const drawnAt = lines.findIndex(({ action }) => action === "sorteo");
  const received = lines.filter(({ action }) => action === "apuesta_recibida");
  assert.deepEqual(
    lines.slice(drawnAt).filter(({ action }) => action === "apuesta_recibida"),
    [],
    "no bet after the draw",
  );
  const bets = received.reduce((sum, { details }) => sum + Number(details["cantidad"]), 0);
  assert.equal(
    bets,
    agencies.reduce((sum, agency) => sum + agency.bets, 0),
  );
  assertNoFailure(show);
  // A server that is stopped earlier leaves bets.csv to the next start.
  await feed.untilAction("publish_draw", "server");
  await stopServer(show);
}
