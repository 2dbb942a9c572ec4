import { StoreError } from "../../src/store/store-error.ts";
import type { Lock } from "../../src/stores/disk/open-directory.ts";
import type { Life } from "./world.ts";

interface Held {
  readonly life: Life;
  tellLost: (error: StoreError) => void;
}

/** The locks of the draws' directories on the central's machine. */
export class SimLocks {
  readonly #held = new Map<string, Held>();

  /** The directories that a process has locked. */
  of(life: Life): string[] {
    return [...this.#held].filter(([, held]) => held.life === life).map(([dir]) => dir);
  }

  /** Removes a lock's file. @returns tells the process that has it */
  lose(dir: string): (error: StoreError) => void {
    const held = this.#held.get(dir);
    this.#held.delete(dir);
    return (error) => held?.tellLost(error);
  }

  /** The process is over: its locks are free. */
  free(life: Life): void {
    for (const dir of this.of(life)) this.#held.delete(dir);
  }

  lock(life: Life): Lock {
    return (dir) =>
      new Promise((resolve, reject) => {
        life.soon("locks", () => {
          if (this.#held.has(dir)) {
            reject(new StoreError("STORE_LOCKED", `Cannot open ${dir}: another process has it`));
            return;
          }
          const held: Held = { life, tellLost: () => undefined };
          this.#held.set(dir, held);
          resolve({
            check: () => {
              if (this.#held.get(dir) === held) return;
              throw new StoreError("STORE_LOST_LOCK", "Cannot go on: the lock is gone");
            },
            whenLost: (callback) => {
              held.tellLost = callback;
            },
            release: async () => {
              if (this.#held.get(dir) === held) this.#held.delete(dir);
            },
          });
        });
      });
  }
}
