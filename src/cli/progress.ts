import { MultiBar, Presets, type SingleBar } from "cli-progress";
import type { Logger } from "../log/logger.ts";

/** Progress of one or more pieces of work that run side by side. */
export interface Progress {
  /** @param total in the unit of `update`, fixed from here on */
  add(label: string, total: number): { update(value: number, note?: string): void };
  /** Takes a single bar off the screen until it is drawn again: for a line that goes in its place. */
  makeWay(): void;
  stop(): void;
}

/** Bars on standard error where that is a terminal; silence where it is not. */
export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  if (!stream.isTTY) return silent;
  let stopped = false;
  const bars = new MultiBar(
    {
      format: "{label} {bar} {percentage}% {note}",
      stream,
      hideCursor: true,
      clearOnComplete: false,
      // Redraws at most this often: a bar must cost nothing beside the work.
      fps: 10,
      barsize: 32,
      // Long log lines beside a bar are not to be cut.
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

/** A logger whose lines go to the same terminal as a bar, and do not end up behind it. */
export function besideProgress(logger: Logger, progress: Progress): Logger {
  return {
    enabled: (level) => logger.enabled(level),
    log: (level, event) => {
      if (logger.enabled(level)) progress.makeWay();
      logger.log(level, event);
    },
  };
}
