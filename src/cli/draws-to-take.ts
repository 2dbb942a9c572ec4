import { DRAWS_OVER_MAX } from "../central/draw-register.ts";
import type { DrawPlan } from "../lottery/draw-plan.ts";
import type { Disk } from "../stores/disk/disk.ts";
import { nodeDisk } from "../stores/disk/node-disk.ts";
import { heldDraws } from "../stores/ledger/held-draws.ts";

/**
 * The draws in a data directory that a central serves beside the one it is told: those that were opened while
 * a central ran, by an operator or a timetable. A draw that a central was started with belongs to whoever
 * starts one with it again. Of finished draws, the last by name.
 */
export async function drawsToTake(
  dataDir: string,
  told: string | undefined,
  disk: Disk = nodeDisk,
): Promise<DrawPlan[]> {
  const held = await heldDraws(dataDir, told, disk);
  const opened = held.filter(({ plan }) => plan.openedBy !== undefined);
  const finished = opened.filter(({ published }) => published).slice(-DRAWS_OVER_MAX);
  const going = opened.filter(({ published }) => !published);
  return [...finished, ...going].map(({ plan }) => plan);
}
