/** What the clocks of a zone show at an instant, from Node's own formatter alone. */
export interface WallClock {
  /** As if the clocks never changed: milliseconds since 1970-01-01 00:00. */
  readonly localMsAt: (ms: number) => number;
}

export function wallClock(timeZone: string): WallClock {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    calendar: "gregory",
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  return {
    localMsAt(ms) {
      const parts = new Map(
        format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]),
      );
      const at = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? Number.NaN;
      const date = Date.UTC(at("year"), at("month") - 1, at("day"));
      return date + ((at("hour") * 60 + at("minute")) * 60 + at("second")) * 1000;
    },
  };
}
