import type { Disk, DiskFile, OpenOptions } from "../../src/stores/disk/disk.ts";
import type { DiskStep, Fault, MemoryDisk } from "../support/disk-memory.ts";
import type { Life, World } from "./world.ts";

/** A write that was asked for and may not be done yet. */
interface PendingWrite {
  readonly path: string;
  land(fault: Fault | undefined): void;
}

export interface SimDiskOptions {
  readonly world: World;
  readonly life: Life;
  readonly memory: MemoryDisk;
  /** How much longer than usual everything takes. */
  readonly slowness: () => number;
  /** The fault that happens instead of a step. */
  readonly onStep: (step: DiskStep) => Fault | undefined;
  /** The step was a crash: of the process, or of the machine. */
  readonly onCrash: () => void;
  /** The process was told that a write is done. */
  readonly onReported: (path: string) => void;
}

/**
 * The disk as one process of the central sees it: every step is done at some moment after it was
 * asked for, and reported at a later moment. In between the process may be killed.
 */
export class SimDisk implements Disk {
  readonly #options: SimDiskOptions;
  readonly #pending = new Set<PendingWrite>();
  #landing: Fault | undefined;
  #crashed = false;

  constructor(options: SimDiskOptions) {
    this.#options = options;
    options.memory.defer = (write) => write();
    options.memory.onStep = (step) => {
      const fault = this.#landing ?? options.onStep(step);
      this.#crashed = fault?.kind === "crash";
      return fault;
    };
  }

  /**
   * The process is gone. Some of the steps that it had asked for are still done.
   * @param synced whether a write may have reached stable storage; else it may be torn
   */
  abandon(synced: boolean): void {
    const { chance } = this.#options.world;
    for (const write of this.#pending) {
      const fate = chance.below(3);
      if (fate === 0) continue;
      write.land(fate === 1 && synced ? undefined : { kind: "unsynced" });
    }
    this.#pending.clear();
  }

  makeDir(dir: string): Promise<void> {
    return this.#step(`mkdir ${dir}`, () => this.#options.memory.makeDir(dir));
  }

  list(dir: string): Promise<string[]> {
    return this.#step(`list ${dir}`, () => this.#options.memory.list(dir));
  }

  async open(path: string, options: OpenOptions): Promise<DiskFile> {
    const what = `open ${path} ${options.mode}`;
    return this.#file(await this.#step(what, () => this.#options.memory.open(path, options)));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#step(`rename ${to}`, () => this.#options.memory.rename(from, to));
  }

  remove(path: string): Promise<void> {
    return this.#step(`remove ${path}`, () => this.#options.memory.remove(path));
  }

  syncDir(dir: string): Promise<void> {
    return this.#step(`syncDir ${dir}`, () => this.#options.memory.syncDir(dir));
  }

  #file(file: DiskFile): DiskFile {
    const { path } = file;
    return {
      path,
      isNamed: () => file.isNamed(),
      size: () => this.#step(`size ${path}`, () => file.size()),
      read: (into, position) => this.#step(`read ${path}`, () => file.read(into, position)),
      write: (bytes, position, done) => this.#write(file, bytes, position, done),
      sync: () => this.#step(`sync ${path}`, () => file.sync()),
      truncate: (bytes) => this.#step(`truncate ${path}`, () => file.truncate(bytes)),
      close: () => this.#step(`close ${path}`, () => file.close()),
    };
  }

  #write(
    file: DiskFile,
    bytes: Uint8Array,
    position: number,
    done: (error: Error | undefined, written: number) => void,
  ): void {
    const { world, life } = this.#options;
    const what = `${file.path} ${bytes.length} bytes at ${position}`;
    let result: { error: Error | undefined; written: number } = { error: undefined, written: 0 };
    const pending: PendingWrite = {
      path: file.path,
      land: (fault) => {
        this.#landing = fault;
        file.write(bytes, position, (error, written) => {
          result = { error, written };
        });
        this.#landing = undefined;
      },
    };
    this.#pending.add(pending);
    const [beforeMs, afterMs] = this.#latencies(0.2, 3);
    world.schedule(undefined, beforeMs, `disk writes ${what}`, () => {
      if (!this.#pending.delete(pending)) return;
      pending.land(undefined);
      if (this.#crashes()) return;
      life.after(afterMs, `has written ${what}`, () => {
        done(result.error, result.written);
        this.#options.onReported(file.path);
      });
    });
  }

  #step<T>(what: string, work: () => Promise<T>): Promise<T> {
    const { world, life } = this.#options;
    const [beforeMs, afterMs] = this.#latencies(0.01, 0.5);
    return new Promise((resolve, reject) => {
      world.schedule(undefined, beforeMs, `disk ${what}`, () => {
        if (life.over) return;
        // When this returns, the disk in memory has done the step, or failed.
        const result = work();
        result.catch(() => undefined);
        if (this.#crashes()) return;
        life.after(afterMs, `done ${what}`, () => {
          result.then(resolve, reject);
        });
      });
    });
  }

  #latencies(from: number, to: number): [number, number] {
    const { world, slowness } = this.#options;
    const factor = slowness();
    const totalMs = world.chance.spread(from, to) * factor;
    const part = world.chance.next();
    return [totalMs * part, totalMs * (1 - part)];
  }

  #crashes(): boolean {
    if (!this.#crashed) return false;
    this.#crashed = false;
    this.#options.onCrash();
    return true;
  }
}
