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

// Limits for what the program holds or waits for because of peers, if one limit depends on another. A limit
// that depends on no other is where it is used; a size that a format defines is in `wire.ts` or `layout.ts`.

const KIB = 1024;
const MIB = 1024 * KIB;

/** The longest canonical line: both names have only quotes, which are written twice, within quotes. */
export const LINE_BYTES_MAX: number =
  `${AGENCY_MAX}`.length +
  2 * (2 * NAME_BYTES_MAX + 2) +
  DOCUMENT_DIGITS_MAX +
  "YYYY-MM-DD".length +
  `${NUMBER_MAX}`.length +
  ",,,,,\r\n".length;

/** Bounds for the largest frame: the smallest holds any valid bet, the largest fits twice into a group. */
export const FRAME_BYTES_MIN: number = 2 * KIB;
export const FRAME_BYTES_MAX: number = MIB;

/**
 * Canonical lines may be longer than their frame, because dialects quote nothing and some name the agency
 * once. But they are at most twice as long: quoting at most doubles a name, and the other parts of a line are
 * less than twice as long as in any dialect.
 */
export const LINES_PER_FRAME = 2;

/**
 * The most bytes of one flush, unless configured: the record for the largest frame. Its lines may be twice as
 * long as the frame, and it has a header.
 */
export const GROUP_BYTES: number = 2 * MIB + 4 * KIB;
/** The most buffers for groups that are written or wait, which limits the pending bytes. */
export const GROUPS_MAX = 4;

/** After so many bytes of a connection every dialect must say yes or no. */
export const RECOGNISE_BYTES_MAX = 64;

/** A longer answer is sent in parts: a network segment holds no more, so it would be cut anyway. */
export const PART_BYTES_MAX: number = 64 * KIB;

/** The most bytes that a peer may send after we have ended our side: more than can be in flight then. */
export const LINGER_BYTES_MAX: number = 16 * MIB;

/** One in ten connections is kept for peers that do not wait for the draw. */
const KEPT_FREE = 10;

/** How many connections may wait for the draw, of `connectionsMax` in all. */
export function waitingMax(connectionsMax: number): number {
  return connectionsMax - Math.floor(connectionsMax / KEPT_FREE);
}

/** The limits of a central that are not configured: the defaults of the settings too. */
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

/** The longest wait that can be configured: 500 hours. Node's timers can wait 596 h 31 min. */
export const WAIT_MS_MAX: number = 500 * 3_600_000;

/** Both included. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

const FRAME: Bounds = { min: FRAME_BYTES_MIN, max: FRAME_BYTES_MAX };
const WAIT: Bounds = { min: 1, max: WAIT_MS_MAX };
const CONNECTIONS: Bounds = { min: 1, max: 1_000_000 };

/** The values that each limit may have, from a setting or from an embedding program. */
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

/** The most bytes of lines that a batch can have within these limits. */
export function linesBytesMax(
  limits: Pick<CentralLimits, "frameBytesMax" | "courseFrameBytesMax">,
): number {
  return LINES_PER_FRAME * Math.max(limits.frameBytesMax, limits.courseFrameBytesMax);
}

/** The smallest allowed peer buffer: the exercise's echo sends whole frames back. */
export function peerBufferBytesMin({
  frameBytesMax,
}: Pick<CentralLimits, "frameBytesMax">): number {
  return frameBytesMax;
}

/**
 * Fills in the defaults, and checks all limits against their bounds and each other. The loader of the
 * configuration does the same, and names the settings.
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

/** @throws RangeError naming both numbers */
function expectAtMost([small, value]: Named, [large, max]: Named): void {
  if (value <= max) return;
  throw new RangeError(`Cannot run with such limits: ${small} is ${value}, and ${large} is ${max}`);
}

/** Checks the relations between the numbers of this file, so that a change that breaks one is reported. */
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
  // While one group is written the next one gathers.
  expectAtMost(["the groups that are needed", 2], ["GROUPS_MAX", GROUPS_MAX]);

  const leastFrame: Named = ["FRAME_BYTES_MIN", FRAME_BYTES_MIN];
  expectAtMost(["the frame of the longest bet", BATCH_OVERHEAD_BYTES + LINE_BYTES_MAX], leastFrame);
  // The bytes kept of an unknown peer are not more than those kept of a message.
  expectAtMost(["RECOGNISE_BYTES_MAX", RECOGNISE_BYTES_MAX], leastFrame);
  // Before WELCOME an agency does not know the central's limit, and uses the protocol's own.
  expectAtMost(["a native frame", NATIVE_FRAME_BYTES], ["the default frame", frameBytesMax]);

  // One part of an answer must not exceed the buffer of a peer that reads.
  expectAtMost(["PART_BYTES_MAX", PART_BYTES_MAX], ["a peer's buffer", peerBufferBytesMax]);
  const linger: Named = ["LINGER_BYTES_MAX", LINGER_BYTES_MAX];
  expectAtMost(["a window of frames", WINDOW * frameBytesMax], linger);
  expectAtMost(["FRAME_BYTES_MAX", FRAME_BYTES_MAX], linger);

  const waiting = waitingMax(connectionsMax);
  // A new connection finds a place while all others wait.
  expectAtMost(["those that wait, and one more", waiting + 1], ["connectionsMax", connectionsMax]);
  // The limit on half-closed connections must be reached before the limit on all that wait.
  expectAtMost(["halfClosedMax", halfClosedMax], ["those that wait", waiting]);
  expectAtMost(
    ["halfClosedPerAgencyMax", halfClosedPerAgencyMax],
    ["waitingPerAgencyMax", waitingPerAgencyMax],
  );
}

expectRelations();
