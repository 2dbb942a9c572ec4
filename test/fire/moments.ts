import { type FSWatcher, watch } from "node:fs";
import type { ActionLine } from "../blackbox/grader-line.ts";
import type { LogFeed, Sighting } from "../blackbox/log-feed.ts";

/** The event that a kill waits for, and the longest time between the event and the kill. */
export interface Moment {
  readonly when: When;
  /** The time is random for each kill; no test result depends on it. */
  readonly withinMs: number;
}

export type When =
  /** No event: after the delay the kill hits the start of a program, or whatever it does then. */
  | { readonly kind: "now" }
  /** When so many more batches are in the central's log. */
  | { readonly kind: "stored"; readonly batches: number }
  /** When so many more bytes have passed between agencies and the central. */
  | { readonly kind: "bytes"; readonly bytes: number }
  /** When every agency but one is done, and this one says DONE now. */
  | { readonly kind: "last-done" }
  /** When a file of the draw is made, renamed or removed. */
  | { readonly kind: "file"; readonly name: string }
  /** When the line of the draw is in the log. */
  | { readonly kind: "drawn" }
  /** When so many agencies have been told their winners. */
  | { readonly kind: "told"; readonly agencies: number }
  /** Only when the caller ends the wait. */
  | { readonly kind: "never" };

/** A watchdog, not a measure. */
const PATIENCE_MS = 30_000;

/** Watches a draw from outside, and reports when a moment has come. */
export class Lookout {
  /** Agencies that have said that they are done. */
  readonly done = new Set<string>();
  /** Agencies that know their winners. */
  readonly told = new Set<string>();
  #stored = 0;
  #bytes = 0;
  #draws = 0;
  readonly #files = new Map<string, number>();
  #poke: () => void = () => undefined;
  readonly #unwatch: () => void;
  #watcher: FSWatcher | undefined;

  constructor(feed: LogFeed) {
    this.#unwatch = feed.watch((seen) => this.#see(seen));
  }

  /** @param dir the draw's directory, once it is there */
  watchFiles(dir: string): void {
    this.#watcher = watch(dir, (event, name) => {
      if (event === "rename" && name !== null) this.#files.set(name, this.changes(name) + 1);
      this.#poke();
    });
  }

  close(): void {
    this.#unwatch();
    this.#watcher?.close();
  }

  /** Bytes have passed between an agency and the central. */
  addBytes(bytes: number): void {
    this.#bytes += bytes;
    this.#poke();
  }

  /** How often a file was made, renamed or removed while watched. */
  changes(name: string): number {
    return this.#files.get(name) ?? 0;
  }

  /** Checks again, because something has changed elsewhere. */
  look(): void {
    this.#poke();
  }

  /**
   * Resolves when the moment has come, or cannot come any more.
   *
   * @param missed whether it cannot come any more, as far as the caller knows
   */
  async until(when: When, missed: () => boolean): Promise<void> {
    const come = this.#coming(when);
    if (come() || missed()) return;
    await new Promise<void>((resolve, reject) => {
      const settle = (error?: Error): void => {
        clearTimeout(watchdog);
        this.#poke = () => undefined;
        if (error === undefined) resolve();
        else reject(error);
      };
      const watchdog = setTimeout(() => {
        settle(new Error(`Never came: ${JSON.stringify(when)}`));
      }, PATIENCE_MS);
      this.#poke = () => {
        if (come() || missed()) settle();
      };
    });
  }

  /** Counts from now on. */
  #coming(when: When): () => boolean {
    switch (when.kind) {
      case "now":
      case "last-done":
        return () => true;
      case "stored": {
        const goal = this.#stored + when.batches;
        return () => this.#stored >= goal;
      }
      case "bytes": {
        const goal = this.#bytes + when.bytes;
        return () => this.#bytes >= goal;
      }
      case "file": {
        const goal = this.changes(when.name) + 1;
        return () => this.changes(when.name) >= goal;
      }
      case "drawn": {
        const goal = this.#draws + 1;
        return () => this.#draws >= goal;
      }
      case "told":
        return () => this.told.size >= when.agencies;
      case "never":
        return () => false;
      default:
        return when satisfies never;
    }
  }

  #see(seen: Sighting): void {
    if (seen.kind === "line" && seen.line?.result === "success") {
      const { action } = seen.line;
      if (action === "apuesta_recibida") this.#stored++;
      else if (action === "sorteo") this.#draws++;
      else if (action === "send_done" || isDoneBefore(seen.line)) this.done.add(seen.source);
      else if (action === "consulta_ganadores") this.told.add(seen.source);
    }
    this.#poke();
  }
}

/**
 * The line of a run that finds its agency done, because an earlier run was killed before its own
 * line was out.
 */
export function isDoneBefore({ action, details }: ActionLine): boolean {
  return action === "resume" && details["done"] === "true";
}
