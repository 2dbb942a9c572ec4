import { escapeKey, escapeText } from "./escape.ts";
import type { LogEvent, LogLevel } from "./logger.ts";

/** Whose log it is: the course's server and its client write levels differently. */
export type Side = "central" | "agency";

/**
 * One line without its end: `YYYY-MM-DD HH:MM:SS LEVEL action: A | result: R | key: value | …`.
 *
 * The central writes it as Python's `%(asctime)s %(levelname)-8s %(message)s`, the agency as Go's
 * `%{time:2006-01-02 15:04:05} %{level:.5s}     %{message}`; the time is local, as in both. Values
 * and keys are escaped ({@link ./escape.ts}), so the line is one line whatever the event holds.
 */
export function formatText(side: Side, level: LogLevel, event: LogEvent, time: Date): string {
  return formatLine(side, level, event, localStamp(time));
}

/** {@link formatText} with the time as text already: it is the same for a whole second of lines. */
export function formatLine(side: Side, level: LogLevel, event: LogEvent, stamp: string): string {
  let line = `${stamp} ${LEVEL_COLUMNS[side][level]}action: ${escapeText(event.action)} | result: ${event.result}`;
  for (const key in event) {
    if (key === "action" || key === "result") continue;
    const value = event[key];
    line += label(key) + (typeof value === "string" ? escapeText(value) : String(value));
  }
  return line;
}

/** `YYYY-MM-DD HH:MM:SS` in the zone of the process (`TZ`). */
export function localStamp(time: Date): string {
  const date = `${digits(time.getFullYear(), 4)}-${digits(time.getMonth() + 1, 2)}-${digits(time.getDate(), 2)}`;
  return `${date} ${digits(time.getHours(), 2)}:${digits(time.getMinutes(), 2)}:${digits(time.getSeconds(), 2)}`;
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

/** The level with the spaces up to the message. */
export const LEVEL_COLUMNS: Readonly<Record<Side, Readonly<Record<LogLevel, string>>>> = {
  // Padded to 8, then one space.
  central: {
    debug: "DEBUG    ",
    info: "INFO     ",
    warning: "WARNING  ",
    error: "ERROR    ",
    critical: "CRITICAL ",
  },
  // Cut to 5 and never padded, then five spaces.
  agency: {
    debug: "DEBUG     ",
    info: "INFO     ",
    warning: "WARNI     ",
    error: "ERROR     ",
    critical: "CRITI     ",
  },
};

// Keys are words of the program, so there are few; the bound is for the day when one is not.
const LABELS_MAX = 256;
const labels = new Map<string, string>();

function label(key: string): string {
  const known = labels.get(key);
  if (known !== undefined) return known;
  const made = ` | ${escapeKey(key)}: `;
  if (labels.size < LABELS_MAX) labels.set(key, made);
  return made;
}
