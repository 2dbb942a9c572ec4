import { formatJson } from "./format-json.ts";
import { formatLine, localStamp, type Side } from "./format-text.ts";
import { LineWriter } from "./line-writer.ts";
import { isOwed } from "./mandated-lines.ts";
import { type ConfirmingLogger, LOG_LEVELS, type LogEvent, type LogLevel } from "./logger.ts";

export interface LoggerOptions {
  readonly side: Side;
  /** Events below it are not written. */
  readonly level: LogLevel;
  readonly format: "text" | "json";
  /** Standard output unless given. Stays the caller's: it is never closed. */
  readonly fd?: number;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  /** What may wait for the reader [16 MiB]; lines beyond it are dropped, counted and reported. */
  readonly waitingBytesMax?: number;
}

const WAITING_BYTES_MAX = 16 * 1024 * 1024;

/** The log of a program: lines leave in the background, and none is lost when the program ends. */
export interface ProgramLogger extends ConfirmingLogger {
  /** Writes out everything now; for the moment before the process is ended by force. */
  flush(): void;
  /** Waits until everything is out, but not for a reader that has stalled. Idempotent. */
  close(): Promise<void>;
}

export function createLogger(options: LoggerOptions): ProgramLogger {
  const { side, level, format, fd = 1, clock = Date.now } = options;
  const { waitingBytesMax = WAITING_BYTES_MAX } = options;
  const lowest = RANKS[level];
  const stampOf = cachedStamp();

  const render = (level: LogLevel, event: LogEvent): string => {
    const now = clock();
    return format === "json"
      ? `${formatJson(side, level, event, new Date(now))}\n`
      : `${formatLine(side, level, event, stampOf(now))}\n`;
  };
  const writer = new LineWriter({
    fd,
    bytesMax: waitingBytesMax,
    describeDropped: (dropped) => render("warning", { action: "log", result: "fail", dropped }),
  });

  return {
    enabled: (level) => writer.open && RANKS[level] >= lowest,
    log(level, event) {
      if (writer.open && RANKS[level] >= lowest) writer.write(render(level, event), isOwed(event));
    },
    written: () => writer.written(),
    flush: () => writer.flush(),
    close: () => writer.close(),
  };
}

const RANKS = Object.fromEntries(LOG_LEVELS.map((level, rank) => [level, rank])) as Readonly<
  Record<LogLevel, number>
>;

/** Local times as text, made once per second: making one costs as much as the rest of the line. */
function cachedStamp(): (ms: number) => string {
  let second = Number.NaN;
  let stamp = "";
  return (ms) => {
    const now = Math.floor(ms / 1000);
    if (now !== second) {
      second = now;
      stamp = localStamp(new Date(ms));
    }
    return stamp;
  };
}
