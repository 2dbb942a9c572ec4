import { type ActionLine, parseActionLine } from "./grader-line.ts";

/** One event seen from outside: a line of a service's log, or the service's end. */
export type Sighting =
  | {
      readonly kind: "line";
      readonly source: string;
      readonly text: string;
      /** Absent in lines without an action. */
      readonly line: ActionLine | undefined;
    }
  | { readonly kind: "exit"; readonly source: string; readonly status: number };

interface Waiter {
  readonly what: string;
  readonly matches: (sighting: Sighting) => boolean;
  missing: number;
  readonly settle: (error: Error | undefined) => void;
}

/** A watchdog, not a measure: nothing in these tests takes this long unless it hangs. */
const PATIENCE_MS = 30_000;

/** Everything that was seen of a run, in the order in which it was seen. */
export class LogFeed {
  readonly sightings: Sighting[] = [];
  readonly #patienceMs: number;
  #waiters: Waiter[] = [];
  readonly #watchers = new Set<(sighting: Sighting) => void>();
  #broken: Error | undefined;

  /** @param patienceMs how long anything may take before it counts as hanging */
  constructor(patienceMs: number = PATIENCE_MS) {
    this.#patienceMs = patienceMs;
  }

  pushLine(source: string, text: string): void {
    try {
      this.#push({ kind: "line", source, text, line: parseActionLine(source, text) });
    } catch (error) {
      // A line that the graders cannot read fails every wait, now or later.
      this.#broken ??= error as Error;
      for (const waiter of this.#waiters) waiter.settle(this.#broken);
    }
  }

  pushExit(source: string, status: number): void {
    this.#push({ kind: "exit", source, status });
  }

  /** Resolves when `count` matching things have been seen, from the beginning on. */
  async until(what: string, matches: (sighting: Sighting) => boolean, count = 1): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken;
    const missing = count - this.sightings.filter(matches).length;
    if (missing <= 0) return;
    await new Promise<void>((resolve, reject) => {
      const waiter: Waiter = {
        what,
        matches,
        missing,
        settle: (error) => {
          clearTimeout(watchdog);
          this.#waiters = this.#waiters.filter((other) => other !== waiter);
          if (error === undefined) resolve();
          else reject(error);
        },
      };
      const watchdog = setTimeout(() => {
        waiter.settle(new Error(`Never seen: ${what} (${waiter.missing} missing)`));
      }, this.#patienceMs);
      this.#waiters.push(waiter);
    });
  }

  /** Calls back with everything that is seen from now on. @returns ends it */
  watch(callback: (sighting: Sighting) => void): () => void {
    this.#watchers.add(callback);
    return () => this.#watchers.delete(callback);
  }

  /** Waits for lines with an action. */
  async untilAction(action: string, source?: string, count = 1): Promise<void> {
    const where = source === undefined ? "" : ` of ${source}`;
    await this.until(
      `${count} × action: ${action}${where}`,
      (seen) => isAction(seen, action) && (source === undefined || seen.source === source),
      count,
    );
  }

  /**
   * Waits for the first line with an action since `from`.
   * @throws Error when the service ends before
   */
  async untilBegun(service: string, action: string, from: number): Promise<void> {
    const begun = (seen: Sighting): boolean =>
      seen.source === service && (seen.kind === "exit" || isAction(seen, action));
    const earlier = this.sightings.slice(0, from).filter(begun).length;
    await this.until(`${service} begins with ${action}`, begun, earlier + 1);
    const first = this.sightings.slice(from).find(begun);
    if (first?.kind === "exit") throw new Error(`${service} ended with ${first.status}`);
  }

  /** Waits for a service to end. @returns its exit status */
  async untilExit(source: string): Promise<number> {
    await this.until(`exit of ${source}`, (seen) => seen.kind === "exit" && seen.source === source);
    return this.exits(source).at(-1) ?? -1;
  }

  /** Lines with an action, of one service or of all. */
  lines(action?: string, source?: string): ActionLine[] {
    return this.sightings.flatMap((seen) =>
      seen.kind === "line" &&
      seen.line !== undefined &&
      (action === undefined || seen.line.action === action) &&
      (source === undefined || seen.source === source)
        ? [seen.line]
        : [],
    );
  }

  /** The messages of lines with an action, without time and level. */
  messages(action: string, source?: string): string[] {
    return this.lines(action, source).map(({ message }) => message);
  }

  exits(source?: string): number[] {
    return this.sightings.flatMap((seen) =>
      seen.kind === "exit" && (source === undefined || seen.source === source) ? [seen.status] : [],
    );
  }

  /** The last lines, for the message of a failed test. */
  tail(count = 60): string {
    return this.sightings
      .slice(-count)
      .map((seen) =>
        seen.kind === "line"
          ? `${seen.source} | ${seen.text}`
          : `${seen.source} exited with code ${seen.status}`,
      )
      .join("\n");
  }

  #push(sighting: Sighting): void {
    this.sightings.push(sighting);
    for (const callback of this.#watchers) callback(sighting);
    for (const waiter of this.#waiters) {
      if (!waiter.matches(sighting)) continue;
      waiter.missing--;
      if (waiter.missing <= 0) waiter.settle(undefined);
    }
  }
}

function isAction(seen: Sighting, action: string): boolean {
  return seen.kind === "line" && seen.line?.action === action;
}
