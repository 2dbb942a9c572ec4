import type { BenchOptions } from "./options.ts";
import type { Row } from "./row.ts";
import type { Stage } from "./stage.ts";
import { CALIBRATION, calibrationRow } from "./systems/calibration.ts";
import { appendRows } from "./systems/append.ts";
import { batchRows } from "./systems/batch-rows.ts";
import { centralRows, latencyRows, loggingRows } from "./systems/central-rows.ts";
import { courseRows } from "./systems/course.ts";
import { idleRows } from "./systems/idle.ts";
import { peerRows } from "./systems/peers.ts";
import { postgresPeers } from "./systems/postgres.ts";
import { REDIS } from "./systems/redis.ts";
import { sinkRows } from "./systems/sink.ts";
import { sizeRows } from "./systems/sizes.ts";
import { tlsRows } from "./systems/tls-rows.ts";
import { jobRows } from "./systems/whole-job.ts";

/**
 * All rows that are measured, in the order of a round.
 *
 * @param whole the stage that lasts for all rounds
 * @param progress called with the progress of a long row
 */
export function planRows(
  options: BenchOptions,
  whole: Stage,
  progress: (note: string) => void,
): Row[] {
  const { only, sizes, idle } = options;
  const peers = [...postgresPeers(whole), REDIS];
  const rows = [
    calibrationRow,
    ...sinkRows(options),
    ...appendRows(options),
    ...centralRows(options),
    ...tlsRows(options),
    ...latencyRows(options),
    ...loggingRows(options),
    ...peerRows(options, peers),
    ...courseRows(options),
    ...batchRows(options, peers),
    ...idleRows(options, idle),
    ...jobRows(options),
    ...sizeRows(sizes, progress),
  ];
  return only === undefined ? rows : rows.filter(({ id }) => id === CALIBRATION || only.test(id));
}
