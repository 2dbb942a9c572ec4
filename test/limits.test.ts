import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import type { CentralLimits } from "../src/config/central-config.ts";
import {
  DEFAULT_LIMITS,
  FRAME_BYTES_MAX,
  GROUP_BYTES,
  LIMIT_BOUNDS,
  LINE_BYTES_MAX,
  LINES_PER_FRAME,
  linesBytesMax,
  usableLimits,
  waitingMax,
} from "../src/limits.ts";
import { AGENCY_MAX, type AgencyId, type Bet, DOCUMENT_MAX } from "../src/lottery/bet.ts";
import { formatLine } from "../src/lottery/canonical-line.ts";
import { checkBet } from "../src/lottery/check-bet.ts";
import { AGENCY_DIALERS } from "../src/protocols/dialects.ts";

/** The compiled module, next to the compiled form of this test. */
const MODULE = new URL("../src/limits.js", import.meta.url);

/** Loads the module with one number changed. */
async function loadWith(find: RegExp, replacement: string): Promise<unknown> {
  const source = readFileSync(MODULE, "utf8");
  const changed = source.replace(find, replacement);
  assert.notEqual(changed, source, `${find} is not in the module`);
  const dir = mkdtempSync(join(tmpdir(), "quiniela-limits-"));
  try {
    const file = join(dir, "limits.mjs");
    // Its imports still lead to the original files.
    writeFileSync(
      file,
      changed.replaceAll(/from "(\.[^"]+)"/g, (_, path) => fromModule(path)),
    );
    return await import(pathToFileURL(file).href);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function fromModule(path: string): string {
  return `from "${new URL(path, MODULE).href}"`;
}

const bet = (names: { firstName: string; lastName: string }): Bet => ({
  agency: AGENCY_MAX as AgencyId,
  document: "1",
  birthdate: "2000-01-01",
  number: 0,
  ...names,
});

describe("limits", () => {
  it("let the program start as they are", async () => {
    await loadWith(/$/, "\n");
  });

  const broken: readonly [what: string, find: RegExp, replacement: string, told: string][] = [
    [
      "a group that cannot hold the largest frame's lines",
      /GROUP_BYTES = [^;]+;/,
      "GROUP_BYTES = 2 * MIB;",
      "the record of the largest frame is 2097220, and the group is 2097152",
    ],
    [
      "a larger frame, with the group as it was",
      /FRAME_BYTES_MAX = MIB;/,
      "FRAME_BYTES_MAX = 2 * MIB;",
      "the record of the largest frame is 4194372, and the group is 2101248",
    ],
    [
      "a group that no segment holds",
      /GROUP_BYTES = [^;]+;/,
      "GROUP_BYTES = 16 * MIB;",
      "the group is 16777216, and a segment's room is 16777184",
    ],
    [
      "one group, so that nothing gathers during a write",
      /GROUPS_MAX = 4;/,
      "GROUPS_MAX = 1;",
      "the groups that are needed is 2, and GROUPS_MAX is 1",
    ],
    [
      "frames that some bets do not fit in",
      /FRAME_BYTES_MIN = [^;]+;/,
      "FRAME_BYTES_MIN = KIB;",
      "the frame of the longest bet is 1080, and FRAME_BYTES_MIN is 1024",
    ],
    [
      "strangers of whom more is kept than a message has",
      /RECOGNISE_BYTES_MAX = 64;/,
      "RECOGNISE_BYTES_MAX = 4096;",
      "RECOGNISE_BYTES_MAX is 4096, and FRAME_BYTES_MIN is 2048",
    ],
    [
      "a default that is less than an agency sends without asking",
      / frameBytesMax: 8 \* KIB/,
      " frameBytesMax: 4 * KIB",
      "a native frame is 8192, and the default frame is 4096",
    ],
    [
      "parts of answers that count as unread",
      /PART_BYTES_MAX = [^;]+;/,
      "PART_BYTES_MAX = 2 * MIB;",
      "PART_BYTES_MAX is 2097152, and a peer's buffer is 1048576",
    ],
    [
      "an end that a window of frames outlasts",
      /LINGER_BYTES_MAX = [^;]+;/,
      "LINGER_BYTES_MAX = 500 * KIB;",
      "a window of frames is 524288, and LINGER_BYTES_MAX is 512000",
    ],
    [
      "an end that the largest frame outlasts",
      /LINGER_BYTES_MAX = [^;]+;/,
      "LINGER_BYTES_MAX = 1000 * KIB;",
      "FRAME_BYTES_MAX is 1048576, and LINGER_BYTES_MAX is 1024000",
    ],
    [
      "no place kept free",
      /KEPT_FREE = 10;/,
      "KEPT_FREE = 20_000;",
      "those that wait, and one more is 10001, and connectionsMax is 10000",
    ],
    [
      "more that have ended their side than may wait",
      /halfClosedMax: 1000,/,
      "halfClosedMax: 9001,",
      "halfClosedMax is 9001, and those that wait is 9000",
    ],
    [
      "more of one agency that have ended their side than may wait",
      /halfClosedPerAgencyMax: 4,/,
      "halfClosedPerAgencyMax: 17,",
      "halfClosedPerAgencyMax is 17, and waitingPerAgencyMax is 16",
    ],
  ];
  for (const [what, find, replacement, told] of broken) {
    it(`prevent a start of the program with ${what}`, async () => {
      await assert.rejects(loadWith(find, replacement), {
        name: "RangeError",
        message: `Cannot run with such limits: ${told}`,
      });
    });
  }

  it("prevent a start of the program with a default that is not allowed", async () => {
    await assert.rejects(loadWith(/stopGraceMs: 300,/, "stopGraceMs: -1,"), {
      name: "RangeError",
      message: "Cannot use the limits: stopGraceMs is -1; allowed: a number from 0 to 1800000000",
    });
  });

  it("have the right length of the longest line of a bet", () => {
    const quotes = '"'.repeat(255);
    const longest = {
      ...bet({ firstName: quotes, lastName: quotes }),
      document: `${DOCUMENT_MAX}`,
      number: 9999,
    };
    assert.equal(checkBet(longest, 20_261_120), undefined);
    assert.equal(Buffer.byteLength(formatLine(longest)), LINE_BYTES_MAX);
  });

  for (const [name, { measure }] of AGENCY_DIALERS) {
    it(`are right that no line is more than twice as long as the bytes of ${name} for it`, () => {
      for (const first of [1, 2, 23, 254, 255]) {
        for (const last of [0, 1, 2, 23, 255]) {
          const one = bet({ firstName: '"'.repeat(first), lastName: '"'.repeat(last) });
          const lineBytes = Buffer.byteLength(formatLine(one));
          const bytes = measure.betBytes(one, lineBytes, 1);
          // fixed70 writes 70 bytes whatever the names are, and no longer names than 24 bytes.
          if (name.startsWith("fixed70") && Math.max(first, last) > 24) continue;
          assert.ok(
            lineBytes <= LINES_PER_FRAME * bytes,
            `${lineBytes} of ${bytes} bytes, with names of ${first} and ${last} quotes`,
          );
        }
      }
    });
  }

  it("have a group that is large enough for the lines of the largest frame", () => {
    const frame = LIMIT_BOUNDS.frameBytesMax.max;
    assert.equal(frame, FRAME_BYTES_MAX);
    assert.equal(LIMIT_BOUNDS.courseFrameBytesMax.max, frame);
    const limits = { frameBytesMax: 2048, courseFrameBytesMax: frame };
    assert.equal(linesBytesMax(limits), 2 * frame);
    assert.equal(linesBytesMax({ ...limits, frameBytesMax: frame }), 2 * frame);
    assert.ok(linesBytesMax(limits) < GROUP_BYTES);
  });

  it("keep one connection in ten for peers that do not wait", () => {
    assert.deepEqual([1, 9, 10, 19, 20, 10_000].map(waitingMax), [1, 9, 9, 18, 18, 9000]);
  });
});

describe("limits that a program sets", () => {
  it("are the defaults if none is given", () => {
    assert.deepEqual(usableLimits(), DEFAULT_LIMITS);
    assert.deepEqual(usableLimits({ refusedMax: 7 }), { ...DEFAULT_LIMITS, refusedMax: 7 });
  });

  for (const name of Object.keys(LIMIT_BOUNDS) as (keyof CentralLimits)[]) {
    const { min, max } = LIMIT_BOUNDS[name];

    it(`accept ${name} at its bounds, and not beyond them`, () => {
      for (const value of [min, max]) {
        // A limit that depends on it is changed too.
        const along = name === "frameBytesMax" ? { peerBufferBytesMax: 1 << 30 } : {};
        const small = name === "peerBufferBytesMax" ? { frameBytesMax: 2048 } : {};
        assert.equal(usableLimits({ ...along, ...small, [name]: value })[name], value);
      }
      const whole = name.endsWith("Ms") ? "a number" : "a whole number";
      const half = whole === "a whole number" ? [min + 0.5] : [];
      for (const value of [min - 1, max + 1, Number.NaN, Number.POSITIVE_INFINITY, ...half]) {
        assert.throws(() => usableLimits({ [name]: value }), {
          name: "RangeError",
          message: `Cannot use the limits: ${name} is ${value}; allowed: ${whole} from ${min} to ${max}`,
        });
      }
    });
  }

  it("have room for a frame in a peer's buffer", () => {
    assert.throws(() => usableLimits({ frameBytesMax: 16_384, peerBufferBytesMax: 8192 }), {
      name: "RangeError",
      message:
        "Cannot use the limits: peerBufferBytesMax is 8192, less than frameBytesMax; allowed: 16384 or more",
    });
  });
});
