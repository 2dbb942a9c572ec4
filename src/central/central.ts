import type { CentralConfig, CentralLimits } from "../config/central-config.ts";
import type { Overview } from "../events/central-event.ts";
import { Feed } from "../events/feed.ts";
import { DEFAULT_LIMITS, usableLimits } from "../limits.ts";
import type { Dialect } from "../protocols/dialect.ts";
import type { BetStore } from "../store/bet-store.ts";
import type { Timetable } from "../timetable/timetable.ts";
import { describeError } from "./central-error.ts";
import { type Clock, systemClock } from "../clock.ts";
import { DrawRegister, type OpenDraw } from "./draw-register.ts";
import { type Listen, type Listener, listenOnTcp } from "./listener.ts";
import { type Operations, RegisterOperations } from "./operations.ts";
import { Sessions } from "./sessions.ts";
import { type CentralIdentity, TlsDoor } from "./tls-door.ts";
import { TimetableKeeper } from "./timetable-keeper.ts";
import { unlessStopped } from "./unless-stopped.ts";

export interface CentralOptions {
  readonly config: Pick<
    CentralConfig,
    "bindAddress" | "port" | "listenBacklog" | "drawMarginMs"
  > & {
    /** A limit that is left out is as in {@link DEFAULT_LIMITS}. */
    readonly limits?: Partial<CentralLimits>;
    /** Where the store keeps its files, for the log [nothing is said of that]. */
    readonly dataDir?: string;
  };
  /**
   * The draw for peers that name none, unless exactly one is open [none]. This store and the others are the
   * central's from here on: closed when it stops, and when it cannot start.
   */
  readonly store?: BetStore | undefined;
  /** The draws that it serves beside. */
  readonly others?: readonly BetStore[];
  /** Opens the stores of further draws while it runs [no more are opened]. */
  readonly openDraw?: OpenDraw | undefined;
  /** Opens draws at their times, which needs `openDraw` [nothing is opened by itself]. */
  readonly timetable?: Timetable | undefined;
  /** Has agencies prove who they are, over TLS: nothing else is listened for [every peer is believed]. */
  readonly identity?: CentralIdentity | undefined;
  /** In the order in which they are asked whether a connection is theirs. */
  readonly dialects: readonly Dialect[];
  /** Dialects that the configuration leaves out: the log names them, and their peers are turned away. */
  readonly disabledDialects?: readonly Dialect[];
  /** Told what happens: a log, or any other subscriber [nobody listens]. */
  readonly events?: Feed;
  readonly clock?: Clock;
  /** [on TCP]. Not with `identity`. */
  readonly listen?: Listen;
  /** Ends a start that is still under way, whatever it waits for; afterwards it changes nothing. */
  readonly signal?: AbortSignal;
}

/** What a whole stop may take, in graces of connections: one is for them, the rest for the store. */
const STOP_GRACES = 3;
/**
 * The share of the time for closing the store in which it may still write the files of a draw. After that it
 * leaves them to the next start; the rest of the time is for closing.
 */
const PUBLISH_SHARE = 0.8;

/** How a central came to its end. */
export type Stopped =
  | { readonly reason: "stopped" }
  | { readonly reason: "failed"; readonly error: unknown };

export interface Central {
  readonly address: { readonly address: string; readonly port: number };
  /** What the draw for peers that name none held at the start, after a draw left sealed was performed. */
  readonly overview: Overview | undefined;
  /** What operators can see and do. */
  readonly operations: Operations;
  /** Connections that are open. */
  readonly connections: number;
  /** Resolves when everything is closed; never rejects. */
  readonly stopped: Promise<Stopped>;
  /**
   * Goes on with another timetable; draws that are open stay as they are.
   * @throws RangeError when it was started without one
   */
  follow(timetable: Timetable): void;
  /**
   * Reads again by what peers are judged, as its `identity` says. Connections of those that are not allowed
   * any more end within a second; nobody else's is disturbed. When something is wrong with a file, all stays
   * as it was.
   *
   * @throws RangeError when it was started without; what `load` throws
   */
  reloadIdentity(): Promise<void>;
  /**
   * Stops in order: accepts and receives nothing more, answers what was submitted, says goodbye,
   * closes connections and store. Connections that take longer than `stopGraceMs` are cut; a store that has
   * not closed by three times as long after the stop began is left behind. Idempotent.
   *
   * @param reason for the log
   * @returns when everything is closed
   */
  stop(reason: string): Promise<void>;
  /**
   * Storage has failed (what a store's `onFailure` is for), or something else that must not: confirms
   * nothing from this moment, cuts all connections and stops. Idempotent.
   */
  fail(error: unknown): void;
}

/**
 * Starts a central: first performs a draw that a crash left sealed, then listens.
 *
 * @throws RangeError when a limit is beyond what it may be, or does not go with another; for `identity` with `listen`
 * @throws CentralError when it cannot listen
 * @throws StoreError when the store cannot tell the draw's state or perform the draw
 * @throws the signal's reason; the store is closed then as after any other failure
 */
export async function startCentral(options: CentralOptions): Promise<Central> {
  const { config, store, dialects, disabledDialects = [], events = new Feed() } = options;
  const { others = [], openDraw, timetable } = options;
  const { clock = systemClock, signal } = options;
  if (options.identity !== undefined && options.listen !== undefined) {
    throw new RangeError(
      "Cannot start a central: with identity it listens on TCP, and takes no listen",
    );
  }
  const stores = store === undefined ? others : [store, ...others];
  const draws = new DrawRegister({
    events,
    clock,
    drawMarginMs: config.drawMarginMs,
    told: store?.draw,
    openDraw,
    onFault: (error) => central?.fail(error),
  });
  const keeper = timetable && new TimetableKeeper(draws, timetable, clock);
  let central: RunningCentral | undefined;
  let sessions: Sessions | undefined;
  const door =
    options.identity &&
    new TlsDoor({
      ...options,
      identity: options.identity,
      events,
      clock,
      time: () => draws.time(),
    });
  const listen = door?.listen ?? options.listen ?? listenOnTcp;
  let { stopGraceMs } = DEFAULT_LIMITS;
  try {
    const limits = usableLimits(config.limits);
    ({ stopGraceMs } = limits);
    const taken = new Map<string, Overview>();
    for (const each of stores) {
      const { overview } = await unlessStopped(signal, draws.take(each));
      taken.set(each.draw, overview);
    }
    if (keeper !== undefined) await unlessStopped(signal, keeper.start());
    const open = new Sessions({
      door: draws,
      dialects,
      disabledDialects,
      limits,
      events,
      clock,
    });
    sessions = open;
    const listening = listen({
      config: { ...config, limits },
      events,
      onConnection: (connection, address, proven) => open.open(connection, address, proven),
    });
    const listener = await unlessStopped(signal, listening, (late) => late.close());
    const overview = store === undefined ? undefined : taken.get(store.draw);
    const parts = { listener, sessions, draws, keeper, door, events, clock, limits, overview };
    central = new RunningCentral(parts);
    const { address } = central;
    const { dataDir: dir } = config;
    events.publish({ kind: "started", address, draw: store?.draw, dir, overview });
    for (const { draw } of others) {
      const held = taken.get(draw);
      if (held !== undefined) events.publish({ kind: "draw-taken", draw, overview: held });
    }
    return central;
  } catch (error) {
    sessions?.cut("the central has not started");
    keeper?.stop();
    door?.close();
    draws.hurry();
    const leftMs = stopGraceMs * STOP_GRACES;
    // Those that were not taken yet are closed as well.
    for (const each of stores) if (draws.find(each.draw) === undefined) draws.own(each);
    // Report the first error, not one of the close.
    await closeStores(draws, events, clock, leftMs).catch(() => undefined);
    throw error;
  }
}

interface Parts {
  readonly listener: Listener;
  readonly sessions: Sessions;
  readonly draws: DrawRegister;
  readonly keeper: TimetableKeeper | undefined;
  readonly door: TlsDoor | undefined;
  readonly events: Feed;
  readonly clock: Clock;
  readonly limits: CentralLimits;
  readonly overview: Overview | undefined;
}

class RunningCentral implements Central {
  readonly address: Central["address"];
  readonly stopped: Promise<Stopped>;
  readonly operations: Operations;
  readonly #parts: Parts;
  #resolveStopped: (stopped: Stopped) => void = () => undefined;
  #failure: { readonly error: unknown } | undefined;
  #stopping: Promise<void> | undefined;
  #over = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.address = parts.listener.address;
    this.operations = new RegisterOperations(parts.draws);
    this.stopped = new Promise((resolve) => {
      this.#resolveStopped = resolve;
    });
  }

  get overview(): Overview | undefined {
    return this.#parts.overview;
  }

  follow(timetable: Timetable): void {
    const { keeper } = this.#parts;
    if (keeper === undefined)
      throw new RangeError("Cannot follow a timetable: there was none before");
    keeper.replace(timetable);
  }

  reloadIdentity(): Promise<void> {
    const { door } = this.#parts;
    if (door !== undefined) return door.reload();
    return Promise.reject(new RangeError("Cannot reload identities: every peer is believed"));
  }

  get connections(): number {
    return this.#parts.sessions.size;
  }

  stop(reason: string): Promise<void> {
    this.#stopping ??= this.#stop(reason);
    return this.#stopping;
  }

  fail(error: unknown): void {
    if (this.#failure !== undefined || this.#over) return;
    this.#failure = { error };
    const { draws, sessions, events } = this.#parts;
    // First of all: no answer may leave any more.
    draws.halt();
    sessions.cut("central failed");
    events.publish({ kind: "failed", error: describeError(error) });
    this.#stopping ??= this.#stop("failure");
  }

  async #stop(reason: string): Promise<void> {
    const { listener, sessions, draws, events, clock, limits } = this.#parts;
    const endMs = clock.nowMs() + limits.stopGraceMs * STOP_GRACES;
    this.#parts.keeper?.stop();
    draws.hurry();
    listener.close();
    sessions.freeze();
    const grace = startGrace(clock, limits.stopGraceMs);
    await Promise.race([draws.settled(), grace.over]);
    // A turn later: answers to what was settled last are being written.
    await new Promise<void>((resolve) => clock.soon(resolve));
    sessions.farewell();
    await Promise.race([sessions.emptied(), grace.over]);
    sessions.cut("not ended in time");
    await sessions.emptied();
    this.#parts.door?.close();
    grace.cancel();
    events.publish({ kind: "sessions-closed" });
    await this.#closeStore(endMs - clock.nowMs());
    this.#over = true;
    if (this.#failure === undefined) {
      events.publish({ kind: "stopped", reason });
      this.#resolveStopped({ reason: "stopped" });
    } else {
      this.#resolveStopped({ reason: "failed", error: this.#failure.error });
    }
  }

  async #closeStore(leftMs: number): Promise<void> {
    const { draws, events, clock } = this.#parts;
    try {
      await closeStores(draws, events, clock, leftMs);
    } catch (error) {
      this.fail(error);
    }
  }
}

/**
 * A store that hangs must not keep the central from ending: what was confirmed is durable already. It
 * gets all the time that connections have left, for it may be about to finish a draw's files.
 *
 * @throws what the store throws, after it was published
 */
async function closeStores(
  draws: DrawRegister,
  events: Feed,
  clock: Clock,
  leftMs: number,
): Promise<void> {
  const graceMs = Math.max(0, Math.round(leftMs));
  const fail = (error: string): void => {
    events.publish({ kind: "store-close-failed", error });
  };
  const grace = startGrace(clock, graceMs);
  try {
    const closing = draws.close(graceMs * PUBLISH_SHARE).then(() => true);
    const closed = await Promise.race([closing, grace.over]);
    if (closed) events.publish({ kind: "store-closed" });
    else fail(`not within ${graceMs} ms`);
  } catch (error) {
    fail(describeError(error));
    throw error;
  } finally {
    grace.cancel();
  }
}

interface Grace {
  readonly over: Promise<false>;
  readonly cancel: () => void;
}

function startGrace(clock: Clock, graceMs: number): Grace {
  let end: (over: false) => void;
  const over = new Promise<false>((resolve) => {
    end = resolve;
  });
  return { over, cancel: clock.after(graceMs, () => end(false)) };
}
