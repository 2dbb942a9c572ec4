import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { calendarDay, isRealDay } from "../../src/lottery/calendar-day.ts";

// A time zone in which the day is often another one than in universal time.
process.env["TZ"] = "America/Argentina/Buenos_Aires";

/** The calendar of JavaScript, in which a day that does not exist becomes another one. */
function existsAsDate(year: number, month: number, day: number): boolean {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return (
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  );
}

describe("isRealDay", () => {
  it("is right for the leap years from 1 to 9999", () => {
    for (let year = 1; year <= 9999; year++) {
      assert.equal(isRealDay(year, 2, 29), existsAsDate(year, 2, 29), String(year));
    }
  });

  it("agrees with Date on every day of a common, a leap and a secular year", () => {
    for (const year of [1900, 2000, 2023, 2024]) {
      for (let month = 0; month <= 13; month++) {
        for (let day = 0; day <= 32; day++) {
          assert.equal(
            isRealDay(year, month, day),
            existsAsDate(year, month, day),
            `${year}-${month}-${day}`,
          );
        }
      }
    }
  });

  it("agrees with Date on any day", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9999 }),
        fc.integer({ min: -1, max: 99 }),
        fc.integer({ min: -1, max: 99 }),
        (year, month, day) => isRealDay(year, month, day) === existsAsDate(year, month, day),
      ),
    );
  });

  it("has no year 0", () => assert.equal(isRealDay(0, 1, 1), false));
});

describe("calendarDay", () => {
  it("is the day in universal time, as digits", () => {
    assert.equal(calendarDay(new Date("2026-11-20T00:00:00Z")), 20261120);
    assert.equal(calendarDay(new Date("2026-01-01T23:59:59.999Z")), 20260101);
    assert.equal(calendarDay(new Date("2026-12-31T23:30:00-03:00")), 20270101);
  });
});
