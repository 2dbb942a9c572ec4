import type { MemoryDisk } from "../support/disk-memory.ts";
import type { CentralTime } from "./central-time.ts";
import { actsIn, folderOf, sealIn } from "./durable.ts";
import type { Watch } from "./watch.ts";
import type { World } from "./world.ts";

interface Current {
  readonly event: number;
  readonly draw: string | undefined;
}

/** A draw that the central may have. */
export interface KnownDraw {
  readonly name: string;
  readonly closesAtMs?: number | undefined;
}

interface Held {
  /** The event since which the central has it. */
  readonly since: number;
  readonly sinceMs: number;
  /** Whether it takes bets, as far as the central can know. */
  readonly open: boolean;
}

export interface DrawsWatchOptions {
  readonly world: World;
  readonly watch: Watch;
  readonly time: CentralTime;
  /** All draws that there may be. */
  readonly draws: readonly KnownDraw[];
  /** The one with which every central is started. */
  readonly told: string | undefined;
}

/**
 * Which draws a central has, and which one is the current one, by the rules of docs/draws.md and by the
 * records that its disk has reported as written.
 */
export class DrawsWatch {
  readonly #options: DrawsWatchOptions;
  readonly #currents: Current[] = [];
  /** Draws that the running central has. */
  #held = new Map<string, Held>();
  /** Draws that the clock has closed. */
  readonly #closedByClock = new Set<string>();
  readonly #seals = new Map<string, string>();

  constructor(options: DrawsWatchOptions) {
    this.#options = options;
  }

  /** A central takes connections, with all that its disk has. */
  began(disk: MemoryDisk): void {
    for (const draw of this.#options.draws) this.#look(disk, draw);
    this.#choose();
  }

  /** A write to this file is reported to the central: it knows now what it has written of that draw. */
  wrote(disk: MemoryDisk, path: string): void {
    // Segments that are prepared have no records.
    if (!path.endsWith(".seg")) return;
    for (const draw of this.#options.draws) {
      if (path.startsWith(`${folderOf(draw.name)}/`)) this.#look(disk, draw);
    }
    this.#choose();
  }

  #look(disk: MemoryDisk, { name: draw, closesAtMs }: KnownDraw): void {
    const { world, told } = this.#options;
    const acts = actsIn(disk, draw, "written");
    if (draw !== told && acts.length === 0) return;
    const before = this.#held.get(draw);
    const seal = sealIn(disk, draw, "written");
    if (seal !== undefined) this.#expectSame(draw, seal);
    this.#held.set(draw, {
      since: before?.since ?? world.events,
      sinceMs: before?.sinceMs ?? world.nowMs,
      open: seal === undefined && acts.every(({ act }) => act !== "cancel"),
    });
    const close = acts.find(({ act, by }) => act === "close" && by === "(clock)");
    if (close === undefined || this.#closedByClock.has(draw)) return;
    this.#closedByClock.add(draw);
    // What an earlier process knew of the clock is not known here.
    if (before !== undefined) this.#expectSure(draw, close.at, closesAtMs, before.sinceMs);
  }

  #choose(): void {
    const { world, told } = this.#options;
    const open = [...this.#held].filter(([, held]) => held.open).map(([draw]) => draw);
    const draw = open.length === 1 ? open[0] : told;
    const last = this.#currents.at(-1);
    if (last !== undefined && last.draw === draw) return;
    this.#currents.push({ event: world.events, draw });
  }

  /** The process is over. */
  ended(): void {
    this.#held = new Map();
  }

  /** Since which event the running central has the draw; undefined when it has none of that name. */
  heldSince(draw: string): number | undefined {
    return this.#held.get(draw)?.since;
  }

  /** All draws that were the current one at some moment since this event; undefined stands for none. */
  currentsSince(event: number): ReadonlySet<string | undefined> {
    const inForce = this.#currents.findLastIndex((entry) => entry.event < event);
    return new Set(this.#currents.slice(Math.max(0, inForce)).map(({ draw }) => draw));
  }

  /** A draw does not close by a clock that has jumped less than a minute before, unless both times say so. */
  #expectSure(draw: string, at: string, closesAtMs = Infinity, sinceMs: number): void {
    const { watch, time } = this.#options;
    if (!time.doubts(Date.parse(at), closesAtMs, sinceMs)) return;
    watch.report("doubt", `draw ${draw} was closed at ${at} by a clock that had just jumped`);
  }

  /** A seal that was once written is the seal for ever, unless the power failed before it was durable. */
  #expectSame(draw: string, seal: string): void {
    const known = this.#seals.get(draw);
    this.#seals.set(draw, seal);
    if (known === undefined || known === seal) return;
    this.#options.watch.report("seal", `draw ${draw} was sealed as ${known}, and then as ${seal}`);
  }
}
