import type { CentralConfig } from "../config/central-config.ts";
import type { Timetable } from "../timetable/timetable.ts";
import { readPipe } from "./read-pipe.ts";

/** @throws ConfigError naming what is wrong in the timetable */
export async function loadTimetable({ drawsFile }: CentralConfig): Promise<Timetable | undefined> {
  if (drawsFile === undefined) return undefined;
  // Loaded only where there is one: it takes longer than all the rest of a start.
  const { readTimetable } = await import("../timetable/read-timetable.ts");
  return readTimetable(drawsFile, await readPipe(drawsFile));
}
