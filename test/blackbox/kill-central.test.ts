import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { createRandom } from "../../src/generate/random.ts";
import { cli } from "../support/paths.ts";
import { seed, seedNote } from "../support/seed.ts";
import { gradersData } from "./agency-data.ts";
import { freePort } from "./free-port.ts";
import { playAndClose } from "./perform.ts";
import { ProcessShow } from "./process-stage.ts";
import { assertStored } from "./stored-bets.ts";
import { untilPublished } from "./until-published.ts";

// `make torture` kills hundreds of times: test/torture/kill-storm.test.ts.
const ROUNDS = 5;
const AGENCIES = 3;
const BATCHES = 50;
const BATCH_BETS = 6;

/** What goes on when the server is killed; most rounds hit the load, which lasts longest. */
const PHASES = ["load", "load", "load", "seal", "draw"] as const;

/** There are this many different moments. */
const MOMENTS = 2 ** 20;

const run = promisify(execFile);

// With real processes: everything that was acknowledged is there, once, in order; the draw takes
// place once; only the server has to be started again.
const title = `P1 P2 P5 P10: the server is killed and started again (${seedNote})`;
describe(title, { concurrency: 2 }, () => {
  const random = createRandom(seed);
  for (let round = 0; round < ROUNDS; round++) {
    const phase = PHASES[round % PHASES.length] ?? "load";
    const moment = random.below(MOMENTS) / MOMENTS;
    it(`loses nothing in round ${round + 1}, during the ${phase}, at ${moment.toFixed(3)}`, async () => {
      await playRound(phase, moment);
    });
  }
});

async function playRound(phase: (typeof PHASES)[number], moment: number): Promise<void> {
  const agencies = Array.from({ length: AGENCIES }, (_, index) =>
    gradersData(BATCHES * BATCH_BETS, [index, index * 100 + 7].slice(0, index + 1)),
  );
  const plan = {
    mode: "lottery",
    clients: AGENCIES,
    client: { batchMaxAmount: BATCH_BETS },
    data: agencies.map(({ content }) => content),
  } as const;
  const show = new ProcessShow(plan, await freePort());
  await playAndClose(show, async () => {
    await show.start(show.services);
    await untilMoment(show, phase, moment);
    await show.kill("server");
    await show.start(["server"]);

    for (const [index, { winners }] of agencies.entries()) {
      const name = `client${index + 1}`;
      assert.equal(await show.feed.untilExit(name), 0, `${name} carries on by itself`);
      assert.deepEqual(show.feed.messages("consulta_ganadores", name), [
        `action: consulta_ganadores | result: success | cant_ganadores: ${winners.length}`,
      ]);
    }
    const data = await show.serverData();
    await untilPublished(join(data, "1"));
    await show.stop(["server"], 1);
    assert.deepEqual(show.feed.exits("server"), [137, 0]);
    // After a kill right after the draw, the draw is logged once more, and the line says so;
    // otherwise it is logged once.
    const draws = show.feed.lines("sorteo");
    const performed = draws.filter(({ details }) => details["recovered"] === undefined).length;
    // On a busy machine, a kill that was meant for the load may come during the draw.
    assert.ok(draws.length >= 1, "no line of the draw");
    assert.ok(performed <= 1, `${performed} draws are in the log`);
    assertStored(data, agencies);
    await run(process.execPath, [cli, "verify", data]);
  });
}

/** Waits until the server does the work during which it is to be killed. */
async function untilMoment(
  show: ProcessShow,
  phase: (typeof PHASES)[number],
  moment: number,
): Promise<void> {
  const batches = AGENCIES * BATCHES;
  switch (phase) {
    case "load":
      await show.feed.untilAction("apuesta_recibida", "server", 1 + Math.floor(moment * batches));
      return;
    case "seal":
      // Between the last batch and the draw: it is random which of the two DONEs the kill hits.
      if (moment < 0.5) await show.feed.untilAction("apuesta_recibida", "server", batches);
      else await show.feed.untilAction("send_done", undefined, AGENCIES - 1);
      return;
    case "draw":
      if (moment < 0.5) await show.feed.untilAction("sorteo", "server");
      else {
        const learned = 1 + Math.floor((moment - 0.5) * 2 * AGENCIES);
        await show.feed.untilAction("consulta_ganadores", undefined, learned);
      }
  }
}
