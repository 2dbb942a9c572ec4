import { CentralError } from "../central/central-error.ts";
import type { CentralConfig } from "../config/central-config.ts";
import type { Feed } from "../events/feed.ts";
import { drawsToTake } from "./draws-to-take.ts";
import { drawDirectory } from "../stores/ledger/draw-directory.ts";
import { expectBelievable, type Landmark, newestFile } from "./believable-clock.ts";
import { builtAt } from "./build-stamp.ts";
import {
  descriptorLimit,
  DESCRIPTORS_RESERVED,
  DESCRIPTORS_RESERVED_WITH_TIMETABLE,
  fitConnections,
  openDescriptors,
} from "./descriptor-limit.ts";

/**
 * Checks the machine before a central touches any data.
 *
 * @returns the configuration, with no more connections than the process can have
 * @throws CentralError `CLOCK_UNBELIEVABLE`, `TOO_FEW_DESCRIPTORS`
 */
export async function checkMachine(config: CentralConfig, events: Feed): Promise<CentralConfig> {
  if (config.clock === "check") expectBelievable(new Date(), await landmarks(config));
  return limitConnections(config, events, descriptorLimit(), openDescriptors());
}

async function landmarks(config: CentralConfig): Promise<readonly Landmark[]> {
  const found: Landmark[] = [];
  const built = builtAt();
  if (built !== undefined) {
    found.push({ what: "this program was built", at: built, file: undefined });
  }
  // A central that only echoes has no files.
  if (config.mode === "echo") return found;
  for (const dir of await storeDirectories(config)) {
    const newest = await newestFile(dir);
    if (newest !== undefined) found.push(newest);
  }
  return found;
}

/** Where the files are that the central will write. */
async function storeDirectories({ store, dataDir, draw }: CentralConfig): Promise<string[]> {
  if (store === "csv") return [dataDir];
  // A file that cannot be read is reported when its draw is opened, by a clock that can be believed.
  const taken = await drawsToTake(dataDir, draw).catch(() => []);
  const draws = taken.map(({ name }) => name);
  if (draw !== undefined) draws.push(draw);
  return draws.map((name) => drawDirectory(dataDir, name));
}

/**
 * @param limit file descriptors that the process may have
 * @param open file descriptors that are open already
 * @throws CentralError `TOO_FEW_DESCRIPTORS`
 */
export function limitConnections<
  T extends Pick<CentralConfig, "limits"> & Partial<Pick<CentralConfig, "drawsFile">>,
>(config: T, events: Pick<Feed, "publish">, limit: number | undefined, open: number): T {
  const { connectionsMax } = config.limits;
  const reserved =
    config.drawsFile === undefined ? DESCRIPTORS_RESERVED : DESCRIPTORS_RESERVED_WITH_TIMETABLE;
  const fit = fitConnections(connectionsMax, limit, open, reserved);
  if (fit.kind === "all") return config;
  const { needed } = fit;
  if (fit.kind === "too few") {
    throw new CentralError(
      "TOO_FEW_DESCRIPTORS",
      `Cannot start: the system lets this process have ${limit} file descriptors, and it needs ${needed} or more; raise the limit (ulimit -n, LimitNOFILE of systemd)`,
    );
  }
  const { connections: fitting } = fit;
  events.publish({
    kind: "connections-limited",
    connectionsMax: fitting,
    configured: connectionsMax,
    descriptors: limit,
    needed,
  });
  return { ...config, limits: { ...config.limits, connectionsMax: fitting } };
}
