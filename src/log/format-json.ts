import { escapeInvisible } from "./escape.ts";
import type { Side } from "./format-text.ts";
import type { LogEvent, LogLevel } from "./logger.ts";

/**
 * The same event as one line of JSON without its end: `time` (ISO 8601, universal, with
 * milliseconds), `level`, `side`, `action`, `result`, then the event's other keys in their order. An
 * event's own `time`, `level` or `side` gets an underscore behind it.
 */
export function formatJson(side: Side, level: LogLevel, event: LogEvent, time: Date): string {
  let line = `{"time":"${time.toISOString()}","level":"${level}","side":"${side}"`;
  line += `,"action":${JSON.stringify(event.action)},"result":"${event.result}"`;
  for (const key in event) {
    if (key === "action" || key === "result") continue;
    const name = HEADER.has(key) ? `${key}_` : key;
    line += `,${JSON.stringify(name)}:${JSON.stringify(event[key])}`;
  }
  return escapeInvisible(`${line}}`);
}

const HEADER: ReadonlySet<string> = new Set(["time", "level", "side"]);
