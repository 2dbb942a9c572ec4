import { unescapeKey, unescapeText } from "./escape.ts";
import { LEVEL_COLUMNS } from "./format-text.ts";
import type { LogEvent, LogLevel, LogResult } from "./logger.ts";

export interface ParsedLine {
  /** In whole seconds. */
  readonly time: Date;
  readonly level: LogLevel;
  /** All values as text, unescaped: a line does not tell numbers from digits. */
  readonly event: LogEvent;
}

/**
 * Reads a line of the log, of either side, back into its event: the inverse of
 * {@link ./format-text.ts formatText}.
 *
 * @param text one line without its end
 * @returns undefined when the line does not obey the grammar
 */
export function parseLine(text: string): ParsedLine | undefined {
  const time = parseStamp(text.slice(0, STAMP_LENGTH));
  if (time === undefined || text[STAMP_LENGTH] !== " ") return undefined;

  const rest = text.slice(STAMP_LENGTH + 1);
  const column = COLUMNS.find(([prefix]) => rest.startsWith(`${prefix}action: `));
  if (column === undefined) return undefined;
  const [prefix, level] = column;

  const event = parseMessage(rest.slice(prefix.length));
  return event === undefined ? undefined : { time, level, event };
}

/** Reads `action: A | result: R | key: value | …`. */
function parseMessage(message: string): LogEvent | undefined {
  const entries: [string, string][] = [];
  for (const part of message.split(" | ")) {
    const colon = part.indexOf(": ");
    const key = colon < 0 ? undefined : unescapeKey(part.slice(0, colon));
    const value = unescapeText(part.slice(colon + 2));
    if (key === undefined || value === undefined) return undefined;
    entries.push([key, value]);
  }

  const [action, result] = entries;
  if (action?.[0] !== "action" || result?.[0] !== "result" || !isResult(result[1])) {
    return undefined;
  }
  const event = { action: action[1], result: result[1], ...Object.fromEntries(entries) };
  // A key that comes twice would hide a value.
  return Object.keys(event).length === entries.length ? event : undefined;
}

function isResult(text: string): text is LogResult {
  return text === "success" || text === "fail" || text === "in_progress";
}

const STAMP_LENGTH = "2024-08-21 22:11:15".length;

function parseStamp(text: string): Date | undefined {
  const fields = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)$/.exec(text);
  if (fields === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields
    .slice(1)
    .map(Number);
  const time = new Date(2000, month - 1, day, hour, minute, second);
  // Set apart: a Date built from a year below 100 lands in the twentieth century.
  time.setFullYear(year, month - 1, day);
  return time.getMonth() === month - 1 && time.getDate() === day ? time : undefined;
}

/** Every spelling of a level, of either side, with the level it stands for. */
const COLUMNS: readonly (readonly [prefix: string, level: LogLevel])[] = Object.values(
  LEVEL_COLUMNS,
).flatMap((columns) =>
  Object.entries(columns).map(([level, prefix]) => [prefix, level as LogLevel] as const),
);
