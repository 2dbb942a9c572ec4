import assert from "node:assert/strict";
import { it } from "node:test";
import { gradersData } from "./agency-data.ts";
import { clientNames, perform } from "./perform.ts";
import { processStage } from "./process-stage.ts";

// Graders read the merged log of all containers. A message that the server has answered must be in
// its log before the answer is in a client's log.
it("a message is in the server's log before its answer is in a client's log", async () => {
  const clients = 5;
  const agencies = Array.from({ length: clients }, (_, index) => gradersData(40, [index]));
  const plan = {
    mode: "lottery",
    clients,
    client: { logLevel: "DEBUG" },
    data: agencies.map(({ content }) => content),
  } as const;
  await perform(processStage, plan, async ({ feed }) => {
    for (const name of clientNames(clients)) assert.equal(await feed.untilExit(name), 0);
    const actions = feed.lines().map(({ action }) => action);
    const drawnAt = actions.indexOf("sorteo");
    assert.ok(drawnAt >= 0, "the draw is in the log when the agencies are through");
    assert.ok(drawnAt < actions.indexOf("consulta_ganadores"), "the draw comes before the winners");
    assert.ok(actions.lastIndexOf("apuesta_recibida") < drawnAt, "and after all the bets");
  });
});
