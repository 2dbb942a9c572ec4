import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createRandom } from "../../src/generate/random.ts";
import { playAndClose } from "../blackbox/perform.ts";
import { assertSound } from "../checker/check-evidence.ts";
import { SmallDisk } from "./small-disk.ts";
import { openStormStage, RAW_AGENCY, type RawBets, type StormStage } from "./storm-stage.ts";
import { untilPublished } from "../blackbox/until-published.ts";

const MIB = 1024 * 1024;
const SEGMENT_BYTES = 16 * MIB;
/** Room for four segments, `bets.csv`, and a little more. */
const DISK_MIB = 112;
/** A file that is made and removed changes twice, and is made once more. */
const BEGUN_TWICE = 3;

/**
 * The disk of a central gets full twice: while bets come in, and before `bets.csv` is written.
 * Every agency has to wait, no program has to be started again, and everything goes on when there
 * is room.
 */
export async function playFullDisk(dialects: readonly string[], seed: number): Promise<void> {
  const disk = new SmallDisk(DISK_MIB);
  try {
    await disk.leave(SEGMENT_BYTES + MIB);
    const stage = await openStormStage({
      dialects,
      betsEach: 600,
      rawBets: bulkyBets(SEGMENT_BYTES + 2 * MIB),
      random: createRandom(seed),
      dataDir: join(disk.path, "data"),
    });
    try {
      await playAndClose(stage.show, () => play(stage, disk));
    } finally {
      await stage.close();
    }
  } finally {
    disk.unmount();
  }
}

async function play(stage: StormStage, disk: SmallDisk): Promise<void> {
  const { show, lookout, programs, raw, drawDir } = stage;
  const until = (condition: () => boolean): Promise<void> =>
    lookout.until({ kind: "never" }, condition);
  await show.start(["server"]);
  lookout.watchFiles(drawDir);
  const run = raw.run();
  run.catch(() => undefined);
  // One segment is ready, and there is no room for another.
  await until(() => raw.busy > 0);
  await show.start(programs.map(({ service }) => service));
  await show.feed.untilAction("central_busy");
  const { busy } = raw;
  await until(() => raw.busy >= busy + 2);
  // The rest of the segment has room for some small batches, but not for any agency's last one.
  assert.equal(lookout.done.size, 0);
  assert.ok(raw.acknowledged < raw.batches.length);
  assertSound(stage.evidence({ over: false, drawMayBeToldAgain: false }));

  // Room for one segment more, and for no other.
  await disk.leave(SEGMENT_BYTES + MIB);
  await until(
    () => lookout.done.size === programs.length && raw.acknowledged === raw.batches.length,
  );

  // The ledger has its room, but there is not enough for `bets.csv`.
  await disk.leave(0);
  // The agency in this process does not repeat a DONE that is recorded, so no peer may be left that
  // would wake up the central.
  raw.allowDone();
  await until(() => lookout.changes("bets.csv.tmp") >= BEGUN_TWICE);
  assert.ok(!existsSync(join(drawDir, "bets.csv")));

  disk.makeRoom();
  await untilPublished(drawDir);
  await run;
  for (const { service, bets } of programs) {
    assert.equal(await show.feed.untilExit(service), 0, service);
    assert.deepEqual(show.feed.messages("consulta_ganadores", service), [
      `action: consulta_ganadores | result: success | cant_ganadores: ${bets.winners.length}`,
    ]);
  }
  await show.stop(["server"], 1);
  // The central ran all the time.
  assert.deepEqual(show.feed.exits("server"), [0]);
  assertSound(stage.evidence({ over: true, drawMayBeToldAgain: false }));
}

/** Bets that fill a disk soon: with the longest names, as many as fit into a message. */
function bulkyBets(bytes: number): RawBets {
  const marker = `Marca${RAW_AGENCY}`;
  const first = marker.padEnd(255, "x");
  const last = "y".repeat(255);
  const lines: string[] = [];
  for (let filled = 0; filled < bytes; ) {
    const document = 90_000_000 + lines.length;
    const line = `${RAW_AGENCY},${first},${last},${document},1999-12-31,${lines.length % 7000}\r\n`;
    filled += line.length;
    lines.push(line);
  }
  return { bets: { lines, markers: [marker] }, batchBets: 15, window: 32 };
}
