import type { Clock } from "../clock.ts";
import type { Source } from "../events/central-event.ts";
import { isMandated } from "./mandated-lines.ts";
import type { LogEvent, Logger, LogLevel } from "./logger.ts";

/**
 * Lines of one cause that a peer may write at once, before one a second is left to it.
 *
 * An agency's own work: the largest of the exercise's files makes 270 batches, so even if the central
 * refuses each of them, and all five agencies have one address, none of these lines is left out.
 * Any other line is about trouble: a hundred of them say enough.
 */
const WORK_LINES = 2000;
const TROUBLE_LINES = 100;
const WORK: ReadonlySet<string> = new Set([
  "accept_connections",
  "receive_message",
  "apuesta_recibida",
  "refuse_batch",
  "apuesta_repetida",
  "close_session",
]);

/** Peers and causes that are told apart; what comes beyond shares one allowance. */
const ADDRESSES_MAX = 1024;
const CAUSES_PER_ADDRESS_MAX = 64;
const OTHER = "other";

/** How often {@link PeerLog.sweep} is to be called. */
export const SWEEP_MS = 1000;
/** Lines that one sweep writes, whatever was left out. */
const TOLD_AT_ONCE = 20;

/**
 * The log of what peers do. A peer makes the central write many lines for a few bytes; so each peer has
 * an allowance for each cause (action, result and reason). Beyond it one line a second is written, and
 * `left_out` tells how many were not: on the next line of that cause, or on a line of its own where the
 * exercise says what the line is, or where no other line comes.
 *
 * What is bounded by durable work, the batches that are stored and the draw, does not come here.
 */
export class PeerLog {
  readonly #logger: Logger;
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #causes = new Map<string, Map<string, Cause>>();

  constructor(logger: Logger, clock: Pick<Clock, "nowMs">) {
    this.#logger = logger;
    this.#clock = clock;
  }

  /** Writes an event, or counts it. Its keys `code`, `reason` and `error` begin with our own words. */
  log(source: Source, level: LogLevel, event: LogEvent): void {
    if (!this.#logger.enabled(level)) return;
    const cause = this.#causeOf(source, level, event);
    if (!cause.take(this.#clock.nowMs())) cause.leftOut++;
    else if (cause.leftOut === 0 || cause.exact) this.#logger.log(level, event);
    else this.#logger.log(level, { ...event, left_out: cause.tell() });
  }

  /** To be called every {@link SWEEP_MS}: tells what was left out and is on no other line, and forgets the quiet. */
  sweep(): void {
    const nowMs = this.#clock.nowMs();
    let told = 0;
    for (const [address, causes] of this.#causes) {
      for (const [key, cause] of causes) {
        if (cause.leftOut > 0 && told < TOLD_AT_ONCE && cause.take(nowMs)) {
          this.#tell(cause);
          told++;
          // Behind the others: each gets its line in time.
          causes.delete(key);
          causes.set(key, cause);
        } else if (cause.leftOut === 0 && cause.isQuiet(nowMs)) {
          causes.delete(key);
        }
      }
      if (causes.size === 0) this.#causes.delete(address);
    }
  }

  /** The last lines: what was left out and not told yet. */
  close(): void {
    let told = 0;
    for (const causes of this.#causes.values()) {
      for (const cause of causes.values()) {
        if (cause.leftOut > 0 && told++ < TOLD_AT_ONCE) this.#tell(cause);
      }
    }
    this.#causes.clear();
  }

  #tell(cause: Cause): void {
    const { level, address, agency, lines } = cause;
    this.#logger.log(level, {
      action: "log",
      result: "fail",
      ip: address,
      ...(agency === undefined ? {} : { agency }),
      lines,
      left_out: cause.tell(),
    });
  }

  #causeOf({ address, agency }: Source, level: LogLevel, event: LogEvent): Cause {
    const crowded = this.#causes.size >= ADDRESSES_MAX && !this.#causes.has(address);
    const place = crowded ? OTHER : address;
    let causes = this.#causes.get(place);
    if (causes === undefined) {
      causes = new Map();
      this.#causes.set(place, causes);
    }
    const lines = describeCause(event);
    const key = agency === undefined ? lines : `${lines} ${agency}`;
    const known = causes.get(key);
    if (known !== undefined) return known;
    if (causes.size < CAUSES_PER_ADDRESS_MAX) {
      const cause = new Cause({ address: place, agency }, lines, level, event, this.#clock.nowMs());
      causes.set(key, cause);
      return cause;
    }
    const others = causes.get(OTHER);
    if (others !== undefined) return others;
    const cause = new Cause({ address: place }, OTHER, level, event, this.#clock.nowMs());
    causes.set(OTHER, cause);
    return cause;
  }
}

/** What one peer does in one way, and how much of it may be written. */
class Cause {
  readonly address: string;
  readonly agency: Source["agency"];
  /** Which lines these are. */
  readonly lines: string;
  readonly level: LogLevel;
  /** The exercise says what the line is: nothing may be added to it. */
  readonly exact: boolean;
  leftOut = 0;
  readonly #most: number;
  #allowed: number;
  #atMs: number;

  constructor(source: Source, lines: string, level: LogLevel, event: LogEvent, nowMs: number) {
    this.address = source.address;
    this.agency = source.agency;
    this.lines = lines;
    this.level = level;
    this.exact = isMandated(event);
    this.#most = WORK.has(event.action) ? WORK_LINES : TROUBLE_LINES;
    this.#allowed = this.#most;
    this.#atMs = nowMs;
  }

  /** @returns whether a line may be written now */
  take(nowMs: number): boolean {
    this.#refill(nowMs);
    if (this.#allowed < 1) return false;
    this.#allowed--;
    return true;
  }

  /** @returns how many were left out, which is told herewith */
  tell(): number {
    const { leftOut } = this;
    this.leftOut = 0;
    return leftOut;
  }

  /** Whether there is nothing to remember. */
  isQuiet(nowMs: number): boolean {
    this.#refill(nowMs);
    return this.#allowed >= this.#most;
  }

  #refill(nowMs: number): void {
    const seconds = (nowMs - this.#atMs) / 1000;
    this.#allowed = Math.min(this.#allowed + seconds, this.#most);
    this.#atMs = nowMs;
  }
}

/** Matches our own words at the beginning of a reason: a number or a peer's text may follow. */
const OWN_WORDS = /^[A-Za-z_ -]{0,40}/;

function describeCause(event: LogEvent): string {
  const { action, result } = event;
  const reason = event["code"] ?? event["reason"] ?? event["error"];
  const words = typeof reason === "string" ? (OWN_WORDS.exec(reason)?.[0].trimEnd() ?? "") : "";
  return words === "" ? `${action} ${result}` : `${action} ${result} ${words}`;
}
