import type { Chance } from "./chance.ts";

/** Something that will happen. */
interface SimEvent {
  atMs: number;
  /** If times are equal, later calls come later. */
  readonly number: number;
  /** The process to which it happens; events of the network and the disk have none. */
  readonly life: Life | undefined;
  readonly what: string;
  readonly happen: () => void;
  cancelled: boolean;
}

/** How a simulation came to its end. */
export type Quiet = "done" | "stuck";

/**
 * Time, and the order of events. Everything that a real program would wait for is an event here,
 * and the seed decides when it comes. Between two events all promises and ticks run to their end,
 * so one number repeats a run exactly.
 */
export class World {
  readonly chance: Chance;
  /** What happened, one line for each event. */
  readonly trace: string[] = [];
  nowMs = 0;
  /** Events so far. */
  events = 0;
  /** Called before every event that happens. */
  onEvent: () => void = () => undefined;
  readonly #heap: SimEvent[] = [];
  /** Called when everything that follows from this event at once is over. */
  #whenDry: (() => void)[] = [];
  #numbers = 0;

  constructor(chance: Chance) {
    this.chance = chance;
  }

  /** @returns cancels */
  schedule(life: Life | undefined, delayMs: number, what: string, happen: () => void): () => void {
    const event: SimEvent = {
      atMs: this.nowMs + Math.max(0, delayMs),
      number: this.#numbers++,
      life,
      what,
      happen,
      cancelled: false,
    };
    this.#push(event);
    return () => {
      event.cancelled = true;
    };
  }

  /** Schedules again what a paused life has missed. */
  again(event: SimEvent): void {
    event.atMs = this.nowMs;
    this.#push(event);
  }

  /** Calls when everything that follows from this event at once is over. */
  whenDry(call: () => void): void {
    this.#whenDry.push(call);
  }

  note(who: string, what: string): void {
    this.trace.push(`${this.nowMs.toFixed(4)} ${who} ${what}`);
  }

  /**
   * Lets things happen until `done`.
   *
   * @param limits beyond these the run is stuck, because something does not come to its end
   */
  async run(done: () => boolean, limits: { untilMs: number; eventsMax: number }): Promise<Quiet> {
    while (!done()) {
      const event = this.#pop();
      if (event === undefined || event.atMs > limits.untilMs || this.events > limits.eventsMax) {
        return "stuck";
      }
      if (event.cancelled || event.life?.over === true) continue;
      if (event.life?.paused === true) {
        event.life.miss(event);
        continue;
      }
      this.nowMs = event.atMs;
      this.events++;
      this.note(event.life?.name ?? "-", event.what);
      event.happen();
      await turn();
      for (const call of this.#whenDry.splice(0)) call();
      this.onEvent();
    }
    return "done";
  }

  // A binary heap, by time and then by number.

  #push(event: SimEvent): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !before(event, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): SimEvent | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const left = heap[child];
      if (left === undefined) break;
      const right = heap[child + 1];
      if (right !== undefined && before(right, left)) child++;
      const least = heap[child];
      if (least === undefined || !before(least, last)) break;
      heap[at] = least;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function before(a: SimEvent, b: SimEvent): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.number < b.number);
}

/** This is the only use of the real event loop, so the order of events is fixed. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Turns of the loop are this far apart. */
const TURN_MS_MIN = 0.03;
const TURN_MS_MAX = 0.1;

/**
 * One process. All of its events go through this object: when it is over, none reaches it any more;
 * while it is paused, all of them wait.
 */
export class Life {
  readonly name: string;
  readonly world: World;
  over = false;
  paused = false;
  #missed: SimEvent[] = [];
  #lastTurnMs = 0;

  constructor(world: World, name: string) {
    this.world = world;
    this.name = name;
  }

  /** @returns cancels */
  after(delayMs: number, what: string, happen: () => void): () => void {
    return this.world.schedule(this, delayMs, what, happen);
  }

  /** The next turn of its loop: in the order of the calls. */
  soon(what: string, happen: () => void): void {
    const { nowMs, chance } = this.world;
    const atMs = nowMs + chance.between(TURN_MS_MIN, TURN_MS_MAX);
    this.#lastTurnMs = Math.max(this.#lastTurnMs, atMs);
    this.after(this.#lastTurnMs - nowMs, what, happen);
  }

  miss(event: SimEvent): void {
    this.#missed.push(event);
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    for (const event of this.#missed.splice(0)) this.world.again(event);
  }
}
