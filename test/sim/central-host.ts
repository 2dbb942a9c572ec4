import { type Central, startCentral } from "../../src/central/central.ts";
import type { Listen } from "../../src/central/listener.ts";
import { openLedger } from "../../src/stores/ledger/ledger.ts";
import type { TornTail } from "../../src/store/bet-store.ts";
import { eventsTo } from "../support/events-to.ts";
import { DIALECTS } from "../../src/protocols/dialects.ts";
import { drawsToTake } from "../../src/cli/draws-to-take.ts";
import type { Operations } from "../../src/central/operations.ts";
import type { DrawPlan } from "../../src/lottery/draw-plan.ts";
import type { BetStore } from "../../src/store/bet-store.ts";
import { StoreError } from "../../src/store/store-error.ts";
import { testLimits } from "../central/fixture.ts";
import { type DiskStep, type Fault, MemoryDisk } from "../support/disk-memory.ts";
import { type Cast, toldDraw } from "./cast.ts";
import { type CentralTime, clockOf } from "./central-time.ts";
import type { DrawsWatch } from "./draws-watch.ts";
import { DATA_DIR, holdsDraw, holdsTold } from "./durable.ts";
import type { Network } from "./network.ts";
import { SimDisk } from "./sim-disk.ts";
import { SimLocks } from "./sim-locks.ts";
import type { Watch } from "./watch.ts";
import { Life, type World } from "./world.ts";

/** After a failed write the central may take so long to end itself. */
const END_WITHIN_MS = 10_000;

/** Small, so that a draw of a hundred bets goes through several segments and full buffers. */
export interface StoreSizes {
  readonly segmentBytes: number;
  readonly groupBytes: number;
  readonly groupsMax: number;
}

export interface CentralHostOptions {
  readonly world: World;
  readonly network: Network;
  readonly watch: Watch;
  readonly cast: Cast;
  readonly time: CentralTime;
  readonly draws: DrawsWatch;
  readonly sizes: StoreSizes;
}

/** A central process, from its start to its end. */
interface Process {
  readonly life: Life;
  readonly disk: SimDisk;
  central: Central | undefined;
  /** Its disk has reported an error, or its lock was taken away. */
  faulted: boolean;
  /** It has closed its store in order, so nothing of its work is left. */
  closed: boolean;
}

/** The machine of the central, and the operator who starts the process again when it has ended. */
export class CentralHost {
  /** The fault that the disk makes instead of a step. */
  onDiskStep: (step: DiskStep) => Fault | undefined = () => undefined;
  /** How much slower than usual the disk is. */
  diskSlowness = 1;
  /** True when the operator must not start it again. */
  retired = false;
  /** Draws that were recorded when a process ended, before the record that they were told. */
  readonly mayBeToldAgain = new Set<string>();
  /** Draws of which the log tells. */
  readonly logged = new Set<string>();
  memory: MemoryDisk;
  starts = 0;
  readonly #options: CentralHostOptions;
  #process: Process | undefined;
  readonly #locks = new SimLocks();

  constructor(options: CentralHostOptions) {
    this.#options = options;
    this.memory = new MemoryDisk(options.world.chance.next);
  }

  get life(): Life | undefined {
    return this.#process?.life;
  }

  /** Takes connections. */
  get serving(): boolean {
    return this.#process?.central !== undefined;
  }

  /** What operators can do; undefined when it does not serve. */
  get operations(): Operations | undefined {
    return this.#process?.central?.operations;
  }

  start(): void {
    if (this.#process !== undefined) return;
    const { world } = this.#options;
    const life = new Life(world, `central${++this.starts}`);
    const process: Process = {
      life,
      disk: this.#diskFor(life),
      central: undefined,
      faulted: false,
      closed: false,
    };
    this.#process = process;
    life.soon("starts", () => void this.#run(process));
  }

  /** SIGTERM. */
  stop(): void {
    void this.#process?.central?.stop("signal");
  }

  /** Removes the lock's file: the central must end, and confirm nothing more. */
  loseLock(): void {
    const process = this.#process;
    const { world } = this.#options;
    const [first, ...more] = process === undefined ? [] : this.#locks.of(process.life);
    if (process === undefined || first === undefined) return;
    const dir = more.length === 0 ? first : (world.chance.pick([first, ...more]) ?? first);
    process.faulted = true;
    const tellLost = this.#locks.lose(dir);
    const lost = new StoreError("STORE_LOST_LOCK", "Cannot go on: the lock is gone");
    // The watch notices it within a second; a flush may notice it before.
    process.life.after(world.chance.spread(1, 1000), "looks at its lock", () => tellLost(lost));
    this.#expectEnd(process.life);
  }

  /** SIGKILL: calls that the process has already made may still be done. */
  kill(): void {
    const process = this.#process;
    if (process === undefined) return;
    process.disk.abandon(true);
    this.#ended(process, "alone");
    this.#replaceMemory(this.memory.kill());
  }

  /** Cuts the power: everything that was not synced may be lost. */
  cutPower(): void {
    const process = this.#process;
    process?.disk.abandon(false);
    this.#replaceMemory(this.memory.powerCut());
    if (process !== undefined) this.#ended(process, "machine");
  }

  /** Starts a second central on the same directory: it must refuse to start. */
  async startSecond(): Promise<void> {
    const { world, watch } = this.#options;
    const first = this.life;
    const { cast, draws } = this.#options;
    const plan = cast.draws.find(({ plan: { name } }) => draws.heldSince(name) !== undefined)?.plan;
    if (first === undefined || plan === undefined || !this.serving) return;
    const life = new Life(world, "second");
    try {
      await this.#open(life, this.#diskFor(life, this.memory.clone()), plan, () => undefined);
      if (!first.over)
        watch.report("second-central", "a second central opened the directory of a living one");
    } catch (error) {
      const locked = error instanceof StoreError && error.code === "STORE_LOCKED";
      if (!locked && !first.over) watch.report("second-central", `ended with ${describe(error)}`);
    }
    life.over = true;
    this.#locks.free(life);
  }

  /** Leaves room for so many more bytes in the files. */
  leaveRoom(bytes: number): void {
    const { memory } = this;
    memory.capacityBytes =
      bytes + memory.paths.reduce((sum, path) => sum + memory.bytesOf(path).length, 0);
  }

  #replaceMemory(memory: MemoryDisk): void {
    memory.capacityBytes = this.memory.capacityBytes;
    this.memory = memory;
  }

  #diskFor(life: Life, memory = this.memory): SimDisk {
    const { world } = this.#options;
    return new SimDisk({
      world,
      life,
      memory,
      slowness: () => this.diskSlowness,
      onStep: (step) => this.#faultAt(life, step),
      onCrash: () => this.cutPower(),
      onReported: (path) => {
        if (this.#process?.life !== life || !this.serving) return;
        world.whenDry(() => this.#options.draws.wrote(this.memory, path));
      },
    });
  }

  #faultAt(life: Life, step: DiskStep): Fault | undefined {
    const fault = this.onDiskStep(step);
    const fails =
      fault?.kind === "error" || (fault?.kind === "unsynced" && fault.code !== undefined);
    if (fails && this.#process?.life === life) this.#process.faulted = true;
    if (fails && step.kind === "write" && step.path.endsWith(".seg")) this.#expectEnd(life);
    return fault;
  }

  /** P8: after a failed write nothing is written any more. */
  #expectEnd(life: Life): void {
    const { world, watch } = this.#options;
    const look = (): void => {
      if (life.over) return;
      if (life.paused) world.schedule(undefined, END_WITHIN_MS, "looks for an end", look);
      else
        watch.report("goes-on", "the central lives on after a write failed or its lock was lost");
    };
    world.schedule(undefined, END_WITHIN_MS, "looks for an end", look);
  }

  #open(
    life: Life,
    disk: SimDisk,
    { name: draw, ...plan }: DrawPlan,
    onFailure: (error: Error) => void,
  ): Promise<BetStore> {
    return openLedger({
      ...plan,
      dir: DATA_DIR,
      draw,
      ...this.#options.sizes,
      disk,
      clock: clockOf(life, this.#options.time),
      lock: this.#locks.lock(life),
      onFailure,
      onTornTail: (tail) => this.#checkCut(tail),
    });
  }

  /** The draws that the command `central` opens: the one that it is told, and those that were opened before. */
  async #openAll(
    disk: SimDisk,
    open: (plan: DrawPlan) => Promise<BetStore>,
  ): Promise<{ store: BetStore | undefined; others: BetStore[] }> {
    const { cast } = this.#options;
    const told = toldDraw(cast)?.plan;
    const store = told === undefined ? undefined : await open(told);
    const others: BetStore[] = [];
    // There are no others: a look at the disk would only make these worlds slower.
    if (cast.draws.length === 1) return { store, others };
    for (const plan of await drawsToTake(DATA_DIR, told?.name, disk)) {
      const opened = await open(plan);
      if ((await opened.acts()).length === 0) await opened.close();
      else others.push(opened);
    }
    return { store, others };
  }

  /**
   * What was cut must be zeros now, also on stable storage, so that nothing of it can come back
   * (docs/ledger.md).
   */
  #checkCut({ file, offset }: TornTail): void {
    const durable = this.memory.durableFiles.get(file)?.subarray(offset);
    if (durable?.every((byte) => byte === 0) !== true) {
      this.#options.watch.report("torn-tail", `${file} is not cut at ${offset}`);
    }
  }

  async #run(process: Process): Promise<void> {
    const { life, disk } = process;
    const { watch, world, cast, time } = this.#options;
    let failure: Error | undefined;
    const logger = watch.logger(life.name, "central", (event) => {
      const { action, result } = event;
      if (action === "draw_summary") this.logged.add(String(event["draw"]));
      if (action === "close_store" && result === "success") process.closed = failure === undefined;
    });
    const events = eventsTo(logger, { nowMs: () => world.nowMs });
    const openDraw = (plan: DrawPlan): Promise<BetStore> =>
      this.#open(life, disk, plan, (error) => {
        failure = error;
        process.central?.fail(error);
      });
    try {
      const { store, others } = await this.#openAll(disk, openDraw);
      const central = await startCentral({
        config: {
          bindAddress: "0.0.0.0",
          port: 12345,
          listenBacklog: 1024,
          drawMarginMs: 50,
          limits: testLimits,
        },
        store,
        others,
        openDraw,
        timetable: cast.timetable,
        dialects: DIALECTS,
        events,
        clock: clockOf(life, time),
        listen: this.#listen(life),
      });
      process.central = central;
      if (failure !== undefined) central.fail(failure);
      const end = await central.stopped;
      const failed = end.reason === "failed";
      logger.log("info", { action: "end", result: failed ? "fail" : "success" });
      if (failed && !process.faulted) watch.report("failure", describe(end.error));
    } catch (error) {
      if (!excusable(error)) watch.report("start", describe(error));
    }
    disk.abandon(true);
    this.#ended(process, "alone");
    this.#replaceMemory(this.memory.kill());
  }

  #ended(process: Process, how: "alone" | "machine"): void {
    const { world, network, cast, draws } = this.#options;
    const { life, closed } = process;
    life.over = true;
    world.note(life.name, `is over, ${how}`);
    network.lifeEnded(life, how);
    this.#locks.free(life);
    draws.ended();
    for (const { plan } of cast.draws) {
      const { memory } = this;
      const untold = holdsDraw(memory, plan.name, "written") && !holdsTold(memory, plan.name);
      if (untold && !closed) this.mayBeToldAgain.add(plan.name);
    }
    this.#process = undefined;
    if (this.retired) return;
    world.schedule(undefined, world.chance.spread(5, 5000), "the operator starts it", () =>
      this.start(),
    );
  }

  #listen(life: Life): Listen {
    const { network } = this.#options;
    return async ({ events, onConnection }) => {
      const close = network.listen({
        life,
        onConnection: (socket, address) => {
          const from = { address };
          events.publish({ kind: "connection-accepted", from });
          onConnection(socket, address);
          events.publish({ kind: "connection-awaited", from });
        },
      });
      events.publish({ kind: "listener-opened" });
      this.#options.draws.began(this.memory);
      return { address: { address: "0.0.0.0", port: 12345 }, close };
    };
  }
}

/** Errors with which a start may fail when the disk fails. */
function excusable(error: unknown): boolean {
  return (
    error instanceof StoreError &&
    (error.code === "STORE_UNUSABLE" ||
      error.code === "STORE_FAILED" ||
      error.code === "STORE_LOST_LOCK")
  );
}

export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? `${String(error.code)}: ` : "";
  return `${code}${error.message}`;
}
