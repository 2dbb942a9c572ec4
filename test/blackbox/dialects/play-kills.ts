import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Random } from "../../../src/generate/random.ts";
import { cli } from "../../support/paths.ts";
import type { AgencyData } from "../agency-data.ts";
import { freePort } from "../free-port.ts";
import { playAndClose } from "../perform.ts";
import { ProcessShow } from "../process-stage.ts";
import { assertStored } from "../stored-bets.ts";
import { untilPublished } from "../until-published.ts";
import { type Part, partEnvironment } from "./cast.ts";

export interface Killing {
  readonly cast: readonly Part[];
  /** Data of the first agency, the second …: as many as in the cast. */
  readonly agencies: readonly AgencyData[];
  readonly kills: number;
  readonly random: Random;
}

/**
 * The part of the load in which kills come. Later, the last line that the test waits for may be
 * lost with its server.
 */
const LOAD_KILLED_IN = 0.8;

const run = promisify(execFile);

/**
 * Kills agencies and the central in the middle of their work, `kill -9`, and starts each again at
 * once. In the end every bet is stored once, and every agency knows its winners. An agency that is
 * started once more after that changes nothing.
 */
export async function playKills(killing: Killing): Promise<void> {
  const { cast, agencies, kills, random } = killing;
  const plan = {
    mode: "lottery",
    clients: agencies.length,
    data: agencies.map(({ content }) => content),
  } as const;
  const show = new ProcessShow(plan, await freePort(), { environment: partEnvironment(cast) });
  const clients = show.services.filter((service) => service !== "server");
  const batches = agencies.reduce(
    (sum, { bets }, index) => sum + Math.ceil(bets / (cast[index]?.batchBets ?? 1)),
    0,
  );
  const moments = Array.from({ length: kills }, () =>
    Math.ceil((random.below(1000) / 1000) * LOAD_KILLED_IN * batches),
  ).toSorted((a, b) => a - b);

  await playAndClose(show, async () => {
    const starts = new Map(show.services.map((service) => [service, 1]));
    await show.start(show.services);
    for (const moment of moments) {
      await show.feed.untilAction("apuesta_recibida", "server", moment);
      const victim = random.below(3) === 0 ? "server" : random.pick(["client1", ...clients]);
      await show.kill(victim);
      starts.set(victim, (starts.get(victim) ?? 0) + 1);
      await show.start([victim]);
    }
    await assertWinners(show, agencies, starts);

    const again = random.pick(["client1", ...clients]);
    starts.set(again, (starts.get(again) ?? 0) + 1);
    await show.start([again]);
    await assertWinners(show, agencies, starts);

    const data = await show.serverData();
    await untilPublished(join(data, "1"));
    await show.stop(["server"], 1);
    assert.equal(show.feed.exits("server").at(-1), 0);
    assert.deepEqual(show.feed.messages("sorteo"), ["action: sorteo | result: success"]);
    assertStored(data, agencies);
    await run(process.execPath, [cli, "verify", data]);
  });
}

/** Waits until every run of every agency has ended, and the last run of each with success. */
async function assertWinners(
  show: ProcessShow,
  agencies: readonly AgencyData[],
  starts: ReadonlyMap<string, number>,
): Promise<void> {
  for (const [index, { winners }] of agencies.entries()) {
    const name = `client${index + 1}`;
    await show.feed.until(
      `the last exit of ${name}`,
      (seen) => seen.kind === "exit" && seen.source === name,
      starts.get(name) ?? 1,
    );
    assert.equal(show.feed.exits(name).at(-1), 0, name);
    assert.equal(
      show.feed.messages("consulta_ganadores", name).at(-1),
      `action: consulta_ganadores | result: success | cant_ganadores: ${winners.length}`,
      name,
    );
  }
}
