import { dirname } from "node:path";
import type { Lock } from "../../src/stores/disk/open-directory.ts";
import type { Disk, DiskFile, OpenOptions } from "../../src/stores/disk/disk.ts";

/** What the disk is about to do for the store. Only steps that change something are reported. */
export interface DiskStep {
  readonly kind: "create" | "write" | "sync" | "truncate" | "rename" | "remove" | "syncDir";
  readonly path: string;
  readonly position: number;
  readonly bytes: number;
}

/** What happens instead. */
export type Fault =
  | { readonly kind: "error"; readonly code: string }
  /** Only this many bytes are written. */
  | { readonly kind: "short"; readonly bytes: number }
  /**
   * The bytes are written, but a power cut may lose them although the write had to be synced. With
   * a code the write fails too, as after a failed sync.
   */
  | { readonly kind: "unsynced"; readonly code?: string }
  /** The power fails in the middle of the step; nothing works from then on. */
  | { readonly kind: "crash" };

/** A number from 0 to 1, as `Math.random`, from a seed. */
export type Random = () => number;

const SECTOR_BYTES = 512;

interface Inode {
  bytes: Buffer;
  /** The bytes that a power cut always leaves. */
  durable: Buffer;
  /** Sectors that were written and not synced. */
  readonly dirty: Set<number>;
}

/** A name that was changed and not synced. */
interface NameChange {
  readonly dir: string;
  readonly apply: (names: Map<string, Inode>) => void;
}

/**
 * A disk in memory. A power cut loses what was not synced: any sectors of files, and names from
 * some moment on, as on a file system with a journal.
 */
export class MemoryDisk implements Disk {
  /** Called before every step; what it returns happens instead. */
  onStep: (step: DiskStep) => Fault | undefined = () => undefined;
  /** Bytes that all files may take together. */
  capacityBytes = Number.POSITIVE_INFINITY;
  /** When a write is done after it was asked for. */
  defer: (write: () => void) => void = setImmediate;
  readonly #dirs: Set<string>;
  readonly #names: Map<string, Inode>;
  #durableNames: Map<string, Inode>;
  #changes: NameChange[] = [];
  readonly #random: Random;
  #dead = false;
  #openFiles = 0;

  constructor(
    random: Random = Math.random,
    names = new Map<string, Inode>(),
    dirs = new Set<string>(),
  ) {
    this.#random = random;
    this.#names = names;
    this.#durableNames = new Map(names);
    this.#dirs = dirs;
  }

  /** Files that are open. */
  get openFiles(): number {
    return this.#openFiles;
  }

  /** Names of all files, sorted. */
  get paths(): string[] {
    return [...this.#names.keys()].toSorted();
  }

  /** A file's bytes, to look at or to damage. */
  bytesOf(path: string): Buffer {
    return this.#inode(path).bytes;
  }

  /** What a power cut always leaves: the durable bytes of every durable name. */
  get durableFiles(): ReadonlyMap<string, Buffer> {
    return new Map([...this.#durableNames].map(([path, { durable }]) => [path, durable]));
  }

  /** An independent copy with everything on stable storage. */
  clone(): MemoryDisk {
    return this.#survivor((inode) => Buffer.from(inode.bytes), this.#names);
  }

  /** What is left after the power failed. This disk does nothing any more. */
  powerCut(): MemoryDisk {
    this.#dead = true;
    const names = new Map(this.#durableNames);
    const kept = Math.floor(this.#random() * (this.#changes.length + 1));
    for (const { apply } of this.#changes.slice(0, kept)) apply(names);
    return this.#survivor((inode) => this.#afterPowerCut(inode), names);
  }

  /**
   * The disk after the process was killed: every byte is still there, but unsynced bytes may still
   * be lost.
   */
  kill(): MemoryDisk {
    this.#dead = true;
    const left = new MemoryDisk(this.#random, this.#names, this.#dirs);
    left.#durableNames = new Map(this.#durableNames);
    left.#changes = [...this.#changes];
    left.defer = this.defer;
    return left;
  }

  makeDir(dir: string): Promise<void> {
    this.#expectAlive();
    for (let made = dir; made !== dirname(made); made = dirname(made)) this.#dirs.add(made);
    return Promise.resolve();
  }

  async list(dir: string): Promise<string[]> {
    this.#expectAlive();
    if (!this.#dirs.has(dir)) throw systemError("ENOENT", dir);
    const all = [...this.#names.keys(), ...this.#dirs];
    const inside = all.filter((path) => dirname(path) === dir);
    return inside.map((path) => path.slice(dir.length + 1));
  }

  async open(path: string, { mode, durable = false }: OpenOptions): Promise<DiskFile> {
    this.#expectAlive();
    let inode = this.#names.get(path);
    if (inode === undefined || mode === "create") {
      if (mode !== "create") throw systemError("ENOENT", path);
      this.#step({ kind: "create", path, position: 0, bytes: 0 });
      const made: Inode = { bytes: Buffer.alloc(0), durable: Buffer.alloc(0), dirty: new Set() };
      inode = made;
      this.#change(path, (names) => names.set(path, made));
    }
    this.#openFiles++;
    return this.#file(path, inode, durable);
  }

  async rename(from: string, to: string): Promise<void> {
    const inode = this.#inode(from);
    this.#step({ kind: "rename", path: to, position: 0, bytes: 0 });
    this.#change(to, (names) => {
      names.delete(from);
      names.set(to, inode);
    });
  }

  async remove(path: string): Promise<void> {
    this.#expectAlive();
    if (!this.#names.has(path)) return;
    this.#step({ kind: "remove", path, position: 0, bytes: 0 });
    this.#change(path, (names) => names.delete(path));
  }

  async syncDir(dir: string): Promise<void> {
    this.#step({ kind: "syncDir", path: dir, position: 0, bytes: 0 });
    for (const change of this.#changes) if (change.dir === dir) change.apply(this.#durableNames);
    this.#changes = this.#changes.filter((change) => change.dir !== dir);
  }

  #file(path: string, inode: Inode, durable: boolean): DiskFile {
    let open = true;
    const use = <T>(work: () => T): T => {
      this.#expectAlive();
      if (!open) throw systemError("EBADF", path);
      return work();
    };
    return {
      path,
      isNamed: () => [...this.#names.values()].includes(inode),
      size: async () => use(() => inode.bytes.length),
      read: async (into, position) =>
        use(() => inode.bytes.copy(into, 0, position, position + into.length)),
      write: (bytes, position, done) => {
        // Later, as on a real disk: if the caller changes the bytes meanwhile, the changed ones are
        // written.
        this.defer(() => {
          let written = 0;
          try {
            written = use(() => this.#write(path, inode, bytes, position, durable));
          } catch (error) {
            done(error as Error, 0);
            return;
          }
          done(undefined, written);
        });
      },
      sync: async () =>
        use(() => {
          this.#step({ kind: "sync", path, position: 0, bytes: 0 });
          inode.durable = Buffer.from(inode.bytes);
          inode.dirty.clear();
        }),
      truncate: async (bytes) =>
        use(() => {
          this.#step({ kind: "truncate", path, position: bytes, bytes: 0 });
          inode.bytes = Buffer.from(inode.bytes.subarray(0, bytes));
        }),
      close: async () => {
        if (open) this.#openFiles--;
        open = false;
      },
    };
  }

  #write(
    path: string,
    inode: Inode,
    bytes: Uint8Array,
    position: number,
    durable: boolean,
  ): number {
    const step = { kind: "write", path, position, bytes: bytes.length } as const;
    const fault = this.onStep(step);
    if (fault?.kind === "error") throw systemError(fault.code, path);
    const part = fault?.kind === "short" ? bytes.subarray(0, fault.bytes) : bytes;
    const end = position + part.length;
    if (end > inode.bytes.length) {
      this.#expectRoom(end - inode.bytes.length, path);
      inode.bytes = Buffer.concat([inode.bytes], end);
    }
    inode.bytes.set(part, position);
    const [first, last] = [position, end - 1].map((at) => Math.floor(at / SECTOR_BYTES));
    for (let sector = first ?? 0; sector <= (last ?? -1); sector++) inode.dirty.add(sector);
    if (fault?.kind === "crash") {
      this.#dead = true;
      throw systemError("ECRASH", path);
    }
    if (fault?.kind === "unsynced") {
      if (fault.code !== undefined) throw systemError(fault.code, path);
    } else if (durable) {
      syncSectors(inode, first ?? 0, last ?? -1);
    }
    return part.length;
  }

  #afterPowerCut({ bytes, durable, dirty }: Inode): Buffer {
    const left = Buffer.concat([durable], Math.max(durable.length, bytes.length));
    let size = durable.length;
    for (const sector of dirty) {
      if (this.#random() < 0.5) continue;
      const from = sector * SECTOR_BYTES;
      bytes.copy(left, from, from, from + SECTOR_BYTES);
      size = Math.max(size, Math.min(from + SECTOR_BYTES, bytes.length));
    }
    return left.subarray(0, size);
  }

  #survivor(contents: (inode: Inode) => Buffer, names: Map<string, Inode>): MemoryDisk {
    const left = new Map<string, Inode>();
    for (const [path, inode] of names) {
      const bytes = contents(inode);
      left.set(path, { bytes, durable: Buffer.from(bytes), dirty: new Set() });
    }
    const disk = new MemoryDisk(this.#random, left, new Set(this.#dirs));
    disk.defer = this.defer;
    return disk;
  }

  #change(path: string, apply: (names: Map<string, Inode>) => void): void {
    apply(this.#names);
    this.#changes.push({ dir: dirname(path), apply });
  }

  #step(step: DiskStep): void {
    this.#expectAlive();
    const fault = this.onStep(step);
    if (fault?.kind === "error") throw systemError(fault.code, step.path);
    if (fault?.kind === "crash") {
      this.#dead = true;
      throw systemError("ECRASH", step.path);
    }
  }

  #inode(path: string): Inode {
    const inode = this.#names.get(path);
    if (inode === undefined) throw systemError("ENOENT", path);
    return inode;
  }

  #expectRoom(bytes: number, path: string): void {
    const used = [...new Set(this.#names.values())].reduce(
      (sum, file) => sum + file.bytes.length,
      0,
    );
    if (used + bytes > this.capacityBytes) throw systemError("ENOSPC", path);
  }

  #expectAlive(): void {
    if (this.#dead) throw systemError("ECRASH", "the disk");
  }
}

/** A write with O_DSYNC brings its own sectors to stable storage, and no others. */
function syncSectors(inode: Inode, first: number, last: number): void {
  const from = first * SECTOR_BYTES;
  const to = Math.min((last + 1) * SECTOR_BYTES, inode.bytes.length);
  if (to > inode.durable.length) inode.durable = Buffer.concat([inode.durable], to);
  inode.bytes.copy(inode.durable, from, from, to);
  for (let sector = first; sector <= last; sector++) inode.dirty.delete(sector);
}

function systemError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}

/** On a disk in memory there is no other process. */
export const noLock: Lock = () =>
  Promise.resolve({
    check: () => undefined,
    whenLost: () => undefined,
    release: () => Promise.resolve(),
  });

/** A generator of numbers from a seed (mulberry32). */
export function randomFrom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
