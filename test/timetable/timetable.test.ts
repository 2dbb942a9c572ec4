import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { PlannedDraw } from "../../src/timetable/planned-draw.ts";
import {
  Timetable,
  type TimetableEntry,
  type Weekday,
  WEEKDAYS,
} from "../../src/timetable/timetable.ts";
import { seed, seedNote } from "../support/seed.ts";
import { wallClock } from "./wall-clock.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const ZONES = [...Intl.supportedValuesOf("timeZone"), "UTC"];

function minuteOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

/** An entry that is open every day between these times, as `08:00`. */
function entryAt(
  opens: string,
  closes: string,
  more: Partial<TimetableEntry> = {},
): TimetableEntry {
  return {
    name: "a",
    weekdays: new Set(WEEKDAYS),
    opensMinute: minuteOf(opens),
    closesMinute: minuteOf(closes),
    except: new Set(),
    agencies: 1,
    number: undefined,
    secondOperator: false,
    byOperator: false,
    ...more,
  };
}

/** The draw of a day, as `opens/closes` in universal time; undefined when the day has none. */
function drawOf(zone: string, day: string, entry: TimetableEntry): string | undefined {
  const at = Date.parse(day);
  const draws = new Timetable(zone, [entry]).occurrences(at - 2 * DAY_MS, at + 3 * DAY_MS);
  const found = draws.find(({ draw }) => draw === `${day}-${entry.name}`);
  return found && [found.opensAtMs, found.closesAtMs].map(minutes).join("/");
}

/** `2026-12-01T11:00`. */
function minutes(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16);
}

function namesOf(draws: readonly PlannedDraw[]): string[] {
  return draws.map(({ draw }) => draw);
}

describe("the times of a draw", () => {
  for (const [what, zone, day, opens, closes, found] of [
    [
      "a day like any other",
      "America/Argentina/Buenos_Aires",
      "2026-12-01",
      "08:00",
      "21:00",
      "2026-12-01T11:00/2026-12-02T00:00",
    ],
    [
      "a draw over midnight",
      "America/Argentina/Buenos_Aires",
      "2026-12-31",
      "22:00",
      "02:00",
      "2027-01-01T01:00/2027-01-01T05:00",
    ],
    [
      "a draw until midnight",
      "UTC",
      "2026-12-01",
      "08:00",
      "00:00",
      "2026-12-01T08:00/2026-12-02T00:00",
    ],
    [
      "a draw of nearly a day",
      "UTC",
      "2026-12-01",
      "00:01",
      "00:00",
      "2026-12-01T00:01/2026-12-02T00:00",
    ],
    [
      "a zone that is not whole hours away",
      "Asia/Kathmandu",
      "2026-12-01",
      "08:00",
      "21:00",
      "2026-12-01T02:15/2026-12-01T15:15",
    ],
    // Madrid 2027: clocks skip 02:00 to 03:00 on 28 March, and show 02:00 to 03:00 twice on 31 October.
    [
      "an opening that clocks skip: the end of the gap",
      "Europe/Madrid",
      "2027-03-28",
      "02:30",
      "12:00",
      "2027-03-28T01:00/2027-03-28T10:00",
    ],
    [
      "a closing that clocks skip: the end of the gap",
      "Europe/Madrid",
      "2027-03-28",
      "01:00",
      "02:01",
      "2027-03-28T00:00/2027-03-28T01:00",
    ],
    [
      "a closing on the next day that clocks skip",
      "Europe/Madrid",
      "2027-03-27",
      "22:00",
      "02:30",
      "2027-03-27T21:00/2027-03-28T01:00",
    ],
    [
      "a draw that begins with the gap",
      "Europe/Madrid",
      "2027-03-28",
      "02:00",
      "03:01",
      "2027-03-28T01:00/2027-03-28T01:01",
    ],
    [
      "a draw within the gap, which does not take place",
      "Europe/Madrid",
      "2027-03-28",
      "02:10",
      "02:50",
      undefined,
    ],
    [
      "a draw that ends with the gap, which does not take place",
      "Europe/Madrid",
      "2027-03-28",
      "02:00",
      "03:00",
      undefined,
    ],
    [
      "an opening that comes twice: the first",
      "Europe/Madrid",
      "2027-10-31",
      "02:30",
      "12:00",
      "2027-10-31T00:30/2027-10-31T11:00",
    ],
    [
      "a closing that comes twice: the first",
      "Europe/Madrid",
      "2027-10-31",
      "01:00",
      "02:30",
      "2027-10-30T23:00/2027-10-31T00:30",
    ],
    [
      "both times coming twice: the first of both",
      "Europe/Madrid",
      "2027-10-31",
      "02:15",
      "02:30",
      "2027-10-31T00:15/2027-10-31T00:30",
    ],
    [
      "the end of what comes twice, which comes once",
      "Europe/Madrid",
      "2027-10-31",
      "02:59",
      "03:00",
      "2027-10-31T00:59/2027-10-31T02:00",
    ],
    [
      "half an hour that clocks skip",
      "Australia/Lord_Howe",
      "2027-10-03",
      "02:15",
      "02:45",
      "2027-10-02T15:30/2027-10-02T15:45",
    ],
    [
      "a midnight that clocks skip",
      "America/Havana",
      "2027-03-14",
      "00:15",
      "12:00",
      "2027-03-14T05:00/2027-03-14T16:00",
    ],
    [
      "a midnight that comes twice, for the day that begins",
      "America/Havana",
      "2027-11-07",
      "00:00",
      "01:00",
      "2027-11-07T04:00/2027-11-07T06:00",
    ],
    // Samoa had no 30 December 2011.
    ["a day that does not exist", "Pacific/Apia", "2011-12-30", "08:00", "21:00", undefined],
    [
      "a night of a day that does not exist",
      "Pacific/Apia",
      "2011-12-30",
      "22:00",
      "02:00",
      undefined,
    ],
    [
      "the night before a day that does not exist",
      "Pacific/Apia",
      "2011-12-29",
      "22:00",
      "02:00",
      "2011-12-30T08:00/2011-12-30T10:00",
    ],
  ] as const) {
    it(`are right for ${what}`, () => {
      assert.equal(drawOf(zone, day, entryAt(opens, closes)), found);
    });
  }
});

describe("Timetable.occurrences", () => {
  const opens = Date.UTC(2026, 11, 1, 8);
  const closes = Date.UTC(2026, 11, 1, 21);

  it("counts a draw from its opening up to, and not with, its closing", () => {
    const timetable = new Timetable("UTC", [entryAt("08:00", "21:00")]);
    for (const [from, until, count] of [
      [opens - 10, opens, 0],
      [opens - 10, opens + 1, 1],
      [opens, opens + 1, 1],
      [closes - 1, closes, 1],
      [closes - 1, closes + DAY_MS, 2],
      [closes, closes + 10, 0],
      [opens + 10, opens + 10, 0],
      [opens + 10, opens + 5, 0],
    ] as const) {
      assert.equal(timetable.occurrences(from, until).length, count, `${from} to ${until}`);
    }
  });

  it("tells a draw that is open when clocks go back to the day before", () => {
    // At 00:01 clocks went back to 23:01.
    const timetable = new Timetable("America/St_Johns", [entryAt("00:00", "12:00")]);
    const midnight = Date.UTC(2010, 10, 7, 2, 30);
    for (const minute of [0, 1, 30, 60]) {
      const from = midnight + minute * MINUTE_MS;
      assert.deepEqual(namesOf(timetable.occurrences(from, from + 1)), ["2010-11-07-a"]);
    }
    assert.deepEqual(timetable.occurrences(midnight - 1, midnight), []);
  });

  it("orders draws by opening, and those that open together as in the file", () => {
    const entries = [
      entryAt("10:00", "12:00", { name: "late" }),
      entryAt("08:00", "21:00", { name: "b" }),
      entryAt("08:00", "09:00", { name: "a" }),
    ];
    assert.deepEqual(namesOf(new Timetable("UTC", entries).occurrences(opens, closes)), [
      "2026-12-01-b",
      "2026-12-01-a",
      "2026-12-01-late",
    ]);
  });

  it("has a draw on its weekdays only, and not on the days that are excepted", () => {
    const weekdays: ReadonlySet<Weekday> = new Set(["mon", "fri"]);
    const entry = entryAt("08:00", "07:00", { weekdays, except: new Set(["2026-12-04"]) });
    assert.deepEqual(
      namesOf(new Timetable("UTC", [entry]).occurrences(opens - DAY_MS / 2, opens + 14 * DAY_MS)),
      ["2026-11-30-a", "2026-12-07-a", "2026-12-11-a", "2026-12-14-a"],
    );
  });

  it("refuses what is no instant of the years with four digits", () => {
    const timetable = new Timetable("UTC", [entryAt("08:00", "21:00")]);
    const last = Date.UTC(9999, 0, 1);
    assert.equal(timetable.occurrences(0, DAY_MS).length, 1);
    assert.equal(timetable.occurrences(last - DAY_MS, last).length, 1);
    for (const [from, until] of [
      [-1, opens],
      [opens, last + 1],
      [opens, Number.POSITIVE_INFINITY],
      [Number.NaN, opens],
    ] as const) {
      assert.throws(() => timetable.occurrences(from, until), RangeError);
    }
  });

  it("refuses a zone that there is not", () => {
    assert.throws(() => new Timetable("Mars/Olympus", []), RangeError);
  });
});

const zones = fc.constantFrom(...ZONES);
/** Instants of the years 1970 to 2099. */
const instants = fc.integer({ min: 3 * DAY_MS, max: Date.UTC(2100, 0, 1) });
const dayMinutes = fc.integer({ min: 0, max: 1439 });
const entries = fc
  .tuple(dayMinutes, dayMinutes, fc.subarray([...WEEKDAYS], { minLength: 1 }))
  .filter(([opensMinute, closesMinute]) => opensMinute !== closesMinute)
  .map(([opensMinute, closesMinute, days]) =>
    entryAt("00:00", "00:01", { opensMinute, closesMinute, weekdays: new Set(days) }),
  );
const timetables = fc
  .tuple(zones, fc.array(entries, { minLength: 1, maxLength: 4 }))
  .map(([zone, list]) => ({
    zone,
    list: list.map((entry, index) => ({ ...entry, name: `n${index}` })),
  }));
/** Where clocks change in a year: the zone, and an instant up to a day before. */
const changes = changesOf(2027);

/** A zone, and an instant within a few days of a change of its clocks. */
const nearChanges = fc
  .tuple(fc.constantFrom(...changes), fc.integer({ min: -3 * DAY_MS, max: 3 * DAY_MS }))
  .map(([[zone, ms], away]) => ({ zone, ms: ms + away }));

function changesOf(year: number): (readonly [zone: string, ms: number])[] {
  const found = ZONES.flatMap((zone) => {
    const { localMsAt } = wallClock(zone);
    const days = Array.from({ length: 365 }, (_, day) => Date.UTC(year, 0, 1) + day * DAY_MS);
    return days
      .filter((ms) => localMsAt(ms + DAY_MS) - localMsAt(ms) !== DAY_MS)
      .map((ms) => [zone, ms] as const);
  });
  assert.ok(found.length > 100);
  return found;
}

function assertAll<T>(property: fc.IProperty<T>, numRuns = 200): void {
  fc.assert(property, { seed, numRuns });
}

describe(`a timetable in any zone and year (${seedNote})`, () => {
  it("opens every draw before it closes, once for an entry and a day", () => {
    assertAll(
      fc.property(timetables, instants, fc.nat(20 * DAY_MS), ({ zone, list }, from, length) => {
        const draws = new Timetable(zone, list).occurrences(from, from + length);
        for (const { opensAtMs, closesAtMs } of draws) {
          assert.ok(opensAtMs < closesAtMs);
          assert.ok(opensAtMs < from + length && closesAtMs > from);
        }
        assert.equal(new Set(namesOf(draws)).size, draws.length);
        const openings = draws.map(({ opensAtMs }) => opensAtMs);
        assert.deepEqual(
          openings,
          openings.toSorted((one, other) => one - other),
        );
      }),
    );
  });

  it("misses no draw, wherever an interval is cut", () => {
    const near = fc.oneof(
      instants,
      nearChanges.map(({ ms }) => ms),
    );
    assertAll(
      fc.property(
        timetables,
        near,
        fc.array(fc.nat(12 * DAY_MS), { minLength: 2, maxLength: 5 }),
        ({ zone, list }, start, lengths) => {
          const timetable = new Timetable(zone, list);
          const cuts = [start];
          for (const length of lengths) cuts.push((cuts.at(-1) ?? 0) + length);
          const whole = timetable.occurrences(start, cuts.at(-1) ?? 0);
          const parts = cuts.slice(1).map((cut, index) => {
            const from = cuts[index] ?? 0;
            const part = timetable.occurrences(from, cut);
            const open = whole.filter(
              ({ opensAtMs, closesAtMs }) => from < cut && opensAtMs < cut && closesAtMs > from,
            );
            assert.deepEqual(part, open);
            return namesOf(part);
          });
          assert.deepEqual(new Set(parts.flat()), new Set(namesOf(whole)));
        },
      ),
    );
  });

  it("opens and closes at the first instant at which clocks show the time or a later one", () => {
    assertAll(
      fc.property(nearChanges, entries, ({ zone, ms }, entry) => {
        const daily = { ...entry, weekdays: new Set(WEEKDAYS) };
        const { localMsAt } = wallClock(zone);
        const day = Math.floor(localMsAt(ms) / DAY_MS) * DAY_MS;
        const name = `${new Date(day).toISOString().slice(0, 10)}-${entry.name}`;
        /** Minute by minute, from long before. */
        const firstAt = (localMs: number): number => {
          let at = day - DAY_MS;
          while (localMsAt(at) < localMs) at += MINUTE_MS;
          return at;
        };
        const opensAtMs = firstAt(day + entry.opensMinute * MINUTE_MS);
        const later = entry.closesMinute < entry.opensMinute ? DAY_MS : 0;
        const closesAtMs = firstAt(day + later + entry.closesMinute * MINUTE_MS);
        const draws = new Timetable(zone, [daily]).occurrences(day - DAY_MS, day + 3 * DAY_MS);
        const found = draws.find(({ draw }) => draw === name);
        const expected = opensAtMs < closesAtMs ? [opensAtMs, closesAtMs] : undefined;
        assert.deepEqual(found && [found.opensAtMs, found.closesAtMs], expected, `${zone} ${name}`);
      }),
      60,
    );
  });

  it("has a draw for every entry on every one of its days, except those whose time clocks skip", () => {
    assertAll(
      fc.property(zones, entries, instants, (zone, entry, from) => {
        const until = from + 30 * DAY_MS;
        const { localMsAt } = wallClock(zone);
        const names = new Set(namesOf(new Timetable(zone, [entry]).occurrences(from, until)));
        const first = Math.floor(localMsAt(from) / DAY_MS) + 2;
        const last = Math.floor(localMsAt(until) / DAY_MS) - 2;
        for (let day = first; day <= last; day++) {
          const date = new Date(day * DAY_MS);
          const weekday = WEEKDAYS[date.getUTCDay()];
          const planned = weekday !== undefined && entry.weekdays.has(weekday);
          const has = names.has(`${date.toISOString().slice(0, 10)}-a`);
          if (planned && !has)
            assert.ok(isSkipped(zone, day, entry), `${zone} ${date.toISOString()}`);
          else assert.equal(has, planned);
        }
      }),
    );
  });

  it("is the same whatever time zone the process has", (t) => {
    const before = process.env["TZ"];
    t.after(() => {
      if (before === undefined) delete process.env["TZ"];
      else process.env["TZ"] = before;
    });
    assertAll(
      fc.property(timetables, nearChanges, ({ zone, list }, near) => {
        const lists = [
          "UTC",
          "America/Argentina/Buenos_Aires",
          "Pacific/Kiritimati",
          near.zone,
        ].map((own) => {
          process.env["TZ"] = own;
          return new Timetable(zone, list).occurrences(near.ms, near.ms + 4 * DAY_MS);
        });
        for (const one of lists) assert.deepEqual(one, lists[0]);
      }),
    );
    process.env["TZ"] = "Pacific/Kiritimati";
    assert.equal(new Date(0).getTimezoneOffset(), 640, "the process's zone was not changed");
  });
});

/** Whether the clocks of the zone show no time of this draw, looked at minute by minute. */
function isSkipped(zone: string, day: number, entry: TimetableEntry): boolean {
  const { localMsAt } = wallClock(zone);
  const opens = day * DAY_MS + entry.opensMinute * MINUTE_MS;
  const later = entry.closesMinute < entry.opensMinute ? DAY_MS : 0;
  const closes = day * DAY_MS + later + entry.closesMinute * MINUTE_MS;
  const shown = Array.from({ length: 4 * 1440 }, (_, minute) =>
    localMsAt((day - 1) * DAY_MS + minute * MINUTE_MS),
  );
  const ofDay = shown.some((local) => Math.floor(local / DAY_MS) === day);
  return !ofDay || !shown.some((local) => local >= opens && local < closes);
}
