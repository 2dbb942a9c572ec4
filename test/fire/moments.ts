import { type FSWatcher, watch } from "node:fs";
import type { ActionLine } from "../blackbox/grader-line.ts";
import type { LogFeed, Sighting } from "../blackbox/log-feed.ts";

/** What is waited for before the blow falls, and how long after it at most. */
export interface Moment {
  readonly when: When;
  /** Chosen anew for each blow, evenly: a stimulus, nothing is judged by it. */
  readonly withinMs: number;
}

export type When =
  /** Now: what the delay hits is the start of a program, or whatever goes on. */
  | { readonly kind: "now" }
  /** So many more batches are in the central's log. */
  | { readonly kind: "stored"; readonly batches: number }
  /** So many more bytes have passed between agencies and the central. */
  | { readonly kind: "bytes"; readonly bytes: number }
  /** Everybody but one agency is done, and that one says so now. */
  | { readonly kind: "last-done" }
  /** A file of the draw is made, renamed or removed. */
  | { readonly kind: "file"; readonly name: string }
  /** The line of the draw is in the log. */
  | { readonly kind: "drawn" }
  /** So many agencies have been told their winners. */
  | { readonly kind: "told"; readonly agencies: number }
  /** Only when the caller says so. */
  | { readonly kind: "never" };

/** A watchdog, not a measure. */
const PATIENCE_MS = 30_000;

/** Sees what goes on in a draw from outside, and tells when a moment has come. */
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

  /** Something was seen elsewhere. */
  look(): void {
    this.#poke();
  }

  /**
   * Resolves when it has come, or when it cannot come any more.
   *
   * @param missed whether it cannot, as far as the caller knows
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

/** Said by a run that finds its agency done: an earlier one was killed before its line was out. */
export function isDoneBefore({ action, details }: ActionLine): boolean {
  return action === "resume" && details["done"] === "true";
}
