import { Timetable, WEEKDAYS } from "../../src/timetable/timetable.ts";
import {
  type Cast,
  DRAW,
  type DrawScript,
  type Ending,
  makePart,
  type Part,
  someDialect,
  WINNING_NUMBER,
} from "./cast.ts";
import type { Chance } from "./chance.ts";
import { dateAt } from "./watch.ts";

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
/** So many bets that a run takes less than half a second. */
const PARTS_MAX = 8;
/** About as long as an agency sends its file. */
const SENDING_MS = 400;

/** Several draws in one central, for agencies that name one and for agencies that cannot. */
export function castOfSeveral(chance: Chance): Cast {
  // A minute of the central's clock begins then, and with it the draws of the timetable.
  const minuteAtMs = chance.whole(1000, 4000);
  const clockOffsetMs = untilMinute(dateAt(0).getTime()) - minuteAtMs;
  const agencies = chance.whole(3, 6);
  const naming = chance.whole(1, agencies);
  const toldOne = chance.hits(0.6);
  const draws = Array.from({ length: chance.whole(2, 4) }, (_, index) => {
    const told = toldOne && index === 0;
    const opened = told ? "told" : chance.hits(0.3) ? "timetable" : "operator";
    return scriptOf(chance, { index, opened, agencies, naming, minuteAtMs, clockOffsetMs });
  });
  return {
    draws,
    parts: partsOf(chance, draws, agencies, naming),
    timetable: timetableOf(draws, minuteAtMs + clockOffsetMs),
    clockOffsetMs,
  };
}

function untilMinute(ms: number): number {
  return Math.ceil(ms / MINUTE_MS) * MINUTE_MS - ms;
}

interface Frame {
  readonly index: number;
  readonly opened: DrawScript["opened"];
  readonly agencies: number;
  /** The agencies from 1 to this one name their draws. */
  readonly naming: number;
  readonly minuteAtMs: number;
  readonly clockOffsetMs: number;
}

const ENDINGS: Readonly<Record<Ending, number>> = {
  "all-done": 3,
  clock: 4,
  close: 4,
  "close-out": 2,
  cancel: 1,
};

function scriptOf(chance: Chance, frame: Frame): DrawScript {
  const { index, opened, agencies, naming, minuteAtMs, clockOffsetMs } = frame;
  const number = WINNING_NUMBER + index;
  const ending = chance.weighted(ENDINGS);
  const opensAtMs =
    opened === "told" ? 0 : opened === "timetable" ? minuteAtMs : chance.spread(100, 5000);
  const byTimetable = opened === "timetable";
  const lastsMs = byTimetable && ending === "clock" ? MINUTE_MS : chance.whole(600, 5000);
  const endsAtMs = Math.round(opensAtMs) + lastsMs;
  const closesAtMs = byTimetable
    ? minuteAtMs + MINUTE_MS
    : ending === "clock"
      ? endsAtMs
      : undefined;
  const told = chance.hits(0.5);
  const day = new Date(dateAt(0).getTime() + clockOffsetMs + minuteAtMs).toISOString().slice(0, 10);
  return {
    plan: {
      name: opened === "told" ? DRAW : byTimetable ? `${day}-turno${index}` : `sorteo-${index}`,
      winningNumber: told ? undefined : number,
      // The agencies that name no draw may never come to this one.
      agencies: ending === "all-done" && chance.hits(0.7) ? naming : agencies,
      closesAtMs: closesAtMs === undefined ? undefined : dateOf(closesAtMs + clockOffsetMs),
      secondOperator: told && chance.hits(0.5),
      byOperator: chance.hits(0.2),
    },
    number,
    opened,
    opensAtMs,
    ending,
    endsAtMs,
  };
}

function dateOf(ms: number): number {
  return dateAt(0).getTime() + ms;
}

function partsOf(
  chance: Chance,
  draws: readonly DrawScript[],
  agencies: number,
  naming: number,
): Part[] {
  const numbers = draws.map(({ number }) => number);
  const parts: Part[] = [];
  for (const [index, script] of draws.entries()) {
    for (let agency = 1; agency <= Math.min(naming, script.plan.agencies); agency++) {
      const comes = script.ending === "all-done" ? true : chance.hits(0.6);
      if (!comes || parts.length >= PARTS_MAX) continue;
      const millions = 1 + index;
      const draw = script.plan.name;
      const when = comingTo(chance, script);
      parts.push(makePart(chance, agency, "native", { numbers, draw, millions, ...when }));
    }
  }
  for (let agency = naming + 1; agency <= agencies; agency++) {
    const script = chance.pick(draws);
    if (script === undefined) continue;
    const when = comingTo(chance, script);
    parts.push(makePart(chance, agency, someDialect(chance), { numbers, ...when }));
  }
  return parts;
}

/** When an agency comes to a draw, and when it leaves: many are in the middle of it when the draw closes. */
function comingTo(
  chance: Chance,
  { ending, opensAtMs, endsAtMs }: DrawScript,
): Pick<Part, "startsAtMs" | "leavesAtMs"> {
  const lateMs = Math.max(1, endsAtMs - SENDING_MS * 1.5);
  const startsAtMs =
    ending === "all-done" || chance.hits(0.4)
      ? Math.max(1, opensAtMs + chance.between(-300, 1500))
      : Math.max(1, chance.between(lateMs, endsAtMs + 100));
  const leaves = ending !== "all-done" && chance.hits(0.15);
  return { startsAtMs, leavesAtMs: leaves ? startsAtMs + chance.spread(20, 2000) : undefined };
}

/** @param opensAtMs since the beginning, by the clock of the logs */
function timetableOf(draws: readonly DrawScript[], opensAtMs: number): Timetable | undefined {
  const planned = draws.filter(({ opened }) => opened === "timetable");
  if (planned.length === 0) return undefined;
  const opens = new Date(dateOf(opensAtMs));
  const opensMinute = opens.getUTCHours() * 60 + opens.getUTCMinutes();
  const entries = planned.map(({ plan }) => ({
    name: plan.name.slice("2024-08-21-".length),
    weekdays: new Set(WEEKDAYS),
    opensMinute,
    closesMinute: (opensMinute + 1) % DAY_MINUTES,
    except: new Set<string>(),
    agencies: plan.agencies,
    number: plan.winningNumber,
    secondOperator: plan.secondOperator === true,
    byOperator: plan.byOperator === true,
  }));
  return new Timetable("UTC", entries);
}
