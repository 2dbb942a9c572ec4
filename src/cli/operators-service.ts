import { statfs } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Central } from "../central/central.ts";
import type { CentralConfig } from "../config/central-config.ts";
import type { Feed } from "../events/feed.ts";
import { operatorsApi, type ServiceStatus } from "../http/api.ts";
import { type Door, openSocketDoor, SOCKET_FILE } from "../http/socket-door.ts";
import { loadTimetable } from "./load-timetable.ts";
import { packageVersion } from "./package-files.ts";

export interface ServiceOptions {
  readonly central: Central;
  readonly config: CentralConfig;
  readonly events: Feed;
  readonly startedAt: Date;
}

/**
 * Answers operators at the socket of the data folder. If that cannot be, the central goes on, and says so: its
 * draws are what it is for.
 *
 * @returns undefined when nobody is answered
 */
export async function serveOperators(options: ServiceOptions): Promise<Door | undefined> {
  const { central, config, events, startedAt } = options;
  const reload = async (): Promise<void> => {
    // First who is shut out: that must not wait until a mistake in the timetable is put right.
    if (config.identity !== undefined) await central.reloadIdentity();
    const timetable = await loadTimetable(config);
    if (timetable !== undefined) central.follow(timetable);
  };
  const api = operatorsApi({
    operations: central.operations,
    service: () => statusOf(central, config, startedAt),
    reload: config.drawsFile === undefined && config.identity === undefined ? undefined : reload,
  });
  let reason = "another central answers at the socket of this data folder";
  try {
    const door = await openSocketDoor(api, config.dataDir);
    if (door !== undefined) {
      events.publish({ kind: "operators-let-in", path: join(config.dataDir, SOCKET_FILE) });
      return door;
    }
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error);
  }
  events.publish({ kind: "operators-shut-out", reason });
  return undefined;
}

async function statusOf(
  central: Central,
  { dataDir }: CentralConfig,
  startedAt: Date,
): Promise<ServiceStatus> {
  const disk = await statfs(dataDir).catch(() => undefined);
  return {
    version: packageVersion(),
    pid: process.pid,
    startedAt: startedAt.toISOString(),
    address: central.address,
    connections: central.connections,
    dataDir: resolve(dataDir),
    disk:
      disk === undefined
        ? null
        : { freeBytes: disk.bavail * disk.bsize, bytes: disk.blocks * disk.bsize },
  };
}
