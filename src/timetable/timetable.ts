import { IANAZone } from "luxon";
import { DAY_MS, instantsOf, isZoneName, localAt } from "./local-time.ts";
import type { PlannedAgencies, PlannedDraw } from "./planned-draw.ts";

/** The days of a week, as `Date` counts them. */
export const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** A draw that comes again and again. Minutes are those of a day, from 0 to 1439. */
export interface TimetableEntry {
  readonly name: string;
  readonly weekdays: ReadonlySet<Weekday>;
  readonly opensMinute: number;
  /** On the next day when it is before `opensMinute`; never the same. */
  readonly closesMinute: number;
  /** Days without it: `2026-12-25`. */
  readonly except: ReadonlySet<string>;
  readonly agencies: PlannedAgencies;
  readonly number: number | undefined;
  readonly secondOperator: boolean;
  readonly byOperator: boolean;
}

const MINUTE_MS = 60_000;

/** The instants for which draws can be told: those whose days have four digits for the year. */
const EARLIEST_MS = 0;
const LATEST_MS = Date.UTC(9999, 0, 1);

/** The draws that a central has planned, for all time. */
export class Timetable {
  /** As the file has it. */
  readonly timezone: string;
  readonly #zone: IANAZone;
  readonly #entries: readonly TimetableEntry[];

  /** @throws RangeError when there is no such zone */
  constructor(timezone: string, entries: readonly TimetableEntry[]) {
    if (!isZoneName(timezone)) {
      throw new RangeError(`Cannot make a timetable: there is no time zone ${timezone}`);
    }
    this.timezone = timezone;
    this.#zone = IANAZone.create(timezone);
    this.#entries = entries;
  }

  /**
   * All draws that are open at some instant from `fromMs` up to and not including `untilMs`. They are ordered by
   * opening; those that open together, by day and then as in the file.
   *
   * @throws RangeError when the instants are not from 1970 to 9998
   */
  occurrences(fromMs: number, untilMs: number): PlannedDraw[] {
    for (const ms of [fromMs, untilMs]) {
      if (!(ms >= EARLIEST_MS && ms <= LATEST_MS)) {
        throw new RangeError(
          `Cannot tell the draws: the instant is ${ms}, allowed: ${EARLIEST_MS} to ${LATEST_MS}`,
        );
      }
    }
    if (fromMs >= untilMs) return [];
    // A draw ends on the next day at the latest, and clocks go back by a day at the most.
    const firstDay = dayOf(localAt(this.#zone, fromMs)) - 1;
    const lastDay = dayOf(localAt(this.#zone, untilMs)) + 1;
    const instantOf = instantsOf(this.#zone, firstDay * DAY_MS, (lastDay + 2) * DAY_MS);

    const planned: PlannedDraw[] = [];
    for (let day = firstDay; day <= lastDay; day++) {
      const midnightMs = day * DAY_MS;
      // Zones that changed the side of the date line have skipped a day.
      if (instantOf(midnightMs) === instantOf(midnightMs + DAY_MS)) continue;
      for (const { name, opensMinute, closesMinute, ...entry } of this.#entriesOf(midnightMs)) {
        const closingMs = (closesMinute < opensMinute ? DAY_MS : 0) + closesMinute * MINUTE_MS;
        const opensAtMs = instantOf(midnightMs + opensMinute * MINUTE_MS);
        const closesAtMs = instantOf(midnightMs + closingMs);
        // A draw is over before it opens when clocks skip all of its time.
        if (opensAtMs >= closesAtMs || opensAtMs >= untilMs || closesAtMs <= fromMs) continue;
        const { agencies, number, secondOperator, byOperator } = entry;
        planned.push({
          draw: `${dateOf(midnightMs)}-${name}`,
          opensAtMs,
          closesAtMs,
          agencies,
          number,
          secondOperator,
          byOperator,
        });
      }
    }
    return planned.toSorted((one, other) => one.opensAtMs - other.opensAtMs);
  }

  #entriesOf(midnightMs: number): readonly TimetableEntry[] {
    const weekday = WEEKDAYS[new Date(midnightMs).getUTCDay()];
    const date = dateOf(midnightMs);
    return this.#entries.filter(
      ({ weekdays, except }) => weekday !== undefined && weekdays.has(weekday) && !except.has(date),
    );
  }
}

/** Local days are counted from 1970-01-01. */
function dayOf(localMs: number): number {
  return Math.floor(localMs / DAY_MS);
}

function dateOf(localMs: number): string {
  return new Date(localMs).toISOString().slice(0, "YYYY-MM-DD".length);
}
