import { Command } from "commander";
import { DateTime } from "luxon";
import { plural } from "../lottery/plural.ts";
import type { PlannedAgencies, PlannedDraw } from "../timetable/planned-draw.ts";
import { readTimetable, TIMETABLE_FILE } from "../timetable/read-timetable.ts";
import { addDrawsCommands } from "./operate/draws-commands.ts";
import { addExamples } from "./examples.ts";
import { formatCount } from "./numbers.ts";
import { count } from "./option-parsers.ts";
import { readPipe } from "./read-pipe.ts";
import { renderTable } from "./terminal.ts";

/** `quiniela draws`: the commands about the draws of a running central and of a timetable. */
export function drawsCommand(): Command {
  const command = new Command("draws").description(
    "open, close, draw and look at the draws of a running central; check a timetable",
  );
  return addExamples(addDrawsCommands(command.addCommand(checkCommand())), [
    ["quiniela draws list", "The draws of the central that runs on ./data"],
    ["quiniela draws check", "The draws of the next seven days, by draws.yaml in this folder"],
  ]);
}

const DAY_MS = 86_400_000;
const DAYS_MAX = 366;

interface CheckOptions {
  readonly file: string;
  readonly days: number;
  readonly json?: true;
}

function checkCommand(): Command {
  const command = new Command("check")
    .description("read a timetable, and print the coming draws")
    .option("--file <file>", "the timetable", TIMETABLE_FILE)
    .option("--days <n>", "how many days from now", count({ min: 1, max: DAYS_MAX }), 7)
    .option("--json", "print the draws as JSON")
    .action(check);
  return addExamples(command, [
    ["quiniela draws check", "The draws of the next seven days, by draws.yaml in this folder"],
    ["quiniela draws check --file draws.yaml --days 31 --json", "Those of a month, for a program"],
  ]);
}

async function check({ file, days, json }: CheckOptions): Promise<void> {
  const timetable = readTimetable(file, await readPipe(file));
  const fromMs = Date.now();
  const draws = timetable.occurrences(fromMs, fromMs + days * DAY_MS);
  const { timezone } = timetable;
  console.log(json ? asJson(draws, timezone) : asText(draws, timezone, days));
}

function asJson(draws: readonly PlannedDraw[], timezone: string): string {
  const list = draws.map(({ opensAtMs, closesAtMs, number, ...draw }) => ({
    ...draw,
    number: number ?? null,
    opens: DateTime.fromMillis(opensAtMs, { zone: timezone }).toISO(),
    closes: DateTime.fromMillis(closesAtMs, { zone: timezone }).toISO(),
    opensUtc: new Date(opensAtMs).toISOString(),
    closesUtc: new Date(closesAtMs).toISOString(),
  }));
  return JSON.stringify({ timezone, draws: list }, undefined, 2);
}

function asText(draws: readonly PlannedDraw[], timezone: string, days: number): string {
  const next = days === 1 ? "next day" : `next ${days} days`;
  const inAll = `${plural(draws.length, "draw", formatCount)} in the ${next}, by the clocks of ${timezone}.`;
  if (draws.length === 0) return inAll;
  const columns = [
    { title: "draw" },
    { title: "opens" },
    { title: "closes" },
    { title: "opens (UTC)" },
    { title: "closes (UTC)" },
    { title: "agencies", align: "right" },
    { title: "number" },
    { title: "result" },
  ] as const;
  const rows = draws.map(({ draw, opensAtMs, closesAtMs, agencies, byOperator, ...planned }) => [
    draw,
    localText(opensAtMs, timezone),
    localText(closesAtMs, timezone),
    utcText(opensAtMs),
    utcText(closesAtMs),
    countOf(agencies),
    numberText(planned),
    byOperator ? "by operator" : "at once",
  ]);
  return `${renderTable(columns, rows)}\n${inAll}`;
}

/** `Tue 08:00 -03:00`: the name of the draw has the day. */
function localText(ms: number, timezone: string): string {
  return DateTime.fromMillis(ms, { zone: timezone, locale: "en-US" }).toFormat("ccc HH:mm ZZ");
}

/** `2026-12-01 11:00`. */
function utcText(ms: number): string {
  return DateTime.fromMillis(ms, { zone: "utc" }).toFormat("yyyy-MM-dd HH:mm");
}

function countOf(agencies: PlannedAgencies): number {
  return typeof agencies === "number" ? agencies : agencies.length;
}

function numberText({
  number,
  secondOperator,
}: Pick<PlannedDraw, "number" | "secondOperator">): string {
  if (number !== undefined) return String(number);
  return secondOperator ? "told twice" : "told";
}
