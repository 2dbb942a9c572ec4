import { isHost, parseEndpoint } from "./endpoint.ts";
import { formatGoDuration, parseGoDuration } from "./go-duration.ts";
import { parseInstant } from "./instant.ts";
import { parseLevel } from "./level.ts";
import type { Duration, Setting, SettingType } from "./setting.ts";

/** The word that means every dialect of this build. */
const ALL_DIALECTS = "all";

/**
 * Reads a value of a type from text.
 *
 * @param dialects the names that this build knows
 * @returns undefined when the text is not such a value
 */
export function readValue(type: SettingType, text: string, dialects: readonly string[]): unknown {
  switch (type.kind) {
    case "integer":
      return parseInteger(text, type.min, type.max);
    case "duration":
      return parseDuration(text, type.min, type.max);
    case "instant":
      return parseInstant(text);
    case "choice":
      return oneOf(type.values, text.toLowerCase());
    case "level":
      return parseLevel(text);
    case "dialect":
      return oneOf(dialects, text);
    case "dialects":
      return parseDialects(text, dialects);
    case "host":
      return isHost(text) ? text : undefined;
    case "endpoint":
      return parseEndpoint(text);
    default:
      return type.form.test(text) ? text : undefined;
  }
}

/** Which values a type allows, in words. */
export function allowedFor(type: SettingType, dialects?: readonly string[]): string {
  const names = dialects === undefined ? "names of protocols" : list(dialects);
  switch (type.kind) {
    case "integer": {
      const unit = type.unit === undefined ? "" : ` ${type.unit}`;
      return `a whole number from ${type.min} to ${type.max}${unit}`;
    }
    case "duration":
      return `a duration from ${type.min} to ${type.max}, such as 1m30s`;
    case "instant":
      return "a date and time with its zone, such as 2026-12-01T21:00:00-03:00";
    case "choice":
      return list(type.values);
    case "level":
      return "DEBUG, INFO, WARNING, ERROR or CRITICAL";
    case "dialect":
      return dialects === undefined ? "the name of a protocol" : names;
    case "dialects":
      return `${ALL_DIALECTS}, or some of these with commas between them: ${names}`;
    case "host":
      return "an IP address or a host name";
    case "endpoint":
      return "host:port, such as server:12345 or [::1]:12345";
    default:
      return type.allowed;
  }
}

/** What is wrong with a text that is not a value of the setting. */
export function wrongWith(setting: Setting, text: string): string {
  const { type } = setting;
  if (type.kind === "choice") {
    for (const [beginning, reason] of Object.entries(type.refused ?? {})) {
      // Do not repeat the text: the address of a database may have a password in it.
      if (text.toLowerCase().startsWith(beginning)) return reason;
    }
  }
  return text === "" ? "is empty" : `is ${quoted(text)}`;
}

/** A text from outside, made safe and short enough for a message. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

function parseInteger(text: string, min: number, max: number): number | undefined {
  if (!/^\d{1,15}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= min && value <= max ? value : undefined;
}

function oneOf(values: readonly string[], text: string): string | undefined {
  return values.includes(text) ? text : undefined;
}

function parseDuration(text: string, min: string, max: string): Duration | undefined {
  const value = parseGoDuration(text);
  const [least, most] = [parseGoDuration(min), parseGoDuration(max)];
  if (value === undefined || least === undefined || most === undefined) return undefined;
  if (value < least || value > most) return undefined;
  return { ms: Number(value) / 1_000_000, text: formatGoDuration(value) };
}

function parseDialects(text: string, known: readonly string[]): readonly string[] | undefined {
  if (text === ALL_DIALECTS) return known;
  const names = text.split(",").map((name) => name.trim());
  const sound = names.every((name) => known.includes(name)) && new Set(names).size === names.length;
  return sound ? names : undefined;
}

function list(names: readonly string[]): string {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} or ${last}`;
}
