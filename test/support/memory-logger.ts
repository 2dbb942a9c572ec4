import { formatText, type Side } from "../../src/log/format-text.ts";
import type { ConfirmingLogger, LogEvent, LogLevel } from "../../src/log/logger.ts";

export interface LoggedEvent {
  readonly level: LogLevel;
  readonly event: LogEvent;
}

/** Keeps what is logged, for tests to look at. */
export interface MemoryLogger extends ConfirmingLogger {
  readonly events: readonly LoggedEvent[];
  /** Events of one action, in order. */
  of(action: string): readonly LogEvent[];
  /** Everything as lines of a log, all at the same time. */
  render(side: Side): string;
  /** Resolves with the first event, past or to come, that matches. */
  waitFor(matches: (event: LogEvent) => boolean): Promise<LogEvent>;
}

export function memoryLogger(): MemoryLogger {
  const events: LoggedEvent[] = [];
  let waiting: { matches: (event: LogEvent) => boolean; resolve: (event: LogEvent) => void }[] = [];
  return {
    events,
    enabled: () => true,
    written: () => Promise.resolve(true),
    log(level, event) {
      events.push({ level, event });
      const served = waiting.filter(({ matches }) => matches(event));
      waiting = waiting.filter((waiter) => !served.includes(waiter));
      for (const { resolve } of served) resolve(event);
    },
    of: (action) => events.map(({ event }) => event).filter((event) => event.action === action),
    render: (side) =>
      events.map(({ level, event }) => `${formatText(side, level, event, RENDER_TIME)}\n`).join(""),
    waitFor: (matches) =>
      new Promise((resolve) => {
        const past = events.find(({ event }) => matches(event));
        if (past === undefined) waiting.push({ matches, resolve });
        else resolve(past.event);
      }),
  };
}

/** The central's lines so far, without their times. */
export function writtenLines(logger: MemoryLogger): string[] {
  const lines = logger.render("central").split("\n").slice(0, -1);
  return lines.map((line) => line.slice("2024-08-21 22:11:15 ".length));
}

const RENDER_TIME = new Date(2024, 7, 21, 22, 11, 15);
