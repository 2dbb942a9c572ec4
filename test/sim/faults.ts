import type { DiskStep, Fault } from "../support/disk-memory.ts";
import type { AgencyHost } from "./agency-host.ts";
import type { CentralHost } from "./central-host.ts";
import { folderOf } from "./durable.ts";
import { intrude, mischiefFor } from "./intruder.ts";
import type { Connection, Network } from "./network.ts";
import type { CentralTime } from "./central-time.ts";
import { type FaultKind, type Temper, TEMPERS, TEMPERS_OF_SEVERAL, WEIGHTS } from "./tempers.ts";
import type { Watch } from "./watch.ts";
import type { World } from "./world.ts";

/** Worlds in which something goes wrong with what operators do. */
const AT_ACTS: ReadonlySet<Temper> = new Set(["crashes", "disk", "all"]);
const FAULTS_MAX = 12;
/** Events between two faults; a draw without any takes one or two thousand. */
const GAP_EVENTS = [3, 900] as const;
/** No fault comes later than this. */
const FAULTS_UNTIL_MS = 10 * 60_000;

export interface FaultsOptions {
  readonly world: World;
  readonly network: Network;
  readonly watch: Watch;
  readonly central: CentralHost;
  readonly agencies: readonly AgencyHost[];
  readonly time: CentralTime;
  /** Several draws: their clock may jump, and faults come with what operators do. */
  readonly several: boolean;
}

/** A fault that waits for its step of the disk. */
interface Armed {
  steps: number;
  readonly strike: (step: DiskStep) => Fault | undefined;
  /** The steps that count. */
  readonly at: (step: DiskStep) => boolean;
}

function isRename({ kind }: DiskStep): boolean {
  return kind === "rename";
}

function isFlush({ kind, path }: DiskStep): boolean {
  return kind === "write" && path.endsWith(".seg");
}

/**
 * The record of the draw is written: alone, or by mistake together with the record that it was
 * told.
 */
function isDraw(step: DiskStep): boolean {
  return isFlush(step) && (step.bytes === DRAW_BYTES || step.bytes === DRAW_BYTES + TOLD_BYTES);
}

const DRAW_BYTES = 72;
const TOLD_BYTES = 68;

/**
 * What goes wrong in a run, and when. At some point the faults end, and then everything must come
 * to its end.
 */
export class Faults {
  readonly temper: Temper;
  /** How often each kind has struck. */
  readonly struck: FaultKind[] = [];
  readonly #options: FaultsOptions;
  #left: number;
  #nextAt = 0;
  #armed: Armed | undefined;
  /** What the clock shows when nobody sets it. */
  readonly #rightOffsetMs: number;

  constructor(options: FaultsOptions) {
    const { chance } = options.world;
    this.#options = options;
    this.temper = chance.weighted<Temper>(options.several ? TEMPERS_OF_SEVERAL : TEMPERS);
    this.#rightOffsetMs = options.time.offsetMs;
    this.#left = this.temper === "calm" ? 0 : chance.whole(1, FAULTS_MAX);
    this.#wait();
    options.world.onEvent = () => this.#onEvent();
    options.central.onDiskStep = (step) => this.#onDiskStep(step);
  }

  get over(): boolean {
    return this.#left === 0;
  }

  /** Ends all faults: from here on everything works. */
  end(): void {
    const { network, central, agencies, world } = this.#options;
    this.#left = 0;
    this.#armed = undefined;
    network.downUntilMs = 0;
    network.slowGreeters.clear();
    central.memory.capacityBytes = Number.POSITIVE_INFINITY;
    central.diskSlowness = 1;
    central.life?.resume();
    this.#setClock(this.#rightOffsetMs);
    for (const agency of agencies) {
      for (const life of agency.lives) life.resume();
      // In some dialects two processes of an agency may end each other's connections for ever.
      world.schedule(undefined, world.chance.spread(1, 3000), "old processes are ended", () =>
        agency.kill("old"),
      );
    }
  }

  #wait(): void {
    const { world } = this.#options;
    this.#nextAt = world.events + Math.round(world.chance.spread(...GAP_EVENTS));
  }

  #onEvent(): void {
    const { world } = this.#options;
    if (this.#left === 0) return;
    if (world.nowMs > FAULTS_UNTIL_MS) {
      this.end();
      return;
    }
    if (world.events < this.#nextAt) return;
    const kind = world.chance.weighted(WEIGHTS[this.temper]);
    world.note("*", kind);
    this.struck.push(kind);
    this.#strike(kind);
    this.#left--;
    this.#wait();
    if (this.#left === 0) {
      // Work that was begun goes on a little.
      world.schedule(undefined, world.chance.spread(1, 60_000), "faults end", () => this.end());
    }
  }

  #strike(kind: FaultKind): void {
    const { world, network, watch, central } = this.#options;
    const { chance } = world;
    switch (kind) {
      case "cut":
        return this.#withConnection((connection) => network.cut(connection));
      case "cut-all":
        for (const connection of network.open) network.cut(connection);
        return undefined;
      case "silence":
        return this.#withConnection((connection) => network.silence(connection));
      case "stall":
        return this.#withConnection(({ client, server }) => {
          const socket = chance.hits(0.5) ? client : server;
          socket.outbound.stall(world.nowMs + chance.spread(1, 30_000));
        });
      case "slow-greeting":
        return this.#withConnection((connection) => {
          network.cut(connection);
          network.slowGreeters.add(connection.client.life);
        });
      case "network-down":
        return this.#takeNetworkDown(world.nowMs + chance.spread(10, 30_000));
      case "kill-central":
        return central.kill();
      case "cut-power":
        return central.cutPower();
      case "pause-central":
        return this.#freezeCentral(chance.spread(1, 30_000));
      case "stop-central":
        return central.stop();
      case "second-central":
        void central.startSecond();
        return undefined;
      case "lose-lock":
        return central.loseLock();
      case "power-at-step":
        // Half of them come in the middle of a flush, where they do most harm.
        if (chance.hits(0.2)) return this.#armAtDraw(() => ({ kind: "crash" }));
        return this.#arm(() => ({ kind: "crash" }), chance.hits(0.5) ? isFlush : undefined);
      case "kill-at-step":
        if (chance.hits(0.2)) return this.#armAtDraw(() => this.#killSoon());
        return this.#arm(
          () => this.#killSoon(),
          // Some come between a new name and its sync.
          chance.hits(0.3) ? isRename : undefined,
        );
      case "short-write":
        return this.#arm(({ kind: step, bytes }) =>
          step === "write" && bytes > 1
            ? { kind: "short", bytes: chance.whole(1, bytes - 1) }
            : undefined,
        );
      case "disk-error":
        return this.#arm(() => ({ kind: "error", code: "EIO" }));
      case "failed-sync":
        return this.#arm(({ kind: step }) =>
          step === "write" ? { kind: "unsynced", code: "EIO" } : { kind: "error", code: "EIO" },
        );
      case "full-disk":
        return this.#fillDisk();
      case "slow-disk":
        return this.#slowDisk();
      case "kill-agency":
        return this.#withAgency((agency) => agency.kill("all"));
      case "zombie-agency":
        return this.#withAgency((agency) => this.#makeZombie(agency));
      case "double-agency":
        return this.#withAgency((agency) => this.#startAnother(agency));
      case "stop-agency":
        return this.#withAgency((agency) => agency.stop());
      case "intruder":
        return this.#withAgency((agency) => {
          if (this.#options.several && agency.part.draw === undefined) return;
          void intrude(mischiefFor(agency, chance), agency, { world, network, watch });
        });
      case "clock-jump":
        return this.#jump();
      default:
        return kind satisfies never;
    }
  }

  /**
   * Somebody does something to a draw. In some worlds the power fails, the process is killed or the disk fails
   * at one of the next writes of that draw: of the act itself, or of what follows from it.
   */
  onAct(draw: string): void {
    const { chance } = this.#options.world;
    if (this.over || !AT_ACTS.has(this.temper) || !chance.hits(0.4)) return;
    const folder = `${folderOf(draw)}/`;
    const strike = chance.weighted({ power: 4, kill: 3, sync: 1, error: 1 });
    this.#armed = {
      steps: chance.whole(1, 4),
      at: (step) => step.path.startsWith(folder) && step.path.endsWith(".seg"),
      strike: (step) => {
        if (strike === "power") return { kind: "crash" };
        if (strike === "kill") return this.#killSoon();
        const kind = strike === "sync" && step.kind === "write" ? "unsynced" : "error";
        return { kind, code: "EIO" };
      },
    };
  }

  #jump(): void {
    const { world, time } = this.#options;
    const { chance } = world;
    const byMs = Math.round(chance.spread(5000, 3 * 3_600_000));
    const before = time.offsetMs;
    this.#setClock(before + (chance.hits(0.5) ? byMs : -byMs));
    if (chance.hits(0.4)) return;
    world.schedule(undefined, chance.spread(500, 90_000), "the clock is put right", () =>
      this.#setClock(this.over ? this.#rightOffsetMs : before),
    );
  }

  #setClock(offsetMs: number): void {
    const { world, time } = this.#options;
    if (offsetMs === time.offsetMs) return;
    world.note("*", `the clock is set by ${offsetMs - time.offsetMs} ms`);
    time.set(offsetMs);
  }

  /** The fault comes a few steps of the disk later. */
  #arm(strike: Armed["strike"], at: Armed["at"] = () => true): void {
    const steps = Math.round(this.#options.world.chance.spread(1, 40));
    this.#armed = { steps, strike, at };
  }

  /** The fault comes when the draw is recorded, between that and its line, or just after. */
  #armAtDraw(strike: Armed["strike"]): void {
    this.#armed = { steps: 1, strike, at: isDraw };
  }

  #killSoon(): undefined {
    const { world, central } = this.#options;
    world.schedule(undefined, world.chance.spread(0.001, 1), "kill", () => central.kill());
  }

  #onDiskStep(step: DiskStep): Fault | undefined {
    const armed = this.#armed;
    if (armed === undefined || !armed.at(step) || --armed.steps > 0) return undefined;
    this.#armed = undefined;
    this.#options.world.note("*", `strikes at ${step.kind} ${step.path}`);
    return armed.strike(step);
  }

  #withConnection(strike: (connection: Connection) => void): void {
    const { world, network } = this.#options;
    const connection = world.chance.pick([...network.open]);
    if (connection !== undefined) strike(connection);
  }

  #withAgency(strike: (agency: AgencyHost) => void): void {
    const { world, agencies } = this.#options;
    const agency = world.chance.pick(agencies);
    if (agency !== undefined) strike(agency);
  }

  #takeNetworkDown(untilMs: number): void {
    const { network } = this.#options;
    network.downUntilMs = untilMs;
    for (const { client, server } of network.open) {
      client.outbound.stall(untilMs);
      server.outbound.stall(untilMs);
    }
  }

  #freezeCentral(forMs: number): void {
    const { world, central, time } = this.#options;
    time.frozen(world.nowMs + forMs);
    this.#pause(central.life, forMs);
  }

  #pause(life: { pause(): void; resume(): void; name: string } | undefined, forMs: number): void {
    if (life === undefined) return;
    life.pause();
    this.#options.world.schedule(undefined, forMs, `${life.name} goes on`, () => life.resume());
  }

  #fillDisk(): void {
    const { world, central } = this.#options;
    const { chance } = world;
    central.leaveRoom(Math.round(chance.between(0, 1500)));
    // Half of them last longer than agencies wait for an answer.
    const forMs = chance.hits(0.5) ? chance.between(6000, 30_000) : chance.spread(10, 6000);
    world.schedule(undefined, forMs, "there is room again", () => {
      central.memory.capacityBytes = Number.POSITIVE_INFINITY;
    });
  }

  #slowDisk(): void {
    const { world, central } = this.#options;
    central.diskSlowness = world.chance.spread(20, 1000);
    world.schedule(undefined, world.chance.spread(10, 10_000), "the disk is itself again", () => {
      central.diskSlowness = 1;
    });
  }

  /** A process that is paused, taken for dead, followed by another, and comes back. */
  #makeZombie(agency: AgencyHost): void {
    const { world } = this.#options;
    const life = agency.lives.at(-1);
    if (life === undefined || !this.#mayCrowd(agency)) return;
    this.#pause(life, world.chance.spread(10, 60_000));
    agency.start();
  }

  #startAnother(agency: AgencyHost): void {
    if (agency.lives.length > 0 && this.#mayCrowd(agency)) agency.start();
  }

  /**
   * If batches have no numbers, two processes at once may double bets (docs/replays.md), so this is
   * rarer.
   */
  #mayCrowd(agency: AgencyHost): boolean {
    return agency.part.dialect === "native" || this.#options.world.chance.hits(0.3);
  }
}
