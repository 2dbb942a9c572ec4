import { MultiBar, Presets, type SingleBar } from "cli-progress";
import type { Logger } from "../log/logger.ts";

/** Progress bars for one or more pieces of work at the same time. */
export interface Progress {
  /** @param total in the unit of `update`; it cannot change */
  add(label: string, total: number): { update(value: number, note?: string): void };
  /** Removes a single bar from the screen until it is drawn again, so that a line can be printed there. */
  makeWay(): void;
  stop(): void;
}

/** Bars on standard error if it is a terminal; otherwise nothing. */
export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  if (!stream.isTTY) return silent;
  let stopped = false;
  const bars = new MultiBar(
    {
      format: "{label} {bar} {percentage}% {note}",
      stream,
      hideCursor: true,
      clearOnComplete: false,
      // Redraws per second at most: a bar must cost little compared with the work.
      fps: 10,
      barsize: 32,
      // Do not cut long log lines beside a bar.
      linewrap: true,
    },
    Presets.rect,
  );
  return {
    add(label, total) {
      const bar: SingleBar = bars.create(Math.max(total, 1), 0, { label, note: "" });
      return {
        update: (value, note = "") => {
          bar.update(value, { note });
        },
      };
    },
    makeWay: () => {
      if (!stopped) stream.write("\r\u001b[K");
    },
    stop: () => {
      stopped = true;
      bars.stop();
    },
  };
}

const silent: Progress = {
  add: () => ({ update: () => undefined }),
  makeWay: () => undefined,
  stop: () => undefined,
};

/** A logger for the same terminal as a bar: it removes the bar before each line. */
export function besideProgress(logger: Logger, progress: Progress): Logger {
  return {
    enabled: (level) => logger.enabled(level),
    log: (level, event) => {
      if (logger.enabled(level)) progress.makeWay();
      logger.log(level, event);
    },
  };
}
