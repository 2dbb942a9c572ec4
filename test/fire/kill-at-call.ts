import assert from "node:assert/strict";
import { join } from "node:path";
import { freePort } from "../blackbox/free-port.ts";
import { playAndClose } from "../blackbox/perform.ts";
import { ProcessShow } from "../blackbox/process-stage.ts";
import { readDrawFiles } from "../checker/read-draw-files.ts";
import { phaseOf } from "./phase.ts";
import { RawDraw } from "./raw-draw.ts";
import { type KilledCall, straceKilling, throughFifo } from "./strace.ts";
import { untilPublished } from "../blackbox/until-published.ts";

const AGENCIES = 2;
const KILLED = 137;

/**
 * Runs a small draw whose central is killed at its nth call of one kind, and started again. Of its
 * writes, those of records (`pwrite64`) and those of its log (`write`) count, but not the many
 * zeros of segments.
 *
 * @returns how far the draw was; undefined if the central made fewer calls
 */
export async function playKillAt(call: KilledCall, when: number): Promise<string | undefined> {
  const port = await freePort();
  let traced = true;
  const show = new ProcessShow({ mode: "lottery", clients: AGENCIES }, port, {
    prefix: () => (traced ? killing() : []),
    // One thread, so that the calls have one order.
    environment: () => ({ UV_THREADPOOL_SIZE: "1" }),
  });
  const drawDir = join(await show.serverData(), "1");
  const killing = (): string[] => {
    if (call === "pwrite64") return straceKilling(call, when, join(drawDir, "00000001.seg"));
    if (call !== "write") return straceKilling(call, when);
    const log = join(drawDir, "..", "..", "log");
    return throughFifo(log, straceKilling(call, when, log));
  };
  const draw = new RawDraw({ port, agencies: AGENCIES, betsEach: 8, batchBets: 2, window: 1 });
  let phase: string | undefined;
  try {
    await playAndClose(show, async () => {
      draw.begin();
      // It may be killed before it listens.
      await show.start(["server"]).catch(() => undefined);
      const over = draw.ended().then(() => untilPublished(drawDir));
      await Promise.race([show.feed.untilExit("server"), over]);
      await show.stop(["server"], 1);
      const killed = (await show.feed.untilExit("server")) === KILLED;
      if (killed) {
        await draw.quiet();
        phase = phaseOf(readDrawFiles(drawDir));
        draw.assertSound(drawDir, show.feed, false, true);
        traced = false;
        await show.start(["server"]);
        await draw.ended();
        await untilPublished(drawDir);
        await show.stop(["server"], 1);
      }
      assert.equal(show.feed.exits("server").at(-1), 0);
      draw.assertSound(drawDir, show.feed, true, killed);
    });
    return phase;
  } finally {
    draw.stop();
  }
}
