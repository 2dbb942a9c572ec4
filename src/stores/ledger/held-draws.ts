import { join } from "node:path";
import type { DrawPlan } from "../../lottery/draw-plan.ts";
import { type Disk, errorCode } from "../disk/disk.ts";
import { nodeDisk } from "../disk/node-disk.ts";
import { SEAL_FILE } from "../engine/seal-file.ts";
import { drawDirectory } from "./draw-directory.ts";
import { readDrawFile } from "./draw-file.ts";

/** A draw in a data directory, as far as its small files say. */
export interface HeldDraw {
  readonly plan: DrawPlan;
  /** Whether it is drawn and its files are written. */
  readonly published: boolean;
}

/**
 * The draws in a data directory, by their names. A directory that is missing holds none.
 *
 * @param except a draw that is not looked at
 * @throws LedgerCorrupt for a plan that cannot be read
 */
export async function heldDraws(
  dir: string,
  except?: string,
  disk: Disk = nodeDisk,
): Promise<HeldDraw[]> {
  const held: HeldDraw[] = [];
  const excepted = except === undefined ? undefined : drawDirectory(dir, except);
  for (const name of await listed(disk, dir)) {
    const drawDir = join(dir, name);
    if (drawDir === excepted) continue;
    const plan = await readDrawFile(disk, drawDir);
    if (plan === undefined) continue;
    const files = await disk.list(drawDir);
    held.push({ plan, published: files.includes(SEAL_FILE) });
  }
  return held.toSorted((a, b) => (a.plan.name < b.plan.name ? -1 : 1));
}

/** Their names alone. */
export async function listDraws(dir: string, disk: Disk = nodeDisk): Promise<string[]> {
  return (await heldDraws(dir, undefined, disk)).map(({ plan }) => plan.name);
}

async function listed(disk: Disk, dir: string): Promise<readonly string[]> {
  try {
    return await disk.list(dir);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}
