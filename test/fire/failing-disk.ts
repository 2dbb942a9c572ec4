import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../blackbox/free-port.ts";
import { playAndClose } from "../blackbox/perform.ts";
import { ProcessShow } from "../blackbox/process-stage.ts";
import { RawDraw } from "./raw-draw.ts";
import { type Injection, straceWith } from "./strace.ts";
import { untilPublished } from "../blackbox/until-published.ts";

export interface Failure extends Omit<Injection, "path"> {
  /** Name in the draw's directory; the directory itself when empty. */
  readonly file: string;
  /** What the central's last line must be. */
  readonly says: RegExp;
}

const AGENCIES = 3;

/**
 * Lets a call to the disk fail once, with EIO, while agencies send. The central has to say so and
 * end, and everything that it acknowledged must be in the files. After a new start everything goes
 * on.
 */
export async function playFailure(failure: Failure): Promise<void> {
  const port = await freePort();
  let traced = true;
  const show: ProcessShow = new ProcessShow({ mode: "lottery", clients: AGENCIES }, port, {
    prefix: () => (traced ? straceWith({ ...failure, path }, log) : []),
    // One thread, so that the calls have one order.
    environment: () => ({ UV_THREADPOOL_SIZE: "1" }),
  });
  const drawDir = join(await show.serverData(), "1");
  const path = join(drawDir, failure.file);
  const log = join(await show.serverData(), "..", "strace.log");
  const draw = new RawDraw({ port, agencies: AGENCIES, betsEach: 900, batchBets: 3, window: 2 });
  try {
    await playAndClose(show, async () => {
      draw.begin();
      // It may end before it listens.
      await show.start(["server"]).catch(() => undefined);
      assert.equal(await show.feed.untilExit("server"), 1);
      await draw.quiet();
      assertFailedOnce(readFileSync(log, "utf8"));
      assertSaid(show, failure.says);
      draw.assertSound(drawDir, show.feed, false);

      traced = false;
      await show.start(["server"]);
      await draw.ended();
      await untilPublished(drawDir);
      await show.stop(["server"], 1);
      assert.deepEqual(show.feed.exits("server"), [1, 0]);
      draw.assertSound(drawDir, show.feed, true);
    });
  } finally {
    draw.stop();
  }
}

/** Checks that the call failed, and was not tried again. */
function assertFailedOnce(log: string): void {
  const calls = log.split("\n").filter((line) => /(pwrite64|fdatasync|fsync)/.test(line));
  const failed = calls.findIndex((line) => line.includes("EIO") && line.includes("(INJECTED)"));
  assert.ok(failed >= 0, `no call has failed:\n${log}`);
  assert.deepEqual(calls.slice(failed + 1), [], "calls on the file after the one that failed");
}

/** Checks that the central named the reason, and confirmed nothing afterwards. */
function assertSaid(show: ProcessShow, says: RegExp): void {
  const texts = show.feed.sightings.flatMap((seen) => (seen.kind === "line" ? [seen.text] : []));
  const last = texts.findIndex((text) => says.test(text));
  assert.ok(last >= 0, `it never said ${says}`);
  const confirmed = texts.slice(last).filter((text) => /apuesta_recibida|sorteo/.test(text));
  assert.deepEqual(confirmed, []);
}
