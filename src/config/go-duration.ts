/**
 * Durations as Go's `time` package reads and prints them: the course's client is written in Go, and its files
 * and log lines have such texts. Values are nanoseconds, within 64 bits as in Go.
 */

const SECOND = 1_000_000_000n;
const MINUTE = 60n * SECOND;
const HOUR = 60n * MINUTE;

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  "\u00b5s": 1_000n, // micro sign
  "\u03bcs": 1_000n, // Greek mu
  ms: 1_000_000n,
  s: SECOND,
  m: MINUTE,
  h: HOUR,
};

const DURATION_MAX = 2n ** 63n - 1n;

/**
 * Reads `5s`, `1m30s`, `1.5h`, `-100ms`: signed decimal numbers, each with a unit, as Go's
 * `time.ParseDuration`.
 *
 * @returns nanoseconds, or undefined when Go reports an error
 */
export function parseGoDuration(text: string): bigint | undefined {
  const sign = /^[-+]/.exec(text)?.[0] ?? "";
  const unsigned = text.slice(sign.length);
  // Only this duration needs no unit.
  if (unsigned === "0") return 0n;
  if (!/^(?:(?:\d+\.?\d*|\.\d+)[^\d.]+)+$/.test(unsigned)) return undefined;

  let total = 0n;
  for (const [, whole = "", fraction = "", unit = ""] of unsigned.matchAll(PART)) {
    const size = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
    if (size === undefined) return undefined;
    total += BigInt(whole) * size + fractionOf(fraction, size);
    // A 64-bit integer has one more value below zero than above.
    if (total > DURATION_MAX + (sign === "-" ? 1n : 0n)) return undefined;
  }
  return sign === "-" ? -total : total;
}

const PART = /(\d*)\.?(\d*)([^\d.]+)/g;

/** Computes as Go does: in floating point, and without the digits that overflow 63 bits. */
function fractionOf(digits: string, unit: bigint): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit);
    if (next > DURATION_MAX) break;
    value = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(value) * (Number(unit) / scale)));
}

/**
 * Prints as Go's `Duration.String`: `1h0m0s`, `1m30s`, `1.5s`, `100ms`, `0s`.
 *
 * @param nanoseconds within 64 bits
 */
export function formatGoDuration(nanoseconds: bigint): string {
  if (nanoseconds < 0n) return `-${formatGoDuration(-nanoseconds)}`;
  if (nanoseconds === 0n) return "0s";
  if (nanoseconds < 1_000n) return `${nanoseconds}ns`;
  if (nanoseconds < 1_000_000n) return `${decimal(nanoseconds, 1_000n)}\u00b5s`;
  if (nanoseconds < SECOND) return `${decimal(nanoseconds, 1_000_000n)}ms`;

  const hours = nanoseconds / HOUR;
  const minutes = (nanoseconds % HOUR) / MINUTE;
  const seconds = `${decimal(nanoseconds % MINUTE, SECOND)}s`;
  if (hours > 0n) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0n ? `${minutes}m${seconds}` : seconds;
}

/** `value / unit` in decimals, without zeros at the end. */
function decimal(value: bigint, unit: bigint): string {
  const digits = String(unit).length - 1;
  const fraction = String(value % unit)
    .padStart(digits, "0")
    .replace(/0+$/, "");
  return fraction === "" ? String(value / unit) : `${value / unit}.${fraction}`;
}
