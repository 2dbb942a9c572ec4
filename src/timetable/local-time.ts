import { IANAZone } from "luxon";

// A local time is a number here, as an instant is: the milliseconds from 1970-01-01 00:00 to the day and time
// that the clocks show, as if clocks never changed.

export const DAY_MS = 86_400_000;

/** In no zone is there so little time between two changes of the clocks: the least since 1970 is 16 days. */
const STEP_MS = 6 * 3_600_000;

/** A time in which the clocks of a zone do not change. The next one begins where it ends. */
interface Stretch {
  readonly fromMs: number;
  readonly untilMs: number;
  /** What clocks show, less the instant. */
  readonly aheadMs: number;
}

/** Whether this is the name of a time zone of the IANA's list, in any case of letters. */
export function isZoneName(name: string): boolean {
  // Newer versions of Node also take an offset for a zone.
  return /^[A-Za-z]/.test(name) && IANAZone.isValidZone(name);
}

/** What the clocks of the zone show at an instant. */
export function localAt(zone: IANAZone, ms: number): number {
  return ms + aheadMs(zone, ms);
}

/**
 * The instants of local times, from `fromLocalMs` to `untilLocalMs`: the first instant at which clocks show this
 * time or a later one. So a time that clocks skip is the end of the gap, and a time that comes twice is the
 * first of both. And the later one of two local times is never an earlier instant.
 */
export function instantsOf(
  zone: IANAZone,
  fromLocalMs: number,
  untilLocalMs: number,
): (localMs: number) => number {
  // No zone is a day or more away from universal time.
  const stretches = stretchesOf(zone, fromLocalMs - DAY_MS, untilLocalMs + DAY_MS);
  return (localMs) => {
    const stretch = stretches.find(({ untilMs, aheadMs }) => localMs < untilMs + aheadMs);
    if (stretch === undefined)
      throw new RangeError(`Cannot find local time ${localMs}: it is too late`);
    return Math.max(stretch.fromMs, localMs - stretch.aheadMs);
  };
}

function stretchesOf(zone: IANAZone, fromMs: number, untilMs: number): Stretch[] {
  const stretches: Stretch[] = [];
  let [begin, ahead, at] = [fromMs, aheadMs(zone, fromMs), fromMs];
  while (at < untilMs) {
    const next = at + STEP_MS;
    const then = aheadMs(zone, next);
    if (then !== ahead) {
      const change = changeBetween(zone, at, next);
      stretches.push({ fromMs: begin, untilMs: change, aheadMs: ahead });
      [begin, ahead] = [change, then];
    }
    at = next;
  }
  return [...stretches, { fromMs: begin, untilMs: at, aheadMs: ahead }];
}

/** The first instant after a change of the clocks; there is one after `before`, up to `after`. */
function changeBetween(zone: IANAZone, before: number, after: number): number {
  const ahead = aheadMs(zone, before);
  let [last, first] = [before, after];
  while (first - last > 1) {
    const middle = Math.floor((last + first) / 2);
    if (aheadMs(zone, middle) === ahead) last = middle;
    else first = middle;
  }
  return first;
}

function aheadMs(zone: IANAZone, ms: number): number {
  // Seconds are whole; as fractions of a minute they may not be.
  return Math.round(zone.offset(ms) * 60) * 1000;
}
