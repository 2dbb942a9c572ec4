import assert from "node:assert/strict";
import { it } from "node:test";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { gradersData } from "../blackbox/agency-data.ts";
import { clientNames, playAndClose } from "../blackbox/perform.ts";
import { ContainerShow } from "./container-stage.ts";

const CLIENTS = 5;
const BETS_EACH = 400;
/** The number of draws: 100 draws can show a case of one in a hundred, and take ten minutes. */
const DRAWS = Number(process.env["QUINIELA_DRAWS"] ?? 5);

/** The machine is busy on purpose. */
const PATIENCE_MS = 180_000;

/** The order in which graders find the draw and the first winners in the log of all containers. */
export function drawOrder(): void {
  it(`has the draw before any winners in all of ${DRAWS} merged logs, on a busy machine`, async (t) => {
    const idle = keepBusy();
    const inverted: string[] = [];
    const gapsMs: number[] = [];
    try {
      for (let draw = 1; draw <= DRAWS; draw++) {
        const { gapMs, drawnFirst } = await playDraw();
        gapsMs.push(gapMs);
        t.diagnostic(`draw ${draw}: first winners ${Math.round(gapMs)} ms after the line`);
        if (gapMs <= 0)
          inverted.push(`draw ${draw}: by ${-gapMs} ms, in the log of all containers`);
        if (!drawnFirst) inverted.push(`draw ${draw}: as the logs were followed`);
      }
    } finally {
      await idle();
    }
    const [least, most] = [Math.min(...gapsMs), Math.max(...gapsMs)].map(Math.round);
    t.diagnostic(
      `first winners ${least} to ${most} ms after the draw, ${inverted.length} inverted`,
    );
    assert.deepEqual(inverted, []);
  });
}

interface Order {
  /**
   * From the line of the draw to the first line with winners, by the times of
   * `docker compose logs`.
   */
  readonly gapMs: number;
  /** A reader of the logs of all containers has read the draw first. */
  readonly drawnFirst: boolean;
}

async function playDraw(): Promise<Order> {
  const agencies = Array.from({ length: CLIENTS }, (_, index) => gradersData(BETS_EACH, [index]));
  const data = agencies.map(({ content }) => content);
  const show = new ContainerShow({ mode: "lottery", clients: CLIENTS, data }, PATIENCE_MS);
  let gapMs = Number.NaN;
  await playAndClose(show, async () => {
    await show.start(show.services);
    for (const name of clientNames(CLIENTS)) assert.equal(await show.feed.untilExit(name), 0);
    const log = await show.mergedLog();
    const [drawnMs, ...drawnAgain] = timesOf(log, "action: sorteo");
    const [toldMs, ...toldAgain] = timesOf(log, "action: consulta_ganadores");
    assert.ok(drawnMs !== undefined && toldMs !== undefined, "the log tells of the draw");
    assert.deepEqual([drawnAgain.length, toldAgain.length], [0, CLIENTS - 1]);
    gapMs = toldMs - drawnMs;
  });
  const actions = show.feed.lines().map(({ action }) => action);
  return { gapMs, drawnFirst: actions.indexOf("sorteo") < actions.indexOf("consulta_ganadores") };
}

/** When the engine took these lines from the containers' pipes, the first one first. */
function timesOf(log: string, words: string): number[] {
  const times = log.split("\n").flatMap((text) => {
    const time = /\| (\d{4}-\d\d-\d\dT[\d:]+)(\.\d+)Z /.exec(text);
    const is = time !== null && text.includes(words);
    return is ? [Date.parse(`${time[1]}Z`) + Number(time[2]) * 1000] : [];
  });
  return times.toSorted((a, b) => a - b);
}

/** Keeps every processor busy. @returns a function that ends this */
function keepBusy(): () => Promise<void> {
  const workers = Array.from(
    { length: availableParallelism() },
    () => new Worker("for (;;);", { eval: true }),
  );
  return async () => {
    await Promise.all(workers.map((worker) => worker.terminate()));
  };
}
