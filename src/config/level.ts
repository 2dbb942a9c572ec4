import type { LogLevel } from "../log/logger.ts";
import type { Level } from "./setting.ts";

/**
 * Reads the name of a level in any case: Python's names and those of the course's Go library. NOTICE is
 * between INFO and WARNING, and nothing is logged at NOTICE, so it is the same as WARNING.
 */
export function parseLevel(text: string): Level | undefined {
  const level = LEVELS.get(text.toUpperCase());
  return level === undefined ? undefined : { level, text };
}

const LEVELS: ReadonlyMap<string, LogLevel> = new Map([
  ["DEBUG", "debug"],
  ["INFO", "info"],
  ["NOTICE", "warning"],
  ["WARN", "warning"],
  ["WARNING", "warning"],
  ["ERROR", "error"],
  ["FATAL", "critical"],
  ["CRITICAL", "critical"],
]);
