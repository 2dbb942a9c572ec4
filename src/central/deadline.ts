import type { CentralLimits } from "../config/central-config.ts";

/** What a session waits for: decides which deadline its peer has. */
export type Waiting =
  /** The first message: the header deadline. */
  | "greeting"
  /** The rest of a message that has begun: the frame deadline, counted from its beginning. */
  | "rest"
  /** Any next message: the idle deadline. */
  | "message"
  /** The draw, the store, or anything else that is not the peer's to give: no deadline. */
  | "central"
  /** The peer reads what was sent. */
  | "drain"
  /** The peer ends its side, after we have ended ours. */
  | "linger";

export type DeadlineLimits = Pick<
  CentralLimits,
  "headerTimeoutMs" | "frameTimeoutMs" | "idleTimeoutMs"
>;

/**
 * How long a peer may take to end its side after us. Closing at once while its bytes are still coming
 * in would make the network throw away our last answer before the peer has read it.
 */
export const LINGER_MS = 2000;

/** One session's deadline: since when it waits for what. */
export class Deadline {
  readonly #allowances: Allowances;
  #waiting: Waiting = "greeting";
  #sinceMs: number;
  #messages = 0;

  /** @param nowMs when the connection was made: the first deadline counts from here */
  constructor(allowances: Allowances, nowMs: number) {
    this.#allowances = allowances;
    this.#sinceMs = nowMs;
  }

  /**
   * Takes note of the session's state. The clock starts anew when something else is awaited or when a
   * message was completed, and only then: bytes that drip in do not move it.
   *
   * @param messages completed so far
   */
  observe(waiting: Waiting, messages: number, nowMs: number): void {
    // The rest of the very first message is still the greeting: counted from the connect.
    const awaited = waiting === "rest" && messages === 0 ? "greeting" : waiting;
    const moved =
      awaited !== this.#waiting || (messages > this.#messages && awaited !== "greeting");
    if (!moved) return;
    this.#waiting = awaited;
    this.#messages = messages;
    this.#sinceMs = nowMs;
  }

  /** @returns what the peer did not do in time; undefined while there is time left */
  overdue(nowMs: number): string | undefined {
    const allowance = this.#allowances[this.#waiting];
    if (allowance === undefined || nowMs - this.#sinceMs < allowance.limitMs) return undefined;
    return `${allowance.missing} within ${allowance.limitMs} ms`;
  }
}

interface Allowance {
  readonly limitMs: number;
  /** What should have happened by then. */
  readonly missing: string;
}

export type Allowances = Readonly<Record<Waiting, Allowance | undefined>>;

/** How long each thing may take; made once for all sessions. */
export function allowances(limits: DeadlineLimits): Allowances {
  const { headerTimeoutMs, frameTimeoutMs, idleTimeoutMs } = limits;
  return {
    greeting: { limitMs: headerTimeoutMs, missing: "no first message" },
    rest: { limitMs: frameTimeoutMs, missing: "message not complete" },
    message: { limitMs: idleTimeoutMs, missing: "no message" },
    drain: { limitMs: frameTimeoutMs, missing: "answers not taken" },
    linger: { limitMs: LINGER_MS, missing: "connection not ended by the peer" },
    central: undefined,
  };
}

const SWEEP_PERIOD_MIN_MS = 10;
const SWEEP_PERIOD_MAX_MS = 1000;

/** How often deadlines are looked at: a tenth of the shortest, and so how late one may be noticed. */
export function sweepPeriodMs(limits: DeadlineLimits): number {
  const shortestMs = Math.min(limits.headerTimeoutMs, limits.frameTimeoutMs, limits.idleTimeoutMs);
  return Math.min(Math.max(shortestMs / 10, SWEEP_PERIOD_MIN_MS), SWEEP_PERIOD_MAX_MS);
}
