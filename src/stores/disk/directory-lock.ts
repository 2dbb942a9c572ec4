import { statSync } from "node:fs";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { type Clock, pause, systemClock } from "../../clock.ts";
import { errorCode, isShortage } from "./disk.ts";
import { TEMP_SUFFIX } from "./disk-io.ts";
import { withAdvice } from "./file-system-advice.ts";
import { takeGuard, type Waiting } from "./lock-guard.ts";
import { wayTo } from "./socket-way.ts";
import { StoreError } from "../../store/store-error.ts";

/** Keeps every other process out of a directory until it is released. */
export interface DirectoryLock {
  /**
   * Looks whether we still hold the lock: anybody can remove files.
   * @throws StoreError `STORE_LOST_LOCK`
   */
  check(): void;
  /** Calls back once when the lock is found to be lost, which takes about a second. */
  whenLost(callback: (error: StoreError) => void): void;
  release(): Promise<void>;
}

/** How often an owner looks whether its lock is there, besides the looks before it writes. */
const WATCH_MS = 1000;
/**
 * The wait when the lock's file is missing: it may have been removed while its owner lives. That owner looks
 * before it writes (`ownership.ts`), so after this time it writes no more.
 */
const MISSING_PAUSE_MS = 100;

/**
 * Locks a directory with a Unix-domain socket that listens in it. The kernel answers connections for the
 * owner, so the lock lives exactly as long as the process that holds it. Any container of the same machine
 * sees it, and no process numbers or times are compared.
 *
 * @param dir must exist
 * @param name of the socket file
 * @throws StoreError `STORE_LOCKED` when another process holds it; the signal's reason
 */
export async function lockDirectory(
  dir: string,
  name: string,
  waiting: Partial<Waiting> = {},
): Promise<DirectoryLock> {
  const { clock = systemClock, signal, onDelay } = waiting;
  try {
    const dropGuard = await takeGuard(join(dir, `${name}.guard`), { clock, signal, onDelay });
    try {
      await removeLeftovers(dir, name);
      return await takeOver(dir, name, { clock, signal });
    } finally {
      await dropGuard();
    }
  } catch (error) {
    if (error instanceof StoreError || signal?.aborted === true) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StoreError("STORE_UNUSABLE", `Cannot lock ${dir}: ${reason}`, { cause: error });
  }
}

/** Sockets that a crash left before they got their name. A process makes one only while it has the guard. */
async function removeLeftovers(dir: string, name: string): Promise<void> {
  for (const file of await readdir(dir)) {
    if (file.startsWith(`${name}.`) && file.endsWith(TEMP_SUFFIX)) {
      await rm(join(dir, file), { force: true });
    }
  }
}

async function takeOver(dir: string, name: string, waiting: Waiting): Promise<DirectoryLock> {
  let owner = await ownerOf(dir, name);
  if (owner === "unknown" && (await hasOtherFiles(dir, name))) {
    await pause(waiting.clock, MISSING_PAUSE_MS, waiting.signal);
    owner = await ownerOf(dir, name);
  }
  if (owner === "alive") {
    throw new StoreError(
      "STORE_LOCKED",
      `Cannot open ${dir}: another process has it open; stop that one first`,
    );
  }
  return new SocketLock(dir, name, await listen(dir, name), waiting.clock).begin();
}

async function hasOtherFiles(dir: string, name: string): Promise<boolean> {
  return (await readdir(dir)).some((file) => !file.startsWith(name));
}

/** Whether a living process listens on the socket; unknown when there is no socket. */
async function ownerOf(dir: string, name: string): Promise<"alive" | "dead" | "unknown"> {
  const way = await wayTo(dir, name);
  try {
    return await new Promise((done, fail) => {
      const socket = connect(way.path);
      socket.once("connect", () => {
        socket.destroy();
        done("alive");
      });
      socket.once("error", (error) => {
        const code = errorCode(error);
        if (code === "ENOENT") done("unknown");
        else if (code === "ECONNREFUSED") done("dead");
        // Its queue of connections is full: the owner lives, and is busy.
        else if (code === "EAGAIN") done("alive");
        else fail(error);
      });
    });
  } finally {
    await way.close();
  }
}

/**
 * Listens on a socket and gives it its name. The socket is made under another name, because closing it
 * removes the file with that first name, and the lock's name may belong to another process by then.
 */
async function listen(dir: string, name: string): Promise<Server> {
  const temp = `${name}.${process.pid}.${Math.random().toString(36).slice(2)}${TEMP_SUFFIX}`;
  const way = await wayTo(dir, temp);
  const server: Server = createServer((socket) => socket.destroy());
  try {
    await new Promise<void>((done, fail) => {
      server.once("error", fail);
      server.listen(way.path, () => {
        server.off("error", fail);
        done();
      });
    });
    // A connection that cannot be accepted, because descriptors are short, was answered by the kernel.
    server.on("error", () => undefined);
    server.unref();
    await rename(join(dir, temp), join(dir, name));
    return server;
  } catch (error) {
    server.close();
    throw withAdvice(error, "hold Unix-domain sockets");
  } finally {
    await way.close();
  }
}

class SocketLock implements DirectoryLock {
  readonly #dir: string;
  readonly #name: string;
  readonly #path: string;
  readonly #server: Server;
  readonly #clock: Clock;
  /** Device and inode of our socket: no other file gets this number while we listen. */
  #own: FileNumber | undefined;
  #lost: StoreError | undefined;
  readonly #whenLost: ((error: StoreError) => void)[] = [];
  #stopWatch: () => void = () => undefined;
  #released: Promise<void> | undefined;

  constructor(dir: string, name: string, server: Server, clock: Clock) {
    this.#dir = dir;
    this.#name = name;
    this.#path = join(dir, name);
    this.#server = server;
    this.#clock = clock;
  }

  async begin(): Promise<this> {
    try {
      this.#own = await stat(this.#path, { bigint: true });
    } catch (error) {
      await this.release();
      throw error;
    }
    this.#watch();
    return this;
  }

  check(): void {
    if (this.#lost === undefined) this.#judge(this.#whyLost());
    if (this.#lost !== undefined) throw this.#lost;
  }

  whenLost(callback: (error: StoreError) => void): void {
    if (this.#lost === undefined) this.#whenLost.push(callback);
    else callback(this.#lost);
  }

  release(): Promise<void> {
    this.#released ??= this.#release();
    return this.#released;
  }

  async #release(): Promise<void> {
    this.#stopWatch();
    // Remove the name first: when we no longer listen, another process may take it.
    if (this.#own !== undefined && this.#whyLost() === undefined) {
      await rm(this.#path, { force: true });
    }
    await new Promise<void>((done) => this.#server.close(() => done()));
  }

  #watch(): void {
    this.#stopWatch = this.#clock.afterIfAlive(WATCH_MS, () => void this.#lookAgain());
  }

  /** As {@link check}, but asynchronous: a disk may hang, and the event loop must not wait for it. */
  async #lookAgain(): Promise<void> {
    const how = await stat(this.#path, { bigint: true }).then(
      (found) => this.#whyOther(found),
      (error: unknown) => whyUnseen(error),
    );
    this.#judge(how);
    if (this.#lost === undefined && this.#released === undefined) this.#watch();
  }

  #judge(how: string | undefined): void {
    if (how === undefined || this.#lost !== undefined || this.#released !== undefined) return;
    this.#lost = new StoreError(
      "STORE_LOST_LOCK",
      `Cannot go on with ${this.#dir}: its lock ${this.#name} ${how}; leave that file to the central, see that no other central has the directory open, then start again`,
    );
    for (const callback of this.#whenLost) callback(this.#lost);
  }

  #whyLost(): string | undefined {
    try {
      return this.#whyOther(statSync(this.#path, { bigint: true }));
    } catch (error) {
      return whyUnseen(error);
    }
  }

  #whyOther({ dev, ino }: FileNumber): string | undefined {
    const same = ino === this.#own?.ino && dev === this.#own.dev;
    return same ? undefined : "is another's now";
  }
}

function whyUnseen(error: unknown): string | undefined {
  // An error because the system is short of memory says nothing about the lock.
  if (isShortage(error)) return undefined;
  const code = errorCode(error);
  return code === "ENOENT" ? "is gone" : `cannot be looked at (${String(code)})`;
}

interface FileNumber {
  readonly dev: bigint;
  readonly ino: bigint;
}
