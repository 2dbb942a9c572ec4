import type { CentralLimits } from "./config/central-config.ts";
import { AGENCY_MAX, DOCUMENT_DIGITS_MAX, NAME_BYTES_MAX, NUMBER_MAX } from "./lottery/bet.ts";
import {
  BATCH_OVERHEAD_BYTES,
  FRAME_BYTES_MAX as NATIVE_FRAME_BYTES,
  WINDOW,
} from "./protocols/dialects/native/wire.ts";
import {
  RECORD_HEADER_BYTES,
  SEGMENT_BYTES,
  SEGMENT_HEADER_BYTES,
} from "./stores/ledger/layout.ts";

// What peers can make the program hold or wait for, where one maximum depends on another. A maximum that
// stands alone is where it is used; what only a format says is in its `wire.ts` or `layout.ts`, and is read from there.

const KIB = 1024;
const MIB = 1024 * KIB;

/** The longest canonical line: both names full of quotes, which are written twice, in quotes. */
export const LINE_BYTES_MAX: number =
  `${AGENCY_MAX}`.length +
  2 * (2 * NAME_BYTES_MAX + 2) +
  DOCUMENT_DIGITS_MAX +
  "YYYY-MM-DD".length +
  `${NUMBER_MAX}`.length +
  ",,,,,\r\n".length;

/** What the largest frame may be set to. The least holds any valid bet; the most fits into a group twice. */
export const FRAME_BYTES_MIN: number = 2 * KIB;
export const FRAME_BYTES_MAX: number = MIB;

/**
 * Canonical lines may be longer than the frame that brings them, because dialects quote nothing and some
 * name the agency once. They are not twice as long: what is quoted doubles at the most, and what else a
 * line has is less than twice what any dialect writes.
 */
export const LINES_PER_FRAME = 2;

/**
 * Bytes that one flush may write, unless configured: the record of the largest frame's lines, which a
 * record's header makes longer than twice the frame.
 */
export const GROUP_BYTES: number = 2 * MIB + 4 * KIB;
/** Buffers for what is being written and what waits: the bound on pending bytes. */
export const GROUPS_MAX = 4;

/** After this many bytes of a connection every dialect must have made up its mind. */
export const RECOGNISE_BYTES_MAX = 64;

/** A longer answer leaves in parts: no segment of a network holds more, so what is larger is cut anyway. */
export const PART_BYTES_MAX: number = 64 * KIB;

/** What a peer may still send after we have ended our side: more than can be under way by then. */
export const LINGER_BYTES_MAX: number = 16 * MIB;

/** This part of all connections is kept for those that do not wait for the draw: one in ten. */
const KEPT_FREE = 10;

/** How many of so many connections may wait for the draw. */
export function waitingMax(connectionsMax: number): number {
  return connectionsMax - Math.floor(connectionsMax / KEPT_FREE);
}

/** What a central is held to unless it is told otherwise: the settings' defaults too. */
export const DEFAULT_LIMITS: CentralLimits = {
  frameBytesMax: 8 * KIB,
  courseFrameBytesMax: 128 * KIB,
  headerTimeoutMs: 10_000,
  frameTimeoutMs: 30_000,
  idleTimeoutMs: 300_000,
  peerBufferBytesMax: MIB,
  connectionsMax: 10_000,
  connectionsPerAddressMax: 0,
  refusedMax: 10_000,
  waitingPerAgencyMax: 16,
  halfClosedPerAgencyMax: 4,
  halfClosedMax: 1000,
  stopGraceMs: 300,
};

/** The longest that may be waited for anything: 500 hours. Node's timers can wait 596 h 31 min. */
export const WAIT_MS_MAX: number = 500 * 3_600_000;

/** Both included. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

const FRAME: Bounds = { min: FRAME_BYTES_MIN, max: FRAME_BYTES_MAX };
const WAIT: Bounds = { min: 1, max: WAIT_MS_MAX };
const CONNECTIONS: Bounds = { min: 1, max: 1_000_000 };

/** What each limit may be, whoever sets it. */
export const LIMIT_BOUNDS: Readonly<Record<keyof CentralLimits, Bounds>> = {
  frameBytesMax: FRAME,
  courseFrameBytesMax: FRAME,
  headerTimeoutMs: WAIT,
  frameTimeoutMs: WAIT,
  idleTimeoutMs: WAIT,
  peerBufferBytesMax: { min: FRAME_BYTES_MIN, max: 1024 * MIB },
  connectionsMax: CONNECTIONS,
  connectionsPerAddressMax: { min: 0, max: CONNECTIONS.max },
  refusedMax: { min: 0, max: 1_000_000_000 },
  waitingPerAgencyMax: CONNECTIONS,
  halfClosedPerAgencyMax: CONNECTIONS,
  halfClosedMax: CONNECTIONS,
  stopGraceMs: { min: 0, max: WAIT_MS_MAX },
};

/** The longest lines that a batch may have within these limits. */
export function linesBytesMax(
  limits: Pick<CentralLimits, "frameBytesMax" | "courseFrameBytesMax">,
): number {
  return LINES_PER_FRAME * Math.max(limits.frameBytesMax, limits.courseFrameBytesMax);
}

/** The least that may wait for a peer: the echo of the exercise sends whole frames back. */
export function peerBufferBytesMin({
  frameBytesMax,
}: Pick<CentralLimits, "frameBytesMax">): number {
  return frameBytesMax;
}

/**
 * Puts defaults where nothing is given, and holds all limits against their bounds and each other. The
 * loader of the configuration does the same, and names the settings.
 *
 * @throws RangeError naming the limit, its value and what is allowed
 */
export function usableLimits(given: Partial<CentralLimits> = {}): CentralLimits {
  const limits = { ...DEFAULT_LIMITS, ...given };
  expectUsable(limits);
  return limits;
}

function expectUsable(limits: CentralLimits): void {
  for (const [name, { min, max }] of Object.entries(LIMIT_BOUNDS)) {
    const value = limits[name as keyof CentralLimits];
    const usable = value >= min && value <= max && (name.endsWith("Ms") || Number.isInteger(value));
    if (!usable) {
      throw new RangeError(
        `Cannot use the limits: ${name} is ${value}; allowed: ${numberKind(name)} from ${min} to ${max}`,
      );
    }
  }
  const { peerBufferBytesMax } = limits;
  const least = peerBufferBytesMin(limits);
  if (peerBufferBytesMax < least) {
    throw new RangeError(
      `Cannot use the limits: peerBufferBytesMax is ${peerBufferBytesMax}, less than frameBytesMax; allowed: ${least} or more`,
    );
  }
}

function numberKind(name: string): string {
  return name.endsWith("Ms") ? "a number" : "a whole number";
}

type Named = readonly [name: string, value: number];

/** @throws RangeError naming both */
function expectAtMost([small, value]: Named, [large, max]: Named): void {
  if (value <= max) return;
  throw new RangeError(`Cannot run with such limits: ${small} is ${value}, and ${large} is ${max}`);
}

/** What must hold between the numbers of this file, so that whoever changes one hears of the others. */
function expectRelations(): void {
  const { connectionsMax, frameBytesMax, halfClosedMax, peerBufferBytesMax } = DEFAULT_LIMITS;
  const { halfClosedPerAgencyMax, waitingPerAgencyMax } = DEFAULT_LIMITS;
  expectUsable(DEFAULT_LIMITS);

  const group: Named = ["the group", GROUP_BYTES];
  const recordBytes = RECORD_HEADER_BYTES + LINES_PER_FRAME * FRAME_BYTES_MAX;
  // Otherwise no buffer could hold the first large batch, and the central would stop.
  expectAtMost(["the record of the largest frame", recordBytes], group);
  // A group is written into one segment.
  expectAtMost(group, ["a segment's room", SEGMENT_BYTES - SEGMENT_HEADER_BYTES]);
  // While one is written the next gathers.
  expectAtMost(["the groups that are needed", 2], ["GROUPS_MAX", GROUPS_MAX]);

  const leastFrame: Named = ["FRAME_BYTES_MIN", FRAME_BYTES_MIN];
  expectAtMost(["the frame of the longest bet", BATCH_OVERHEAD_BYTES + LINE_BYTES_MAX], leastFrame);
  // What is kept of a stranger's bytes is no more than what is kept of a message.
  expectAtMost(["RECOGNISE_BYTES_MAX", RECOGNISE_BYTES_MAX], leastFrame);
  // An agency that was not told of the limit yet keeps to the protocol's own.
  expectAtMost(["a native frame", NATIVE_FRAME_BYTES], ["the default frame", frameBytesMax]);

  // What one answer brings at once must not count as unread by a peer that reads.
  expectAtMost(["PART_BYTES_MAX", PART_BYTES_MAX], ["a peer's buffer", peerBufferBytesMax]);
  const linger: Named = ["LINGER_BYTES_MAX", LINGER_BYTES_MAX];
  expectAtMost(["a window of frames", WINDOW * frameBytesMax], linger);
  expectAtMost(["FRAME_BYTES_MAX", FRAME_BYTES_MAX], linger);

  const waiting = waitingMax(connectionsMax);
  // A new connection finds a place while all others wait.
  expectAtMost(["those that wait, and one more", waiting + 1], ["connectionsMax", connectionsMax]);
  // A limit on some of them must be reached before that on all.
  expectAtMost(["halfClosedMax", halfClosedMax], ["those that wait", waiting]);
  expectAtMost(
    ["halfClosedPerAgencyMax", halfClosedPerAgencyMax],
    ["waitingPerAgencyMax", waitingPerAgencyMax],
  );
}

expectRelations();
