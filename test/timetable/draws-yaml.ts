import { ConfigError } from "../../src/config/config-error.ts";
import { readTimetable } from "../../src/timetable/read-timetable.ts";
import type { Timetable } from "../../src/timetable/timetable.ts";

/** Reads a timetable from text, as from the file draws.yaml. */
export function timetableOf(text: string): Timetable {
  return readTimetable("draws.yaml", new TextEncoder().encode(text));
}

/** What is wrong with a timetable; nothing when it is good. */
export function problemsOf(text: string): readonly string[] {
  try {
    timetableOf(text);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems;
  }
}
