import { formatText, type Side } from "../../src/log/format-text.ts";
import type { ConfirmingLogger, LogEvent } from "../../src/log/logger.ts";
import type { World } from "./world.ts";

/** Something that must not happen in a run. */
export interface Violation {
  readonly rule: string;
  readonly text: string;
}

/** Gathers what goes wrong, and keeps the logs. */
export class Watch {
  readonly violations: Violation[] = [];
  readonly centralLog: string[] = [];
  readonly agencyLog: { readonly who: string; readonly line: string }[] = [];
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  report(rule: string, text: string): void {
    this.#world.note("!", `${rule}: ${text}`);
    this.violations.push({ rule, text });
  }

  /** Every log line is kept at once; other tests are about lines that a kill loses. */
  logger(
    who: string,
    side: Side,
    onEvent: (event: LogEvent) => void = () => undefined,
  ): ConfirmingLogger {
    return {
      enabled: () => true,
      written: () => Promise.resolve(true),
      log: (level, event) => {
        const line = formatText(side, level, event, dateAt(this.#world.nowMs));
        if (side === "central") this.centralLog.push(line);
        else this.agencyLog.push({ who, line });
        this.#world.note(who, line.slice(line.indexOf("action:")));
        onEvent(event);
      },
    };
  }
}

/** Midday of a day in the life of a lottery. */
const START_MS = new Date(2024, 7, 21, 12).getTime();

export function dateAt(nowMs: number): Date {
  return new Date(START_MS + nowMs);
}
